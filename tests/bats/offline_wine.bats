#!/usr/bin/env bats
# The same offline commands through the program for Windows, under Wine: its JSON equals the native build's.

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
}

# Both builds say the same of a .reg file, but for the path in `source`.
# usage: assert_same ARGUMENT …
assert_same()
{
    local native wine native_status=0 wine_status=0
    cd "$FIXTURES"
    native=$(wsplsp "$@" --json) || native_status=$?
    wine=$(wsplsp_wine "$@" --json) || wine_status=$?
    assert_equal "$wine_status" "$native_status"
    assert_equal "$wine" "$native"
}

@test "list gives the same JSON as the native build" {
    assert_same list --from windows11-two-lsps.reg
    assert_same list --from windows7.reg --protocol tcp
}

@test "tree, show, ns list and app list give the same JSON as the native build" {
    assert_same tree --from windows11-two-lsps.reg
    assert_same show 1006 --from windows10-one-lsp.reg
    assert_same ns list --from windows10.reg
    assert_same app list --from windows10.reg
}

@test "doctor gives the same JSON as the native build" {
    assert_same doctor --from windows10.reg
    assert_same doctor --from windows11-two-lsps.reg
}

@test "diff gives the same JSON and status as the native build" {
    assert_same diff windows10.reg windows10-one-lsp.reg
    assert_same diff windows10.reg windows10.reg
}

@test "the 32-bit program gives the same JSON as the native build" {
    local program="$BUILD/x86/wsplsp.exe"
    [[ -x $program ]] || skip 'the x86 program has not been built'
    "$PROJECT/scripts/wine" --can-run "$program" || skip "this machine's Wine runs no 32-bit programs"
    # shellcheck disable=SC2034 # wsplsp_wine runs the program that is there
    X64=$BUILD/x86
    assert_same list --from windows11-two-lsps.reg
    assert_same tree --from windows11-two-lsps.reg
    assert_same show 1006 --from windows10-one-lsp.reg
    assert_same ns list --from windows10.reg
    assert_same app list --from windows10.reg
    assert_same doctor --from windows11-two-lsps.reg
    assert_same diff windows10.reg windows10-one-lsp.reg
}

@test "standard input, a full path and a missing file work as in the native build" {
    local expected
    expected=$(wsplsp list --json --from "$FIXTURES/windows10.reg" | jq .entries)
    assert_equal "$(wsplsp_wine list --json --from - <"$FIXTURES/windows10.reg" | jq .entries)" "$expected"
    assert_equal "$(wsplsp_wine list --json --from "Z:${FIXTURES//\//\\}\\windows10.reg" | jq .entries)" "$expected"
    run wsplsp_wine list --from nowhere.reg
    assert_failure 3
}

@test "text output has no carriage returns of its own in a file, and is UTF-8" {
    cd "$FIXTURES"
    wsplsp_wine list --from windows10.reg >"$BATS_TEST_TMPDIR/wine"
    wsplsp list --from windows10.reg >"$BATS_TEST_TMPDIR/native"
    run cmp "$BATS_TEST_TMPDIR/wine" "$BATS_TEST_TMPDIR/native"
    assert_success
}
