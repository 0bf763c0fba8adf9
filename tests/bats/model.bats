#!/usr/bin/env bats
# The bundled layer under a model of Winsock, over a model of a base provider, and beside another vendor's layer, all
# written from Microsoft's pages alone (tests/model).

load common

setup_file()
{
    wine_start
}

teardown_file()
{
    wine_stop
}

# usage: agrees FOLDER
agrees()
{
    skip_without_wine
    [[ -f $1/tests/test_model.exe ]] || skip 'the model has not been built'
    cd "$1/tests" || return
    "$PROJECT/scripts/wine" --can-run test_model.exe || skip "this machine's Wine runs no 32-bit programs"
    local ended=0
    timeout 600 "$PROJECT/scripts/wine" test_model.exe >"$BATS_TEST_TMPDIR/tap" || ended=$?
    run tr -d '\r' <"$BATS_TEST_TMPDIR/tap"
    refute_line --partial 'not ok'
    # Chains of one to six layers, with a DLL each or one for all, with another vendor's layer at each place or none, in
    # three kinds of modes: 3 * (2 + 2 * (3 + 4 + 5 + 6 + 7)).
    assert_line 1..156
    assert_equal "$ended" 0
}

@test 'model: ids, the order of upcalls, startups and cleanups, lpProtocolInfo at every level' {
    agrees "$X64"
}

@test 'model: the same in 32 bits' {
    agrees "$BUILD/x86"
}
