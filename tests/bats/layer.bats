#!/usr/bin/env bats
# The layer's own test programs, which play Winsock's part for it; and the layer with a foreign one, in a real chain.
# conformance.bats has the conformance program through the layer alone.

load common

setup_file()
{
    wine_start
}

teardown_file()
{
    if [[ -n ${WSPLSP_WINE_KEEP-} ]]; then registry delete || true; fi
    wine_stop
}

# usage: passes FOLDER PROGRAM [ARGUMENT…]
passes()
{
    local folder=$1
    shift
    skip_without_wine
    [[ -f $folder/wsplsp-layer.dll ]] || skip 'the layer has not been built'
    cd "$folder/tests" || return
    "$PROJECT/scripts/wine" --can-run "$1" || skip "this machine's Wine runs no 32-bit programs"
    run timeout 300 "$PROJECT/scripts/wine" "$@"
    [[ -n $output ]] || fail "$1: no output, status $status"
    refute_line --partial 'not ok'
    assert_line --regexp '^1\.\.[1-9]'
    assert_success
}

@test 'layer: the 30 functions over a recording provider' {
    passes "$X64" test_layer_spi.exe
}

@test 'layer: startup, cleanup and chains' {
    passes "$X64" test_layer_startup.exe
}

@test 'layer: nobody waits under a lock, and at the end of the process nobody waits at all' {
    passes "$X64" test_layer_phases.exe
}

@test 'layer: a filter is loaded under no lock, and nothing goes past it meanwhile or by a code' {
    passes "$X64" test_layer_filter.exe
}

# The build itself refuses a DLL of which this is not true (lsp-core/layer/rules.mk); here, that it would.
@test 'layer: every call ends in a jump or is counted' {
    local folder compiler object=$BATS_TEST_TMPDIR/place.o
    local -a flags=(-std=c11 -mgeneral-regs-only -c "$PROJECT/lsp-core/layer/spi/functions.c" -o "$object" -I"$PROJECT/include")
    flags+=(-iquote "$PROJECT")
    for folder in "$X64" "$BUILD/x86"; do
        [[ -f $folder/wsplsp-layer.dll ]] || continue
        run cat "$folder/obj/layer/jumps"
        assert_equal "${#lines[@]}" 6
        for line in "${lines[@]}"; do assert_regex "$line" ': 69 functions, 27 of them jump$'; done
    done
    for compiler in x86_64-w64-mingw32-gcc i686-w64-mingw32-gcc; do
        command -v "$compiler" >/dev/null || skip "no $compiler"
        "$compiler" "${flags[@]}" -O0
        run "$PROJECT/scripts/layer-jumps" "$compiler" "${compiler%gcc}objdump" "$object"
        assert_success
        "$compiler" "${flags[@]}" -O2 -fno-optimize-sibling-calls
        run "$PROJECT/scripts/layer-jumps" "$compiler" "${compiler%gcc}objdump" "$object"
        assert_failure
        assert_output --partial 'ifs_plain_Recv returns into the layer uncounted'
    done
}

@test 'layer: extension functions' {
    passes "$X64" test_layer_extension.exe
}

@test 'layer: many threads, many sockets, and what it costs' {
    passes "$X64" test_layer_stress.exe
    grep '^# loaded and started' <<<"$output" >&3
}

@test 'layer: nothing is different with the trace on' {
    passes "$X64" test_layer_spi.exe "Z:$BATS_TEST_TMPDIR/spi.wsptrace"
    passes "$X64" test_layer_extension.exe "Z:$BATS_TEST_TMPDIR/extension.wsptrace"
    [[ $(head -c 8 "$BATS_TEST_TMPDIR/spi.wsptrace") == WSPTRACE ]]
    [[ $(head -c 8 "$BATS_TEST_TMPDIR/extension.wsptrace") == WSPTRACE ]]
}

# usage: registry add|delete WORD…, about the trace's key
registry()
{
    "$PROJECT/scripts/wine" reg "$1" 'HKLM\SOFTWARE\wsplsp\Trace' "${@:2}" /f >/dev/null
}

traced_files()
{
    find "$BATS_TEST_TMPDIR/traces" -name '*.wsptrace' -printf '%f\n'
}

@test 'layer: the trace of an installed layer is switched by the registry alone' {
    skip_without_wine
    mkdir "$BATS_TEST_TMPDIR/traces"
    registry add /v Folder /d "Z:${BATS_TEST_TMPDIR//\//\\}\\traces"
    registry add /v DataBytes /t REG_DWORD /d 32
    registry add /v Programs /t REG_MULTI_SZ /d 'nosuch.exe\0C:\elsewhere\test_layer_spi.exe'
    passes "$X64" test_layer_spi.exe
    assert_equal "$(traced_files)" ''
    registry add /v Programs /t REG_MULTI_SZ /d 'nosuch.exe\0TEST_layer_SPI.exe'
    passes "$X64" test_layer_spi.exe
    [[ $(traced_files) =~ ^test_layer_spi\.exe-[0-9]+-[0-9a-f]{16}\.wsptrace$ ]] || fail "$(traced_files)"
    # A folder that is not absolute, and no key at all.
    rm "$BATS_TEST_TMPDIR/traces/"*
    registry add /v Folder /d 'traces'
    passes "$X64" test_layer_spi.exe
    registry delete
    passes "$X64" test_layer_spi.exe
    assert_equal "$(traced_files)" ''
}

@test 'layer: the same as 32-bit programs' {
    passes "$BUILD/x86" test_layer_spi.exe
    passes "$BUILD/x86" test_layer_startup.exe
    passes "$BUILD/x86" test_layer_phases.exe
    passes "$BUILD/x86" test_layer_filter.exe
    passes "$BUILD/x86" test_layer_extension.exe
    passes "$BUILD/x86" test_layer_stress.exe
}

@test 'layer: the DLL exports WSPStartup and its configuration alone' {
    local folder
    skip_without_wine
    for folder in "$X64" "$BUILD/x86"; do
        [[ -f $folder/wsplsp-layer.dll ]] || continue
        run bash -c "x86_64-w64-mingw32-objdump -p '$folder/wsplsp-layer.dll' | sed -n '/^\[Ordinal\/Name Pointer\]/,/^\$/p' | awk 'NF == 3 || NF == 4 {print \$NF}'"
        assert_line WSPStartup
        assert_line wsplsp_layer_configure
    done
}

# Some topics of the conformance program, each a run of its own; conformance.bats runs it whole.
# usage: conforms_to TOPICS LAYER…, the lowest layer first
conforms_to()
{
    local layers=() layer topic topics=$1
    shift
    skip_without_wine
    [[ -f $X64/tests/foreign_layer.dll && -f $X64/tests/conformance.exe ]] || skip 'the test programs have not been built'
    for layer; do
        layers+=(--layer "$layer,name=Layer ${#layers[@]}")
    done
    cd "$X64/tests" || return
    expect_in ifs
    for topic in $topics; do
        run timeout 300 "$PROJECT/scripts/wine" "$X64/wsplsp.exe" run --strict "${layers[@]}" conformance.exe \
            "${EXPECTED[@]}" --only "$topic/*"
        refute_line --partial 'not ok'
        assert_success
        assert_line --regexp '^1\.\.[1-9]'
    done
}

@test 'layer: over and under a foreign layer' {
    local foreign="$X64/tests/foreign_layer.dll" own="$X64/wsplsp-layer.dll"
    conforms_to 'tcp extensions duplicate' "$foreign" "$own"
    conforms_to 'tcp extensions duplicate' "$own" "$foreign"
    conforms_to 'tcp' "$own" "$foreign" "$own"
}
