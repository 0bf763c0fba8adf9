#!/usr/bin/env bats
# A program that opens and closes sockets in every way there is (tests/closing) ends the same way hosted as bare, over
# layers of both kinds and over several: what it is told, what the other side of its connections sees, and what its
# processes end with. What has to differ is in tests/closing/differences, each with its reason.

load common

setup_file()
{
    wine_start
    # What bare says, for all modes.
    [[ -x $X64/wsplsp.exe && -x $X64/tests/closing.exe ]] || return 0
    closing "$BATS_FILE_TMPDIR/bare" "$PROJECT/scripts/wine" "$X64/tests/closing.exe" all || return 0
    : >"$BATS_FILE_TMPDIR/bare.good"
}

teardown_file()
{
    wine_stop
}

setup()
{
    skip_without_wine
    [[ -x $X64/tests/closing.exe ]] || fail 'the program has not been built'
    [[ -f $X64/wsplsp-host.dll && -f $X64/wsplsp-layer.dll ]] || skip 'the host or the layer has not been built'
    FOLDER=$X64
}

# usage: closing OUT COMMAND…: failures are in OUT, too.
closing()
{
    timeout 300 python3 "$PROJECT/tests/closing/peer.py" "$@" >"$1.err" 2>&1
}

# usage: run_closing OUT WAYS LAYER…: hosted, with the layers, the first at the bottom
run_closing()
{
    local out=$1 ways=$2 layers=() layer
    shift 2
    for layer in "$@"; do layers+=(--layer "$FOLDER/wsplsp-layer.dll,$layer"); done
    closing "$out" "$PROJECT/scripts/wine" "$FOLDER/wsplsp.exe" run --strict "${layers[@]}" -- \
        "$FOLDER/tests/closing.exe" "$ways" || fail "it fails: $(grep ' !' "$out"; head -n 20 "$out.err")"
}

# usage: same MODES LAYER…
same()
{
    local modes
    read -ra modes <<<"$1"
    shift
    [[ -e $BATS_FILE_TMPDIR/bare.good ]] || fail 'it fails without the host already'
    python3 "$PROJECT/tests/closing/expect.py" "$BATS_FILE_TMPDIR/bare" "$PROJECT/tests/closing/differences" \
        "${modes[@]}" >"$BATS_TEST_TMPDIR/expected" 2>"$BATS_TEST_TMPDIR/err" || fail "$(<"$BATS_TEST_TMPDIR/err")"
    run_closing "$BATS_TEST_TMPDIR/out" all "$@"
    run diff "$BATS_TEST_TMPDIR/expected" "$BATS_TEST_TMPDIR/out"
    assert_output ''
}

@test 'closing: bare, everything ends' {
    [[ -e $BATS_FILE_TMPDIR/bare.good ]] || fail "$(grep ' !' "$BATS_FILE_TMPDIR/bare"; head -n 20 "$BATS_FILE_TMPDIR/bare.err")"
    # All ways, and the three processes that go several.
    run grep -cE '^[^ ]+ (result|status): ' "$BATS_FILE_TMPDIR/bare"
    assert_output "$(($(grep -oEh '\{"[^"]+", [a-z_]+\}' "$PROJECT"/tests/closing/ways_*.c | wc -l) + 3))"
}

@test 'closing: hosted as bare' {
    same hosted
}

@test 'closing: over an IFS layer, and over two, as bare' {
    same hosted mode=ifs
    same hosted name=Lower,mode=ifs name=Upper,mode=ifs
}

@test 'closing: over a non-IFS layer, and over two, as bare' {
    same 'hosted non-ifs' mode=non-ifs
    same 'hosted non-ifs' name=Lower,mode=non-ifs name=Upper,mode=non-ifs
}

@test 'closing: over layers of both kinds as bare' {
    same 'hosted non-ifs' name=Lower,mode=ifs name=Upper,mode=non-ifs
    same 'hosted non-ifs ifs-on-non-ifs' name=Lower,mode=non-ifs name=Upper,mode=ifs
}

# The status that `run` hands on, and that a process which nobody waits for as a child ends, too.
@test 'closing: as the program that is run' {
    local way mode
    for way in threads-in-calls terminated dll-at-exit-with-cleanup; do
        closing "$BATS_TEST_TMPDIR/expected" "$PROJECT/scripts/wine" "$X64/tests/closing.exe" "$way" || fail "$way, bare"
        refute grep -q '^all: status 0$' "$BATS_TEST_TMPDIR/expected"
        for mode in ifs non-ifs; do
            run_closing "$BATS_TEST_TMPDIR/out" "$way" "mode=$mode"
            run diff "$BATS_TEST_TMPDIR/expected" "$BATS_TEST_TMPDIR/out"
            assert_output ''
        done
    done
}

@test 'closing: as a 32-bit program' {
    "$PROJECT/scripts/wine" --can-run "$BUILD/x86/wsplsp.exe" || skip 'Wine runs no 32-bit programs'
    FOLDER=$BUILD/x86
    same hosted mode=ifs
    same 'hosted non-ifs' mode=non-ifs
}
