#!/usr/bin/env bats
# A program that no one here wrote, Node.js for Windows, does the same hosted as bare: its sockets are overlapped, with
# completion ports, AcceptEx and ConnectEx. scripts/setup fetches it.

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
    node="$PROJECT/build/deps/node/node.exe"
    [[ -f $node ]] || skip 'Node.js for Windows is not there: scripts/setup had no npm, or npm could not fetch it'
    cd "$BATS_TEST_DIRNAME" || return
}

expected='TCP echo
TCP echo, 50 at once
TCP echo over IPv6
connection refused
address in use
HTTP requests
UDP echo
child process
socket handed to a child'

# usage: same COMMAND…: what it says, line by line, and nothing else. Into files, because Node.js does not write into a
# pipe that Wine inherited.
same()
{
    local status=0
    timeout 120 "$@" foreign.js </dev/null >"$BATS_TEST_TMPDIR/out" 2>"$BATS_TEST_TMPDIR/err" || status=$?
    assert_equal "$(tr -d '\r' <"$BATS_TEST_TMPDIR/err")" ''
    assert_equal "$(tr -d '\r' <"$BATS_TEST_TMPDIR/out")" "$expected"
    assert_equal "$status" 0
}

@test 'Node.js, bare' {
    same "$PROJECT/scripts/wine" "$node"
}

@test 'Node.js, hosted' {
    [[ -f $X64/wsplsp-host.dll ]] || skip 'the host has not been built'
    same "$PROJECT/scripts/wine" "$X64/wsplsp.exe" run --strict -- "$node"
}
