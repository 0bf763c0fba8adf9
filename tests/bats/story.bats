#!/usr/bin/env bats
# The whole way once, under Wine: the bundled layer is installed into a private catalog, a program's calls go through it
# and are in the trace; it is removed, and there are none.

load common

# --force: the project may have been cloned to where everybody can write, such as below /tmp.

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
    [[ -f $X64/wsplsp-layer.dll ]] || skip 'the layer has not been built'
    cd "$BATS_TEST_TMPDIR" || return
    run wsplsp_wine catalog new lab.reg
    assert_success
}

# usage: hosted ARGUMENTS…: wsplsp, with the private catalog as its system.
hosted()
{
    wsplsp_wine run --catalog lab.reg -- "$X64/wsplsp.exe" "$@"
}

# usage: traced FILE: a program that connects to where nothing listens.
traced()
{
    wsplsp_wine run --catalog lab.reg --trace "$1" -- "$X64/wsplsp.exe" probe 127.0.0.1:9
}

@test 'story: installed, its calls are in the trace; removed, there are none' {
    cp lab.reg before.reg
    run hosted install --bundled --only 64 --force --yes
    assert_success
    assert_line --partial 'Done, and read back as planned.'

    traced with.trace
    run_json trace show with.trace --function WSPConnect
    assert_jq '[.calls[] | select(.function_name == "WSPConnect")] | length == 1'
    run wsplsp trace show with.trace --function WSPConnect
    assert_output --regexp 'WSPConnect\(0x[0-9a-f]+, 127\.0\.0\.1:9\)'

    run hosted remove wsplsp --yes
    assert_success
    traced without.trace
    [[ ! -e without.trace ]]
    run wsplsp diff before.reg lab.reg
    assert_success
}

@test 'story: what is installed once stays, and restore takes it back' {
    cp lab.reg before.reg
    hosted install --bundled --only 64 --over tcp --force --yes
    run hosted install --bundled --only 64 --over tcp --force --yes
    assert_equal "$status" 1
    run hosted history --json
    assert_jq '.records | length == 1'
    backup=$(jq -r '.records[0].name' <<<"$output")
    run hosted restore "$backup" --yes
    assert_success
    run wsplsp diff before.reg lab.reg
    assert_success
}
