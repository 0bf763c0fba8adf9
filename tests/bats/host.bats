#!/usr/bin/env bats
# The host's own test programs, which run without being hosted: the API over a scripted provider, the upcalls and socket
# handles, the catalog functions on a catalog file.

load common

setup_file()
{
    wine_start
}

teardown_file()
{
    wine_stop
}

# usage: passes FOLDER PROGRAM [ARGUMENT…]
passes()
{
    skip_without_wine
    cd "$1/tests" || return
    "$PROJECT/scripts/wine" --can-run "$2" || skip "this machine's Wine runs no 32-bit programs"
    run timeout 300 "$PROJECT/scripts/wine" "${@:2}"
    refute_line --partial 'not ok'
    assert_line --regexp '^1\.\.[1-9]'
    assert_success
}

@test 'the API over a scripted provider' {
    passes "$X64" test_host_api.exe
}

@test 'upcalls and socket handles' {
    passes "$X64" test_host_upcalls.exe
}

@test 'the catalog functions on a catalog file' {
    passes "$X64" test_host_wsc.exe
}

@test 'what takes the place of the system'\''s functions' {
    passes "$X64" test_host_exports.exe
}

@test 'what the host keeps for a thread' {
    passes "$X64" test_host_threads.exe
    passes "$X64" test_host_threads.exe above
}
@test 'the same as 32-bit programs' {
    passes "$BUILD/x86" test_host_threads.exe
    passes "$BUILD/x86" test_host_threads.exe above
    passes "$BUILD/x86" test_host_api.exe
    passes "$BUILD/x86" test_host_upcalls.exe
    passes "$BUILD/x86" test_host_wsc.exe
    passes "$BUILD/x86" test_host_exports.exe
}
