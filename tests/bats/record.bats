#!/usr/bin/env bats
# A layer that notes and can fail every SPI call (tests/host/record.h) under wsplsp run: what reaches it, what the host
# does for it, and that programs go on as without it.

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
    FOLDER="$X64"
}

# Runs a program of the tests under layers, and its TAP has no failure: in each mode, for which MODE stands in a layer.
# usage: [MODES=mode] passes LAYER… -- PROGRAM [ARGUMENTS…]
passes()
{
    local mode layers
    [[ -x $FOLDER/tests/test_record.exe && -f $FOLDER/wsplsp-host.dll ]] || skip 'the host and its tests have not been built'
    cd "$FOLDER/tests" || return
    "$PROJECT/scripts/wine" --can-run test_record.exe || skip "this machine's Wine runs no 32-bit programs"
    layers=()
    while [[ $1 != -- ]]; do
        layers+=(--layer "$1")
        shift
    done
    shift
    for mode in ${MODES:-ifs non-ifs}; do
        run timeout 120 "$PROJECT/scripts/wine" "$FOLDER/wsplsp.exe" run --strict "${layers[@]//MODE/mode=$mode}" -- "$@"
        refute_line --partial 'not ok'
        assert_line --regexp '^1\.\.[1-9]'
        assert_equal "$mode: $status" "$mode: 0"
    done
}

@test 'record: every SPI function is reached, and its error comes out' {
    passes record_layer.dll,MODE -- test_record.exe calls
}

@test 'record: the upcalls, and their failures' {
    passes record_layer.dll,MODE -- test_record.exe upcalls
}

@test 'record: the blocking hook' {
    passes record_layer.dll,MODE -- test_record.exe blocking
}

@test 'record: data goes through' {
    passes record_layer.dll,MODE -- test_record.exe traffic
}

@test 'record: sockets are files' {
    passes record_layer.dll,MODE -- test_record.exe handles
}

@test 'record: loading, starting, stopping, unloading' {
    passes record_layer.dll,MODE -- test_record.exe startup
}

# The id that --verbose says was passed, and the one that should have been. usage: hidden FUNCTION
hidden()
{
    sed -n 's/.*record_layer\.dll passes \([0-9]*\) to '"$1"', the id .*(here \([0-9]*\))$/\1 \2/p' <<<"${stderr//$'\r'/}"
}

@test 'record: a layer that registers with its own entry'\''s id is refused where the run is strict' {
    passes record_layer.dll,MODE -- test_record.exe own-id strict
}

@test 'record: a layer that registers with its own entry'\''s id works otherwise, and --verbose tells once' {
    [[ -x $FOLDER/tests/test_record.exe ]] || skip 'the host and its tests have not been built'
    cd "$FOLDER/tests" || return
    local mode function own chain
    for mode in ifs non-ifs; do
        function=WPUModifyIFSHandle
        [[ $mode == ifs ]] || function=WPUCreateSocketHandle
        LENIENT=yes run --separate-stderr wsplsp_wine run --verbose --layer "record_layer.dll,mode=$mode" -- test_record.exe own-id lenient
        assert_success
        refute_line --partial 'not ok'
        read -r own chain < <(hidden "$function")
        # The layer's own entry comes before its chains'.
        [[ -n $own && -n $chain ]] || fail "not told: ${stderr-}"
        ((chain > own)) || fail "$own, $chain"
        [[ $(grep -c hidden <<<"$stderr") == 1 ]] || fail "told more than once: $stderr"
        LENIENT=yes run --separate-stderr wsplsp_wine run --layer "record_layer.dll,mode=$mode" -- test_record.exe own-id lenient
        assert_success
        assert_equal "$stderr" ''
    done
    run --separate-stderr wsplsp_wine run --verbose --layer record_layer.dll -- test_record.exe own-id strict
    assert_success
    # shellcheck disable=SC2154 # bats
    [[ $stderr == *'and is refused'* ]] || fail "not told: $stderr"
}

