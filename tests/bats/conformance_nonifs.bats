#!/usr/bin/env bats
# The conformance program through layers with handles of their own (non-IFS): alone, above and below a layer with the
# base's handles, and one on another. Same results as bare, but for what nonifs.expected lists with its reasons; that list
# is exact, whatever stands above and below.

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
    [[ -x $X64/tests/conformance.exe ]] || skip 'the conformance program has not been built'
    [[ -f $X64/wsplsp-layer.dll ]] || skip 'the layer has not been built'
    cd "$X64/tests" || return
    expect_in non-ifs
}

# A layer for --layer; usage: layer NAME [MODE]
layer()
{
    printf '%s\n' "$X64/wsplsp-layer.dll,name=$1${2:+,mode=$2}"
}

# --keep: else each case would start the layer's threads anew, and wait to see that they are no leak.
# All cases that a glob names have been reported, and none has failed.
# usage: conforms GLOB LAYER…
conforms()
{
    local only=$1 layer status words=() # and `family`, of the caller's
    shift
    for layer in "$@"; do words+=(--layer "$layer"); done
    timeout 550 "$PROJECT/scripts/wine" "$X64/wsplsp.exe" run --strict "${words[@]}" -- "$X64/tests/conformance.exe" \
        --keep "${EXPECTED[@]}" --only "$only" "${family[@]}" | tr -d '\r' >"$BATS_TEST_TMPDIR/tap"
    status=${PIPESTATUS[0]}
    if grep -qE '^(not ok|Bail out!)' "$BATS_TEST_TMPDIR/tap"; then
        grep -E -A8 '^(not ok|Bail out!)' "$BATS_TEST_TMPDIR/tap" | head -n 60
        fail "cases fail: $*"
    fi
    assert_equal "$status" 0
    assert_equal "$(head -n 1 "$BATS_TEST_TMPDIR/tap")" "1..$(grep -c '^ok ' "$BATS_TEST_TMPDIR/tap")"
    refute [ "$(head -n 1 "$BATS_TEST_TMPDIR/tap")" = 1..0 ]
}

# Where it matters what stands above and below.
stacked()
{
    local topic family=(--family 4)
    for topic in 'overlapped-*' 'ioctl-overlapped' iocp extensions select mixed async duplicate; do
        conforms "$topic/*" "$@"
    done
}

@test 'conformance, non-IFS: alone' {
    conforms '*' "$(layer Own non-ifs)"
}

# usage: skipping SETTINGS RESULT…: what the cases come to with FILE_SKIP_COMPLETION_PORT_ON_SUCCESS
skipping()
{
    local settings=$1
    shift
    run timeout 200 "$PROJECT/scripts/wine" "$X64/wsplsp.exe" run --strict "${@:2}" \
        --layer "$X64/wsplsp-layer.dll,mode=non-ifs$settings" -- "$X64/tests/conformance.exe" \
        --keep --family 4 --only 'iocp/skip-on-success-pending/*'
    assert_line --partial "$1 1 - iocp/skip-on-success-pending/4"
}

@test 'conformance, non-IFS: a program that skips packets gets none, but with skip=post' {
    skipping '' 'not ok'
    skipping ',skip=post' 'ok'
    refute_line --partial 'not ok'
    # It is the top layer's handle that counts.
    skipping ',skip=post' 'ok' --layer "$(layer Lower non-ifs)"
    refute_line --partial 'not ok'
    skipping '' 'not ok' --layer "$(layer Lower non-ifs),skip=post"
}

# What an IFS layer hands on are the handles of the layer below it.
@test 'conformance, non-IFS: above an IFS layer over a non-IFS one' {
    local family=(--family 4)
    conforms 'iocp/receive-*' "$(layer Lower non-ifs)" "$(layer Middle)" "$(layer Own non-ifs)"
}

@test 'conformance, non-IFS: above an IFS layer' {
    stacked "$(layer Lower)" "$(layer Own non-ifs)"
}

@test 'conformance, non-IFS: below an IFS layer' {
    stacked "$(layer Own non-ifs)" "$(layer Upper)"
}

@test 'conformance, non-IFS: twice' {
    stacked "$(layer Lower non-ifs)" "$(layer Upper non-ifs)"
}
