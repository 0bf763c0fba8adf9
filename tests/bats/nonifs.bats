#!/usr/bin/env bats
# The layer's non-IFS mode: its upcalls and operations over providers of the tests' own, and data under stress.

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
    [[ -f $X64/wsplsp-layer.dll ]] || skip 'the layer has not been built'
    cd "$X64/tests" || return
}

# A program that prints TAP and has to pass. usage: passes SECONDS COMMAND…
passes()
{
    local seconds=$1
    shift
    run timeout "$seconds" "$PROJECT/scripts/wine" "$@"
    refute_line --partial 'not ok'
    assert_line --regexp '^1\.\.[1-9]'
    assert_success
}

# usage: stress LAYER…
stress()
{
    local layer words=()
    for layer in "$@"; do words+=(--layer "$X64/wsplsp-layer.dll,$layer"); done
    passes 200 "$X64/wsplsp.exe" run --strict "${words[@]}" -- nonifs_stress.exe 3
}

@test 'non-IFS: handles, over a recording provider' {
    passes 120 test_nonifs_spi.exe
}

@test 'non-IFS: operations, over a provider that ends them as it is told' {
    passes 120 test_nonifs_io.exe
}

@test 'non-IFS: codes about select, WSAPoll and WSASendMsg' {
    passes 120 test_nonifs_codes.exe
}

@test 'non-IFS: the same in 32 bits' {
    local program
    cd ../../x86/tests 2>/dev/null || skip 'the 32-bit programs have not been built'
    "$PROJECT/scripts/wine" --can-run test_nonifs_spi.exe || skip 'no 32-bit Wine'
    for program in test_nonifs_spi.exe test_nonifs_io.exe test_nonifs_codes.exe; do passes 120 "$program"; done
}

@test 'non-IFS: 64 threads, bare' {
    passes 200 nonifs_stress.exe 2
}

@test 'non-IFS: 64 threads through the layer' {
    stress name=Own,mode=non-ifs
}

@test 'non-IFS: 64 threads through the layer twice' {
    stress name=Lower,mode=non-ifs name=Upper,mode=non-ifs
}

@test 'non-IFS: 64 threads through the layer, above and below an IFS one' {
    stress name=Lower name=Own,mode=non-ifs
    stress name=Own,mode=non-ifs name=Upper
}
