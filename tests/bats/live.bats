#!/usr/bin/env bats
# What is asked of Windows itself, under Wine: the running system's catalog against a program of its own, the registry
# that a written .reg file makes, and the test programs of tests/win.

load common
X86="$PROJECT/build/x86"

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

# A test program for Windows; its lines end as on Linux.
win_test()
{
    local program="$X64/tests/$1.exe" status=0
    shift
    "$PROJECT/scripts/wine" "$program" "$@" >"$BATS_TEST_TMPDIR/out" || status=$?
    tr -d '\r' <"$BATS_TEST_TMPDIR/out"
    return "$status"
}

# All scenarios of a test program are ok, and it ran to its plan's end.
assert_tap()
{
    run win_test "$1"
    assert_success
    refute_line --regexp '^not ok'
    local count
    count=$(grep -c '^ok ' <<<"$output")
    assert_line "1..$count"
    assert [ "$count" -gt 0 ]
}

list_live()
{
    wsplsp_wine list --json >"$BATS_TEST_TMPDIR/list.json"
}

@test "list --json is, entry by entry, what WSCEnumProtocols gives" {
    list_live
    win_test enum_catalog | jq -cS . >"$BATS_TEST_TMPDIR/expected"
    jq -cS '.entries[] | select(.catalog == 64) | {catalog, position, catalog_id, provider_id, kind, name_raw, chain,
        version, family, socket_type, protocol, protocol_max_offset, max_message_size, byte_order, security_scheme,
        min_address_length, max_address_length, service_flags: .service_flags.value,
        provider_flags: .provider_flags.value}' "$BATS_TEST_TMPDIR/list.json" >"$BATS_TEST_TMPDIR/actual"
    run diff "$BATS_TEST_TMPDIR/expected" "$BATS_TEST_TMPDIR/actual"
    assert_success
    assert [ "$(wc -l <"$BATS_TEST_TMPDIR/actual")" -gt 0 ]
}

@test "what Wine's functions do not tell is null, and the function is named" {
    list_live
    output=$(<"$BATS_TEST_TMPDIR/list.json")
    assert_jq 'all(.entries[]; .dll == null and .categories == null)'
    assert_jq '[.entries[].catalog] | unique == [64]'
    assert_jq '[.. | strings | select(test("WSCGetProviderPath"))] | length > 0'
    assert_jq '[.. | strings | select(test("WSCGetProviderInfo"))] | length > 0'
    assert_jq '[.. | strings | select(test("WSCEnumProtocols32"))] | length > 0'
}

@test "doctor reports no finding about what Wine does not tell" {
    run wsplsp_wine doctor --json
    assert [ "$status" -le 1 ]
    assert_jq '[.findings[] | select(.severity == "error")] == []'
    assert_jq '[.findings[] | select(.catalog == 32)] == []'
}

@test "the live store copes with every kind of Windows" {
    assert_tap test_live
}

@test "access rights are read as an access check would" {
    assert_tap test_access
}

@test "DLL paths lead where processes of either kind find them" {
    assert_tap test_dllpath
}

@test "the system's own files and names" {
    assert_tap test_files
}

@test "the protocol catalog's own lock" {
    assert_tap test_key_lock
}

@test "the 32-bit programs do the same" {
    "$PROJECT/scripts/wine" --can-run "$X86/tests/test_live.exe" || skip "this machine's Wine runs no 32-bit programs"
    X64=$X86
    assert_tap test_live
    assert_tap test_access
    assert_tap test_dllpath
    assert_tap test_files
    assert_tap test_hive
    assert_tap test_key_lock
    run "$PROJECT/scripts/wine" "$X86/wsplsp.exe" list --32 --json
    assert_success
    local ids
    ids=$(win_test enum_catalog | jq -c '[.catalog_id]')
    assert_equal "$(jq -c '.entries[] | [.catalog_id]' <<<"$output")" "$ids"
}

# A catalog's key, through the model and written anew, put into the registry below HKEY_CURRENT_USER.
# usage: import FILE.reg [SUBKEY…]
import()
{
    local file=$1
    shift
    "$NATIVE/tests/reg_roundtrip" "$file" 'HKEY_CURRENT_USER\Software\wsplsp-test' "$@" >"$BATS_TEST_TMPDIR/written.reg"
    "$PROJECT/scripts/wine" regedit /S "Z:$BATS_TEST_TMPDIR/written.reg"
}

drop_test_key()
{
    "$PROJECT/scripts/wine" reg delete 'HKCU\Software\wsplsp-test' /f >/dev/null 2>&1 || true
}

teardown()
{
    if [[ -f ${BATS_TEST_TMPDIR-}/written.reg ]]; then drop_test_key; fi
}

# The registry holds what Python reads in FILE: every key, every value's name, type and bytes.
assert_imported()
{
    import "$1"
    python3 "$TOOLS/dump_expected.py" "$1" >"$BATS_TEST_TMPDIR/expected"
    win_test dump_key 'Software\wsplsp-test' | LC_ALL=C sort >"$BATS_TEST_TMPDIR/actual"
    run diff "$BATS_TEST_TMPDIR/expected" "$BATS_TEST_TMPDIR/actual"
    assert_success
    assert [ "$(wc -l <"$BATS_TEST_TMPDIR/actual")" -gt 20 ]
}

@test "a written .reg file re-imports byte for byte equal values" {
    assert_imported "$FIXTURES/windows11-two-lsps.reg"
}

@test "values of every type and odd names re-import byte for byte" {
    # Wine's regedit ends strings with a NUL that have none, so unterminated ones are left to the unit tests.
    {
        cat "$FIXTURES/windows10.reg"
        cat <<'EOF'

[HKLM\SYSTEM\ControlSet001\services\WinSock2\Parameters]
@="default"
"A \"quoted\" \\ name"="back\\slash, \"quotes\" and é ß €"
"Ünïcode"=dword:deadbeef
"none"=hex(0):
"empty"=hex:
"expand"=hex(2):25,00,78,00,25,00,00,00
"multi"=hex(7):61,00,00,00,62,00,00,00,00,00
"wide"=hex(b):01,02,03,04,05,06,07,08
"odd type"=hex(1234):01
"short number"=hex(4):01,02
EOF
        printf '"long"=hex:00%s\n' "$(printf ',a5%.0s' {1..300})"
        printf '\n[HKLM\\SYSTEM\\ControlSet001\\services\\WinSock2\\Odd \303\240 key]\n'
    } >"$BATS_TEST_TMPDIR/odd.reg"
    assert_imported "$BATS_TEST_TMPDIR/odd.reg"
}

@test "real catalogs re-import byte for byte" {
    skip_without_real_catalogs
    local file
    for file in "$REAL_CATALOGS"/*.reg; do
        assert_imported "$file"
        drop_test_key
    done
}

@test "a file that replaces a key leaves nothing older behind" {
    import "$FIXTURES/windows10-one-lsp.reg"
    local before
    run win_test dump_key 'Software\wsplsp-test'
    assert_success
    before=$(grep -c PackedCatalogItem <<<"$output")
    import "$FIXTURES/windows10.reg" 'Parameters\Protocol_Catalog9'
    run win_test dump_key 'Software\wsplsp-test'
    assert_success
    run -0 grep -c PackedCatalogItem <<<"$output"
    assert [ "$output" -lt "$before" ]
    assert_equal "$output" "$(python3 "$TOOLS/dump_expected.py" "$FIXTURES/windows10.reg" | grep -c PackedCatalogItem)"
}
