#!/usr/bin/env bats
# wsplsp wsk: loads the driver, asks it, and unloads it, under Wine.

load common
load peer

setup_file()
{
    wine_start
}

teardown_file()
{
    [[ -z ${WSPLSP_WINE_KEEP-} ]] || wsplsp_wine wsk unload >/dev/null 2>&1 || true
    wine_stop
}

setup()
{
    [[ $BATS_TEST_DESCRIPTION == native:* ]] || {
        skip_without_wine
        [[ -f $X64/wsplsp-wsk.sys ]] || skip 'the driver has not been built'
        wsplsp_wine wsk unload >/dev/null 2>&1 || true
    }
}

teardown()
{
    peer_stop
}

# --force: the clone may be below a folder that everybody can write.
load_driver()
{
    wine_json wsk load --force
    assert_equal "$status" 0
}

# Runs a copy of wsplsp.exe in another folder, with --json.
# usage: copy_json FOLDER ARGUMENT …
copy_json()
{
    run --separate-stderr timeout 120 "$PROJECT/scripts/wine" "$1/wsplsp.exe" "${@:2}" --json
    output=${output//$'\r'/}
    assert_json
}

@test 'native: the commands say that this is no Windows, but wrong usage first' {
    local command
    for command in load unload status transports 'connect localhost 80'; do
        # shellcheck disable=SC2086 # words
        run --separate-stderr wsplsp wsk $command --json
        assert_equal "$status" 6
        assert_jq '.error.name == "NOT_WINDOWS"'
    done
    for command in connect 'connect localhost' 'connect localhost 0' 'connect localhost 80 --count 10001' \
        'connect localhost 80 --timeout 0' 'load x'; do
        # shellcheck disable=SC2086
        run --separate-stderr wsplsp wsk $command --json
        assert_equal "$status" 2
        assert_jq '.error.name == "USAGE"'
    done
}

@test 'nothing is loaded: status says so, unload has nothing to do, the others need it' {
    wine_json wsk status
    assert_equal "$status" 0
    assert_schema wsk-status
    assert_jq '.service == "absent" and .file_present and .driver == null and (.absent.driver | contains("not loaded"))'
    wine_json wsk unload
    assert_equal "$status" 3
    assert_jq '.error.message | contains("nothing to unload")'
    wine_json wsk transports
    assert_equal "$status" 3
    assert_jq '.error.hint | contains("wsplsp wsk load")'
    wine_json wsk connect 127.0.0.1 80
    assert_equal "$status" 3
}

@test 'it is loaded once, answers, and leaves nothing behind' {
    load_driver
    assert_schema wsk-load
    assert_jq '.changed and .service == "running" and .driver.connections == 0 and .driver.version == .wsplsp'
    wine_json wsk load
    assert_equal "$status" 0
    assert_jq '.changed == false and .service == "running"'
    wine_json wsk unload
    assert_equal "$status" 0
    assert_schema wsk-unload
    assert_jq '.changed and .service == "absent" and .driver == null'
    run timeout 60 "$PROJECT/scripts/wine" sc query wsplsp-wsk
    assert_failure
}

@test 'a driver that is not beside the program is an error, and no service is made' {
    mkdir "$BATS_TEST_TMPDIR/alone"
    cp "$X64/wsplsp.exe" "$BATS_TEST_TMPDIR/alone/"
    copy_json "$BATS_TEST_TMPDIR/alone" wsk load
    assert_equal "$status" 3
    assert_jq '.error.message | contains("alone\\wsplsp-wsk.sys")'
    copy_json "$BATS_TEST_TMPDIR/alone" wsk status
    assert_jq '.service == "absent" and .file_present == false'
}

@test 'a driver that cannot be loaded is an error, and no service is left' {
    mkdir "$BATS_TEST_TMPDIR/broken"
    cp "$X64/wsplsp.exe" "$BATS_TEST_TMPDIR/broken/"
    printf 'no driver' >"$BATS_TEST_TMPDIR/broken/wsplsp-wsk.sys"
    copy_json "$BATS_TEST_TMPDIR/broken" wsk load --force
    ((status == 5 || status == 6)) || fail "status $status: $output"
    assert_jq '.error.message | contains("driver")'
    wine_json wsk status
    assert_jq '.service == "absent"'
}

@test 'a driver that others can replace takes --force, and no service is left' {
    local folder="$BATS_TEST_TMPDIR/open"
    mkdir -m 777 "$folder"
    cp "$X64/wsplsp.exe" "$X64/wsplsp-wsk.sys" "$folder/"
    copy_json "$folder" wsk load
    assert_equal "$status" 5
    assert_jq '.error.name == "WRITABLE" and (.error.hint | contains("--force"))'
    wine_json wsk status
    assert_jq '.service == "absent"'
    copy_json "$folder" wsk load --force
    assert_equal "$status" 0
    copy_json "$folder" wsk load # it is loaded: nothing is to be replaced any more
    assert_equal "$status" 0
    assert_jq '.changed == false'
    wine_json wsk unload
    assert_equal "$status" 0
}

# Has Wine play another version for one program; it keeps it until it is told otherwise.
# usage: play_version PROGRAM win7|win8|win10
play_version()
{
    timeout 60 "$PROJECT/scripts/wine" reg add "HKCU\\Software\\Wine\\AppDefaults\\$1" /v Version /d "$2" /f >/dev/null
}

@test 'a Windows older than 8 is told that the driver is not for it, and no service is left' {
    play_version wsplsp.exe win7
    wine_json wsk load --force
    play_version wsplsp.exe win10
    assert_equal "$status" 6
    assert_jq '.error.name == "ERROR_OLD_WIN_VERSION" and (.error.message | contains("needs Windows 8") and contains("6.1"))'
    wine_json wsk status
    assert_jq '.service == "absent"'
    play_version wsplsp.exe win8
    wine_json wsk load --force
    play_version wsplsp.exe win10
    assert_equal "$status" 0
}

@test 'the driver itself refuses an older Windows, whoever loads it' {
    "$PROJECT/scripts/wine" --stop # a driver's process that is there has its version
    play_version winedevice.exe win7
    wine_json wsk load --force
    play_version winedevice.exe win10
    "$PROJECT/scripts/wine" --stop
    assert_equal "$status" 6
    assert_jq '.error.message | contains("Windows 8")'
    wine_json wsk status
    assert_jq '.service == "absent"'
}

@test 'a folder with a blank in its name' {
    mkdir "$BATS_TEST_TMPDIR/a b"
    cp "$X64/wsplsp.exe" "$X64/wsplsp-wsk.sys" "$BATS_TEST_TMPDIR/a b/"
    copy_json "$BATS_TEST_TMPDIR/a b" wsk load --force
    assert_equal "$status" 0
    assert_jq '.service == "running" and .driver != null'
    wine_json wsk unload
    assert_equal "$status" 0
}

@test 'transports: what sockets there are' {
    load_driver
    wine_json wsk transports
    assert_equal "$status" 0
    assert_schema wsk-transports
    assert_jq '[.transports[] | select(.family == 2 and .socket_type == 1 and .protocol == 6)] | length == 1'
    assert_jq '.total == (.transports | length)'
    run wsplsp_wine wsk transports
    output=${output//$'\r'/}
    assert_line --regexp '^AF_INET +SOCK_STREAM +IPPROTO_TCP$'
}

@test 'connect: each connection with its steps' {
    load_driver
    peer_start echo
    wine_json wsk connect 127.0.0.1 "$PEER" --count 25
    assert_equal "$status" 0
    assert_schema wsk-connect
    assert_jq '.count == 25 and .connected == 25 and (.attempts | length) == 25'
    assert_jq '[.attempts[] | .error == null and .total_ms > 0 and .steps_ms.connect != null and .steps_ms.close != null] | all'
    wine_json wsk status
    assert_jq '.driver.connections == 25 and .driver.sockets == 0 and .driver.implementation != null'
    run wsplsp_wine wsk connect 127.0.0.1 "$PEER" --count 12
    output=${output//$'\r'/}
    assert_line '  (2 more: --verbose shows them)'
    assert_line --regexp '^12 of 12 connect, in '
}

@test 'connect: a refused port and an address that is not here are failures with their names' {
    load_driver
    free_port
    wine_json wsk connect 127.0.0.1 "$PORT" --count 2
    assert_equal "$status" 1
    assert_schema wsk-connect
    assert_jq '.connected == 0 and .connect_ms == null and .attempts[1].error.name == "STATUS_CONNECTION_REFUSED"'
    assert_jq '.attempts[1].error.winsock == 10061 and .attempts[1].error.step == "connect"'
    wine_json wsk connect 127.0.0.1 "$PORT" --local 203.0.113.1
    assert_equal "$status" 1
    assert_jq '.attempts[0].error.step == "bind" and .local == "203.0.113.1"'
    run wsplsp_wine wsk connect 127.0.0.1 "$PORT"
    assert_equal "$status" 1
    assert_output --partial 'fails to connect with STATUS_CONNECTION_REFUSED'
}

@test 'connect: from an address' {
    load_driver
    peer_start echo
    wine_json wsk connect 127.0.0.1 "$PEER" --local 127.0.0.1
    assert_equal "$status" 0
    wine_json wsk connect 127.0.0.1 "$PEER" --local ::1
    ((status != 0)) || fail 'an IPv4 host has no IPv6 address'
}

@test 'connect: in its time' {
    load_driver
    peer_start full
    local before=$SECONDS
    wine_json wsk connect 127.0.0.1 "$PEER" --timeout 500ms
    assert_equal "$status" 1
    assert_jq '.attempts[0].error.name == "STATUS_IO_TIMEOUT" and .attempts[0].error.winsock == 10060'
    ((SECONDS - before < 30)) || fail "it took $((SECONDS - before)) s"
}
