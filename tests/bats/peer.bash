#!/usr/bin/env bash
# For the bats files that connect to somebody: peer.py, started and ended.

# Starts a peer, and puts its port into $PEER. It ends with the test, or with peer_stop.
# usage: peer_start MANNER [ADDRESS]
peer_start()
{
    local out="$BATS_TEST_TMPDIR/peer" i
    : >"$out"
    python3 "$PROJECT/tests/probe/peer.py" "$@" </dev/null >"$out" 2>"$out.err" 3>&- &
    PEER_PROCESS=$!
    for ((i = 0; i < 100; i++)); do
        PEER=$(<"$out")
        [[ -z $PEER ]] || return 0
        kill -0 "$PEER_PROCESS" 2>/dev/null || break
        sleep 0.1
    done
    fail "the peer does not listen: $(<"$out.err")"
}

peer_stop()
{
    [[ -n ${PEER_PROCESS-} ]] || return 0
    kill "$PEER_PROCESS" 2>/dev/null || true
    wait "$PEER_PROCESS" 2>/dev/null || true
    unset PEER_PROCESS
}

# A port on which nothing listens, into $PORT.
free_port()
{
    # shellcheck disable=SC2034 # the bats files use it
    PORT=$(python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])')
}

# Runs the program for Windows under Wine with --json; the JSON in $output, without carriage returns.
# usage: wine_json ARGUMENT …
wine_json()
{
    run --separate-stderr timeout 120 "$PROJECT/scripts/wine" "$X64/wsplsp.exe" "$@" --json
    output=${output//$'\r'/}
    assert_json
}

# The JSON in $output validates against a schema.
# usage: assert_schema NAME
assert_schema()
{
    printf '%s' "$output" >"$BATS_TEST_TMPDIR/document"
    wsplsp schema "$1" >"$BATS_TEST_TMPDIR/schema"
    python3 "$TOOLS/validate.py" "$BATS_TEST_TMPDIR/schema" "$BATS_TEST_TMPDIR/document" || fail "not wsplsp/$1/1: $output"
    # shellcheck disable=SC2016 # jq's own variable
    assert_jq '.schema == $name' --arg name "wsplsp/$1/1"
}