@test 'record: a layer that registers with its own entry'\''s id leaves a record in the trace' {
    [[ -f $FOLDER/wsplsp-layer.dll && -x $FOLDER/tests/test_record.exe ]] || skip 'the layer has not been built'
    cd "$FOLDER/tests" || return
    local file="$BATS_TEST_TMPDIR/calls.trace"
    LENIENT=yes run wsplsp_wine run --trace "$file" --layer ../wsplsp-layer.dll --layer record_layer.dll -- \
        test_record.exe own-id lenient
    assert_success
    run --separate-stderr wsplsp trace show --function WPUModifyIFSHandle "$file"
    assert_success
    [[ $output =~ WPUModifyIFSHandle.*id=([0-9]+).*chain=([0-9]+) ]] || fail "no record: $output"
    ((BASH_REMATCH[2] > BASH_REMATCH[1])) || fail "$output"
    run wsplsp_wine run --trace "$file" --layer ../wsplsp-layer.dll --layer record_layer.dll -- test_record.exe own-id strict
    assert_success
    run wsplsp trace show --errors --function WPUModifyIFSHandle "$file"
    assert_output --partial WSAEINVAL
}

@test 'record: connections by name' {
    passes record_layer.dll,MODE -- test_record.exe names
}

@test 'record: a layer over TCP only' {
    passes record_layer.dll,over=tcp,MODE -- test_record.exe chain tcp
}

@test 'record: two layers' {
    passes record_layer2.dll,MODE record_layer.dll,MODE -- test_record.exe chain two
    MODES=non-ifs passes record_layer2.dll,mode=ifs record_layer.dll,MODE -- test_record.exe chain two
}

@test 'record: chains of different lengths' {
    passes record_layer2.dll,over=tcp,MODE record_layer.dll,MODE -- test_record.exe chain different
    MODES=non-ifs passes record_layer2.dll,over=tcp,mode=ifs record_layer.dll,MODE -- test_record.exe chain different
}

@test 'record: two layers carry traffic' {
    local topic
    for topic in traffic handles; do
        passes record_layer2.dll,MODE record_layer.dll,MODE -- test_record.exe "$topic"
        MODES=non-ifs passes record_layer2.dll,mode=ifs record_layer.dll,MODE -- test_record.exe "$topic"
    done
}

@test 'record: the conformance program, where it is the layer that completes' {
    expect_in non-ifs-foreign
    MODES=non-ifs passes record_layer.dll,MODE -- \
        conformance.exe "${EXPECTED[@]}" --family 4 --only 'overlapped-*'
}

@test 'record: 32-bit programs and layers' {
    FOLDER="$BUILD/x86"
    local topic
    for topic in calls upcalls traffic handles startup; do
        passes record_layer.dll,MODE -- test_record.exe "$topic"
    done
}

# Runs thread_user.exe under thread_layer.dll. usage: threaded LAYER-DOES TOPIC
threaded()
{
    [[ -x $FOLDER/tests/thread_user.exe && -f $FOLDER/wsplsp-host.dll ]] || skip 'the host and its tests have not been built'
    cd "$FOLDER/tests" || return
    THREAD_LAYER=$1 run timeout 120 "$PROJECT/scripts/wine" "$FOLDER/wsplsp.exe" run --strict --layer thread_layer.dll,over=udp -- \
        thread_user.exe "$2"
    output=${output//$'\r'/}
}

@test 'record: a layer with a thread of its own stays loaded until its WSPCleanup has been called' {
    local pair
    for pair in 'pass unused' 'fail fails' 'pass used'; do
        # shellcheck disable=SC2086 # two words
        threaded $pair
        refute_output --partial 'not ok'
        assert_line --regexp '^1\.\.1'
        assert_equal "$pair: $status" "$pair: 0"
    done
}

@test 'record: WSACleanup waits for nobody when the process ends' {
    # Another thread is inside of WSACleanup, which it never leaves: 10093 is WSANOTINITIALISED.
    threaded hang ends-in-cleanup
    assert_output $'cleanup -1 10093\nstartup 0 0\nsocket 0 0\ncleanup 0 0'
    assert_success
    # Another one is inside of a provider.
    threaded pass ends-in-call
    assert_output $'cleanup 0 0\nstartup 0 0\nsocket 0 0\ncleanup 0 0'
    assert_success
}
