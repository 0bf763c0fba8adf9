#!/usr/bin/env bats
# wsplsp run --filter: what a filter sees and changes, in both modes, and the filters that are not taken.

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
    [[ -x $X64/tests/test_filter.exe && -f $X64/wsplsp-layer.dll ]] || skip 'the layer and its filters have not been built'
    cd "$X64/tests" || return
}

# `wsplsp run ARGUMENTS` under Wine, whose line ends are dropped.
hosted()
{
    run --separate-stderr wsplsp_wine run "$@"
    output=${output//$'\r'/}
    mapfile -t lines <<<"$output"
    stderr=${stderr//$'\r'/}
}

# The test program's cases all pass. usage: passes CASES ARGUMENTS…
passes()
{
    local cases=$1
    shift
    hosted "$@"
    refute_output --partial 'not ok'
    assert_equal "${lines[-1]}" "1..$cases"
    assert_success
}

# Nothing has run, and the error says why. usage: refused TEXT ARGUMENTS…
refused()
{
    local text=$1
    shift
    hosted "$@" test_filter.exe non-ifs
    assert_equal "$status" 6
    assert_equal "$output" ''
    [[ $stderr == *"$text"* ]] || fail "$stderr"
}

free_port()
{
    python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])'
}

@test 'filter: without --layer it sees everything' {
    passes 33 --filter probe_filter.dll test_filter.exe non-ifs
    assert_equal "$stderr" ''
}

@test 'filter: the layer that is put in for it posts packets that the program skips' {
    hosted --filter probe_filter.dll conformance.exe --family 4 --keep --only 'iocp/skip-on-success-pending/*'
    assert_output --partial 'ok 1 - iocp/skip-on-success-pending/4'
    refute_output --partial 'not ok'
}

@test 'filter: over a non-IFS layer' {
    passes 33 --layer ../wsplsp-layer.dll,mode=non-ifs --filter probe_filter.dll test_filter.exe non-ifs
}

@test 'filter: over an IFS layer it sees what passes through it' {
    passes 28 --layer ../wsplsp-layer.dll,mode=ifs --filter probe_filter.dll test_filter.exe ifs
    assert_equal "$stderr" ''
}

@test 'filter: --verbose says in one line what it does not see over an IFS layer' {
    hosted --verbose --layer ../wsplsp-layer.dll,mode=ifs --filter probe_filter.dll test_filter.exe ifs
    assert_success
    assert_equal "$stderr" 'wsplsp: an IFS layer: its filter does not see what is received overlapped, accepted by AcceptEx or goes through ReadFile and WriteFile, and cannot change what is sent overlapped'
    hosted --verbose --filter probe_filter.dll test_filter.exe non-ifs
    assert_equal "$stderr" ''
}

@test 'filter: with the layer twice in the chain, all passes it once' {
    passes 33 --layer ../wsplsp-layer.dll,name=Low,mode=ifs --layer ../wsplsp-layer.dll,name=High,mode=non-ifs \
        --filter probe_filter.dll test_filter.exe non-ifs
    passes 28 --layer ../wsplsp-layer.dll,name=Low,mode=non-ifs --layer ../wsplsp-layer.dll,name=High,mode=ifs \
        --filter probe_filter.dll test_filter.exe ifs
}

@test 'filter: the example notes peers, leads a port elsewhere, and makes capitals' {
    local port
    port=$(free_port)
    hosted filter_talk.exe "$port"
    assert_equal "$output" 'connect: error 10061'
    export EXAMPLE_REDIRECT=4242:$port EXAMPLE_NOTES="Z:$BATS_TEST_TMPDIR/notes"
    hosted --filter example_filter.dll filter_talk.exe "$port"
    assert_equal "$output" 'IN CAPITALS'
    assert_success
    run tr -d '\r' <"$BATS_TEST_TMPDIR/notes"
    assert_line --index 0 --regexp "^to [0-9]+ 127\.0\.0\.1:$port\$"
    assert_line --index 1 --regexp '^from [0-9]+ 127\.0\.0\.1:[0-9]+$'
    assert_equal "${#lines[@]}" 2
}

@test 'filter: a child has it, too; without it, no sockets' {
    local port
    port=$(free_port)
    export EXAMPLE_REDIRECT=4242:$port
    hosted --filter example_filter.dll cmd.exe /c filter_talk.exe "$port"
    assert_equal "$output" 'IN CAPITALS'
    hosted --filter example_filter.dll cmd.exe /c "set EXAMPLE_REDIRECT=bad&filter_talk.exe $port"
    assert_equal "$output" 'socket: error 10106'
}

@test 'filter: what has to be there for it is' {
    refused 'no wsplsp_filter_start' --filter run_layer.dll --
    refused 'cannot read' --filter no_such_filter.dll --
    refused 'its interface is of a version that wsplsp-layer.dll does not know' --filter probe_filter_old.dll --
    refused 'its interface is of a version that wsplsp-layer.dll does not know' --filter probe_filter_new.dll --
    refused 'its table is too small' --filter probe_filter_small.dll --
    refused 'it refuses to work' --filter probe_filter_refusing.dll --
    EXAMPLE_REDIRECT=bad refused 'it refuses to work' --filter example_filter.dll --
}

@test 'filter: a damaged DLL' {
    head -c 700 probe_filter.dll >"$BATS_TEST_TMPDIR/short.dll"
    refused 'is no DLL' --filter "$BATS_TEST_TMPDIR/short.dll" --
    echo text >"$BATS_TEST_TMPDIR/text.dll"
    refused 'is no DLL' --filter "$BATS_TEST_TMPDIR/text.dll" --
    # What needs a DLL that is not there looks whole, and only loading it shows.
    sed 's/KERNEL32\.dll/KERNEL99.dll/' probe_filter.dll >"$BATS_TEST_TMPDIR/needy.dll"
    refused 'Windows cannot load it' --filter "$BATS_TEST_TMPDIR/needy.dll" --
}

@test 'filter: of the other bitness' {
    [[ -f $BUILD/x86/tests/probe_filter.dll ]] || skip 'the x86 programs have not been built'
    refused 'made for programs of the other bitness' --filter "$BUILD/x86/tests/probe_filter.dll" --
    passes 33 --filter "$BUILD/x86/tests/probe_filter.dll" --filter probe_filter.dll test_filter.exe non-ifs
}

@test 'filter: two for one bitness are one too many' {
    hosted --filter probe_filter.dll --filter example_filter.dll test_filter.exe non-ifs
    assert_equal "$status" 2
    assert_equal "$output" ''
    [[ $stderr == *'there are two filters of 64 bits'* ]]
    hosted --filter '' test_filter.exe non-ifs
    assert_equal "$status" 2
}

@test 'filter: a catalog without the layer takes none' {
    wsplsp_wine catalog new "$BATS_TEST_TMPDIR/lab.reg"
    refused 'no layer in the program'\''s catalog takes a filter' --catalog "$BATS_TEST_TMPDIR/lab.reg" \
        --filter probe_filter.dll --
}
