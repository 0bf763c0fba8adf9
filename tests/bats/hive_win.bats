#!/usr/bin/env bats
# Offline hives in the program for Windows. Wine 8 cannot load one: its RegLoadAppKeyW only pretends, and it has no
# offreg.dll. What is done with a loaded hive is proved with loaders of the test's own (tests/win/test_hive.c).

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

@test "a hive is read key by key, and its copy deleted" {
    run "$PROJECT/scripts/wine" "$X64/tests/test_hive.exe"
    assert_success
    refute_line --regexp '^not ok'
    assert_line --regexp '^1\.\.[1-9]'
}

@test "where hives cannot be loaded, the program says what to do instead" {
    python3 "$PROJECT/tests/make_hive.py" "$FIXTURES/windows10.reg" "$BATS_TEST_TMPDIR/SYSTEM"
    run --separate-stderr wsplsp_wine list --from "$BATS_TEST_TMPDIR/SYSTEM"
    assert_failure 6
    assert_output ''
    # shellcheck disable=SC2154 # run --separate-stderr sets it
    assert_regex "$stderr" "this system can't load hives offline"
    assert_regex "$stderr" 'use the Linux build, or export the key with reg.exe'
}

@test "nothing is left of the hive's copy" {
    python3 "$PROJECT/tests/make_hive.py" "$FIXTURES/windows10.reg" "$BATS_TEST_TMPDIR/SYSTEM"
    local before
    before=$(sha256sum <"$BATS_TEST_TMPDIR/SYSTEM")
    run wsplsp_wine list --from "$BATS_TEST_TMPDIR/SYSTEM"
    assert_equal "$(sha256sum <"$BATS_TEST_TMPDIR/SYSTEM")" "$before"
    assert_equal "$(ls "$BATS_TEST_TMPDIR")" SYSTEM
    run find "$WINE_HOME" -name 'wsplsp-????????????????'
    assert_output ''
}
