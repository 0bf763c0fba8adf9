#!/usr/bin/env bats
# A layer that notes and can fail every SPI call (tests/host/record.h) under wsplsp run: what reaches it, what the host
# does for it, and that programs go on as without it.

load common

EXPECTED="$PROJECT/tests/conformance/wine8.expected"

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
        run timeout 120 "$PROJECT/scripts/wine" "$FOLDER/wsplsp.exe" run "${layers[@]//MODE/mode=$mode}" -- "$@"
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
    MODES=non-ifs passes record_layer.dll,MODE -- \
        conformance.exe --expected "$EXPECTED" --family 4 --only 'overlapped-*'
}

@test 'record: 32-bit programs and layers' {
    FOLDER="$BUILD/x86"
    local topic
    for topic in calls upcalls traffic handles startup; do
        passes record_layer.dll,MODE -- test_record.exe "$topic"
    done
}
