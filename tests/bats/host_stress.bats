#!/usr/bin/env bats
# wsplsp run with many sockets: no leak over 100,000 of them, 10,000 at once, 64 threads. The program judges itself; a
# small part of it run bare shows that the system does not fail it.

load common

setup_file()
{
    wine_start
}

teardown_file()
{
    wine_stop
}

setup()
{
    skip_without_wine
    cd "$X64/tests" || return
}

# usage: stress COMMAND…
stress()
{
    run timeout 300 "$PROJECT/scripts/wine" "$@"
    assert_line --partial 'ok 4 - many_threads'
    refute_line --partial 'not ok'
    assert_success
}

# Wine takes a file descriptor for each socket; where 10,000 are too many, it is that part of everything.
percent()
{
    local files
    files=$(ulimit -Hn)
    if [[ $files == unlimited ]] || ((files > 10500)); then echo 100; else echo $((files / 105)); fi
}

@test 'many sockets, bare' {
    stress test_host_stress.exe 3
}

@test 'many sockets, hosted' {
    stress ../wsplsp.exe run --strict -- test_host_stress.exe "$(percent)"
}

@test 'many sockets, hosted, 32 bits' {
    "$PROJECT/scripts/wine" --can-run ../../x86/tests/test_host_stress.exe || skip 'no 32-bit Wine'
    stress ../../x86/wsplsp.exe run --strict -- ../../x86/tests/test_host_stress.exe 3
}
