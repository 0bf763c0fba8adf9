#!/usr/bin/env bats
# A server and a client in Go (tests/go) do the same hosted as bare, over layers of both kinds and over several. Go calls
# AcceptEx and GetAcceptExSockaddrs in mswsock.dll, has one completion port for everything, and cancels what has passed
# its deadline or is to be closed by CancelIoEx.

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
    command -v go >/dev/null || skip 'no Go for Windows: golang-go is not installed'
    [[ -x $X64/tests/go_program.exe ]] || fail 'the program in Go has not been built'
}

# usage: passes COMMAND…: it says that every check of its plan is ok, and nothing else.
passes()
{
    local status=0 plan
    timeout 300 "$@" </dev/null >"$BATS_TEST_TMPDIR/out" 2>"$BATS_TEST_TMPDIR/err" || status=$?
    assert_equal "$(grep -v '^ok ' "$BATS_TEST_TMPDIR/out" | tr -d '\r' | tail -n +2)" ''
    assert_equal "$(tr -d '\r' <"$BATS_TEST_TMPDIR/err")" ''
    plan=$(head -n 1 "$BATS_TEST_TMPDIR/out" | tr -d '\r')
    assert_equal "$plan" "1..$(grep -c '^ok ' "$BATS_TEST_TMPDIR/out")"
    assert_equal "$status" 0
}

# usage: hosted LAYER…
hosted()
{
    local layers=() layer
    [[ -f $X64/wsplsp-host.dll && -f $X64/wsplsp-layer.dll ]] || skip 'the host or the layer has not been built'
    for layer in "$@"; do
        layers+=(--layer "$X64/wsplsp-layer.dll,$layer")
    done
    passes "$PROJECT/scripts/wine" "$X64/wsplsp.exe" run --strict "${layers[@]}" -- "$X64/tests/go_program.exe"
}

@test 'Go, bare' {
    passes "$PROJECT/scripts/wine" "$X64/tests/go_program.exe"
}

@test 'Go, hosted' {
    hosted
}

@test 'Go, over an IFS layer' {
    hosted mode=ifs
}

@test 'Go, over a non-IFS layer' {
    hosted mode=non-ifs
}

@test 'Go, over layers of both kinds, and over two that are non-IFS' {
    hosted name=Upper,mode=non-ifs name=Lower,mode=ifs
    hosted name=Upper,mode=non-ifs name=Lower,mode=non-ifs
}

@test 'Go, over a non-IFS layer for TCP only' {
    hosted over=tcp,mode=non-ifs
}
