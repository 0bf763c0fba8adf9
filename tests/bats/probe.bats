#!/usr/bin/env bats
# wsplsp probe: connections by several ways, for real, and layers that spoil them. The test layers are hosted by `wsplsp
# run`, so that the catalog's way goes through them and the base's does not.

load common
load peer

setup_file()
{
    wine_start
}

teardown_file()
{
    [[ -z ${WSPLSP_WINE_KEEP-} ]] || timeout 60 "$PROJECT/scripts/wine" "$X64/wsplsp.exe" wsk unload >/dev/null 2>&1 || true
    wine_stop
}

setup()
{
    [[ $BATS_TEST_DESCRIPTION == native:* ]] || {
        skip_without_wine
        [[ -f $X64/wsplsp-host.dll && -f $X64/tests/probe_clean.dll ]] || skip 'the host or the test layers have not been built'
    }
}

teardown()
{
    peer_stop
    [[ $BATS_TEST_DESCRIPTION != kernel:* ]] || unload_driver >/dev/null 2>&1 || true
}

# usage: probe ARGUMENT …
probe()
{
    wine_json probe "$@"
}

# The same under layers, the last on top. usage: probe_under LAYER[,SETTING]… [LAYER…] -- ARGUMENT …
probe_under()
{
    local layers=()
    while [[ $1 != -- ]]; do
        layers+=(--layer "$X64/tests/probe_${1%%,*}.dll,name=${1##*,}")
        shift
    done
    shift
    run --separate-stderr timeout 120 "$PROJECT/scripts/wine" "$X64/wsplsp.exe" run --strict "${layers[@]}" -- "$X64/wsplsp.exe" \
        probe "$@" --json
    output=${output//$'\r'/}
    assert_json
}

# What the verdict blames: "CAUSE LAYER …", and the status that goes with it.
# usage: assert_verdict STATUS CAUSE [LAYER …]
assert_verdict()
{
    assert_equal "$status" "$1"
    assert_equal "$(jq -r '[.verdict.cause, .verdict.layers[]] | join(" ")' <<<"$output")" "${*:2}"
    assert_jq '.verdict.agree == ($status == "0")' --arg status "$1"
    assert_schema probe
}

# The results, way by way: "catalog ok", "base WSAECONNREFUSED", "kernel -".
ways()
{
    jq -r '[.tried[-1].ways[] | .way + " " + (if .untried then "-" elif .error then .error.name else "ok" end)] | join(", ")' \
        <<<"$output"
}

load_driver()
{
    [[ -f $X64/wsplsp-wsk.sys ]] || skip 'the driver has not been built'
    run timeout 120 "$PROJECT/scripts/wine" "$X64/wsplsp.exe" wsk load --force
    assert_success
}

unload_driver()
{
    timeout 120 "$PROJECT/scripts/wine" "$X64/wsplsp.exe" wsk unload
}

# usage: assert_usage TEXT ARGUMENT …
assert_usage()
{
    run --separate-stderr wsplsp probe "${@:2}" --json
    assert_equal "$status" 2
    assert_jq '.error.name == "USAGE" and (.error.message | contains($text)) and .error.hint != null' --arg text "$1"
}

@test 'native: wrong usage comes before all else' {
    assert_usage "is not HOST:PORT" localhost
    assert_usage "is not HOST:PORT" ::1:80
    assert_usage "is no port" localhost:0
    assert_usage "is no port" localhost:65536
    assert_usage "is no time" localhost:80 --timeout 5h
    assert_usage "is no number" localhost:80 --count 0
    assert_usage "is no number" localhost:80 --count 1001
    assert_usage "means nothing" localhost:80 --send '\q'
    assert_usage "the running system's catalog" localhost:80 --catalog x.reg
}

@test 'native: without Windows there is nothing to probe' {
    run --separate-stderr wsplsp probe localhost:80 --json
    assert_equal "$status" 6
    assert_jq '.error.name == "NOT_WINDOWS"'
}

@test 'bare: both ways connect, and a note says what is missing' {
    peer_start echo
    probe "127.0.0.1:$PEER"
    assert_verdict 0 none
    assert_equal "$(ways)" 'catalog ok, base ok, kernel -'
    assert_jq '.tried[0].ways | .[0].catalog_id == .[1].catalog_id and .[0].layer == null and .[0].connect_ms.fastest < 1000'
    assert_jq '.notes[0] | contains("wsplsp wsk load")'
}

@test 'bare: a port on which nothing listens is refused by all ways, which agrees' {
    free_port
    probe "127.0.0.1:$PORT"
    assert_verdict 0 network
    assert_equal "$(ways)" 'catalog WSAECONNREFUSED, base WSAECONNREFUSED, kernel -'
    assert_jq '.tried[0].ways[0].error == {"code": 10061, "name": "WSAECONNREFUSED", "winsock": 10061, "step": "connect"}'
}

@test 'bare: a connection that nobody answers ends in its time' {
    peer_start full
    local before=$SECONDS
    probe "127.0.0.1:$PEER" --timeout 700ms
    assert_verdict 0 network
    assert_equal "$(ways)" 'catalog WSAETIMEDOUT, base WSAETIMEDOUT, kernel -'
    ((SECONDS - before < 30)) || fail "it took $((SECONDS - before)) s"
}

@test 'bare: IPv6' {
    python3 -c 'import socket; socket.socket(socket.AF_INET6).bind(("::1", 0))' 2>/dev/null || skip 'no IPv6 loopback here'
    peer_start echo ::1
    probe "[::1]:$PEER"
    assert_verdict 0 none
    assert_jq '.tried[0].address == "::1"'
}

@test 'bare: the next address of a name is tried where the first connects by no way' {
    peer_start echo
    probe "localhost:$PEER"
    assert_verdict 0 none
    assert_jq '.tried[-1].address == "127.0.0.1" and (.tried | length) <= .addresses'
}

@test 'bare: what is sent is answered alike, as far as it comes' {
    peer_start echo
    probe "127.0.0.1:$PEER" --send 'a\r\n\x00' --count 3
    assert_verdict 0 none
    assert_jq '.sent == 4 and .tried[0].ways[0].answer == {"size": 4, "ended": false, "start": "610d0a00"}'
    assert_jq '.tried[0].ways[1] | .tries == 3 and .succeeded == 3 and .connect_ms.fastest <= .connect_ms.mean'
    peer_stop
    peer_start closing
    probe "127.0.0.1:$PEER" --send x
    assert_verdict 0 none
    assert_jq '.tried[0].ways[0].answer == {"size": 6, "ended": true, "start": "616e73776572"}'
    peer_stop
    peer_start silent
    probe "127.0.0.1:$PEER" --send x --timeout 500ms
    assert_verdict 0 none
    assert_jq '.tried[0].ways[0].answer.size == 0'
}

@test 'bare: other answers each time are a difference that no layer is blamed for' {
    peer_start differing
    probe "127.0.0.1:$PEER" --send x
    assert_verdict 1 unclear
}

@test 'layer: one that does nothing wrong is blamed for nothing' {
    peer_start echo
    probe_under clean,Fine -- "127.0.0.1:$PEER" --send hello
    assert_verdict 0 none
    assert_jq '.tried[0].ways | .[0].layer == "Fine" and (.[0].name | startswith("Fine over ")) and .[1].layer == null'
    assert_jq '.tried[0].ways | .[0].catalog_id != .[1].catalog_id'
    free_port
    probe_under clean,Fine -- "127.0.0.1:$PORT"
    assert_verdict 0 network
}

@test 'layer: one that refuses is named' {
    peer_start echo
    probe_under refuse,Culprit -- "127.0.0.1:$PEER"
    assert_verdict 1 layer Culprit
    assert_equal "$(ways)" 'catalog WSAECONNREFUSED, base ok, kernel -'
    assert_jq '.verdict.text | contains("Layer '"'Culprit'"' is the cause")'
    assert_jq '.verdict.advice | contains("wsplsp remove \"Culprit\"") and contains("wsplsp app exempt")'
}

@test 'layer: one that delays is named' {
    peer_start echo
    probe_under delay,Slow -- "127.0.0.1:$PEER"
    assert_verdict 1 layer Slow
    assert_jq '.tried[0].ways[0].connect_ms.fastest >= 700 and .tried[0].ways[1].connect_ms.fastest < 500'
}

@test 'layer: one that corrupts is named, once something is received' {
    peer_start echo
    probe_under corrupt,Mangler -- "127.0.0.1:$PEER"
    assert_verdict 0 none
    probe_under corrupt,Mangler -- "127.0.0.1:$PEER" --send 'hello there'
    assert_verdict 1 layer Mangler
    # Each third byte has its lowest bit turned over: "l" becomes "m".
    assert_jq '.tried[0].ways[0].answer.start | startswith("68656d")'
    assert_jq '.verdict.text | contains("from offset 2 on")'
}

@test 'layer: one that changes the error is named' {
    free_port
    probe_under rewrite,Liar -- "127.0.0.1:$PORT"
    assert_verdict 1 layer Liar
    assert_equal "$(ways)" 'catalog WSAEACCES, base WSAECONNREFUSED, kernel -'
    assert_jq '.verdict.text | contains("changes the error")'
}

@test 'layer: one that never comes back is named, and does not keep probe' {
    peer_start echo
    local before=$SECONDS
    probe_under hang,Sleeper -- "127.0.0.1:$PEER" --timeout 300ms --count 5
    assert_verdict 1 layer Sleeper
    assert_equal "$(ways)" 'catalog CALL_HANGS, base ok, kernel -'
    assert_jq '.tried[0].ways[0].tries == 1'
    ((SECONDS - before < 30)) || fail "it took $((SECONDS - before)) s"
}

@test 'layers: of two, both are named, and --each-layer tells which' {
    peer_start echo
    probe_under refuse,Lower clean,Upper -- "127.0.0.1:$PEER"
    assert_verdict 1 layer Upper Lower
    assert_jq '.verdict.advice | contains("--each-layer")'
    probe_under refuse,Lower clean,Upper -- "127.0.0.1:$PEER" --each-layer
    assert_verdict 1 layer Lower
    assert_equal "$(ways)" 'catalog WSAECONNREFUSED, layer WSAECONNREFUSED, base ok, kernel -'
    probe_under clean,Lower refuse,Upper -- "127.0.0.1:$PEER" --each-layer
    assert_verdict 1 layer Upper
    assert_equal "$(ways)" 'catalog WSAECONNREFUSED, layer ok, base ok, kernel -'
}

@test 'layers: of three, the one in the middle' {
    peer_start echo
    probe_under clean,One corrupt,Two delay,Three -- "127.0.0.1:$PEER" --send 'hello there' --each-layer
    assert_verdict 1 layer Two
    probe_under clean,One delay,Two refuse,Three -- "127.0.0.1:$PEER" --each-layer
    assert_verdict 1 layer Two
}

@test 'kernel: three ways' {
    load_driver
    peer_start echo
    probe "127.0.0.1:$PEER" --send hello --count 2
    assert_verdict 0 none
    assert_equal "$(ways)" 'catalog ok, base ok, kernel ok'
    assert_jq '.tried[0].ways[2].answer.start == "68656c6c6f" and .tried[0].ways[2].tries == 2 and .notes == []'
    free_port
    probe "127.0.0.1:$PORT"
    assert_verdict 0 network
    assert_equal "$(ways)" 'catalog WSAECONNREFUSED, base WSAECONNREFUSED, kernel STATUS_CONNECTION_REFUSED'
    assert_jq '.tried[0].ways[2].error == {"code": 3221226038, "name": "STATUS_CONNECTION_REFUSED", "winsock": 10061, "step": "connect"}'
    unload_driver
}

@test 'kernel: it goes past the layers, and confirms the base' {
    load_driver
    peer_start echo
    probe_under refuse,Culprit -- "127.0.0.1:$PEER"
    assert_verdict 1 layer Culprit
    assert_equal "$(ways)" 'catalog WSAECONNREFUSED, base ok, kernel ok'
    probe_under corrupt,Mangler -- "127.0.0.1:$PEER" --send 'hello there'
    assert_verdict 1 layer Mangler
    assert_jq '.verdict.text | endswith("from offset 2 on.")'
    unload_driver
}

@test 'kernel: an answer that ends, and none' {
    load_driver
    peer_start closing
    probe "127.0.0.1:$PEER" --send x
    assert_verdict 0 none
    peer_stop
    peer_start silent
    probe "127.0.0.1:$PEER" --send x --timeout 500ms
    assert_verdict 0 none
    peer_stop
    peer_start full
    probe "127.0.0.1:$PEER" --timeout 500ms
    assert_verdict 0 network
    assert_equal "$(ways)" 'catalog WSAETIMEDOUT, base WSAETIMEDOUT, kernel STATUS_IO_TIMEOUT'
    unload_driver
}

@test 'text: a table for each address, the verdict, the advice and the note, within 80 columns' {
    peer_start echo
    run timeout 120 "$PROJECT/scripts/wine" "$X64/wsplsp.exe" run --strict --layer "$X64/tests/probe_refuse.dll,name=Culprit" -- \
        "$X64/wsplsp.exe" probe "127.0.0.1:$PEER"
    assert_equal "$status" 1
    output=${output//$'\r'/}
    assert_line --index 0 "127.0.0.1 port $PEER"
    assert_line --regexp '^  catalog  Culprit over .* connect: WSAECONNREFUSED '
    assert_output --partial "Layer 'Culprit' is the cause."
    assert_line --regexp "try 'wsplsp remove \"Culprit\"'"
    assert_line --regexp '^Note: There is no way through Winsock Kernel'
    awk 'length > 80 { exit 1 }' <<<"$output"
}
