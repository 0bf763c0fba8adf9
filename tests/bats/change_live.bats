#!/usr/bin/env bats
# The changing commands on a running system, under Wine: `wsplsp run --catalog X` gives wsplsp a system whose WSC*
# functions do what Microsoft's reference says.

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
    [[ -f $X64/wsplsp-host.dll && -f $X64/tests/run_layer.dll ]] || skip 'the host has not been built'
    cd "$BATS_TEST_TMPDIR" || return
    LAYER=$(wine_path "$X64/tests/run_layer.dll")
    LAYER32=$(wine_path "$PROJECT/build/x86/tests/run_layer.dll")
}

# A file's path as Wine's programs see it.
wine_path()
{
    local path
    path=$(realpath "$1")
    printf '%s\n' "Z:${path//\//\\}"
}

# wsplsp with the catalog in lab.reg for its running system. Lines end as on Linux.
hosted()
{
    run --separate-stderr "$PROJECT/scripts/wine" "$X64/wsplsp.exe" run --strict --catalog lab.reg -- "$X64/wsplsp.exe" "$@"
    output=${output//$'\r'/}
    # shellcheck disable=SC2154 # bats sets it
    stderr=${stderr//$'\r'/}
    mapfile -t lines <<<"$output"
}

# What lab.reg holds, read by an independent reader.
read_back()
{
    output=$(python3 "$TOOLS/regparse.py" catalog lab.reg)
}

chains()
{
    read_back
    jq -r --argjson bits "$1" '[.entries[] | select(.catalog == $bits)] as $all | $all[] | select(.kind == "chain")
        | [.chain[] as $id | ([$all[] | select(.catalog_id == $id)] | if length == 1 then .[0].name else "BROKEN" end)]
        | join(" > ")' <<<"$output"
}

# lab.reg: Windows 10 with the layer Contoso, and Fabrikam over it, both of which can be loaded.
take_two_layers()
{
    local name
    cp "$FIXTURES/windows10.reg" lab.reg
    for name in Contoso Fabrikam; do
        wsplsp --catalog lab.reg install "$LAYER" --dll32 "$LAYER32" --name $name --over 1006 --exact --quiet
    done
    cp lab.reg before.reg
}

@test "hosted: install, remove and install anew, and the running catalog shows it" {
    cp "$FIXTURES/windows10.reg" lab.reg
    hosted install "$LAYER" --dll32 "$LAYER32" --name Vendor --over 1006 --exact --yes --force
    assert_equal "$status $stderr" '0 '
    assert_line --partial 'Done, and read back as planned.'
    assert_regex "$(chains 64)" 'Vendor > MSAFD Tcpip \[TCP/IP'
    assert_regex "$(chains 32)" 'Vendor > MSAFD Tcpip \[TCP/IP'
    hosted list --layered --64
    assert_equal "$(grep -c Vendor <<<"$output")" 2
    hosted install "$LAYER" --dll32 "$LAYER32" --name Vendor --over 1006 --exact --yes --force
    assert_equal "$status" 1
    hosted remove Vendor --yes
    assert_equal "$status $stderr" '0 '
    run wsplsp diff "$FIXTURES/windows10.reg" lab.reg
    assert_success
    hosted remove Vendor --yes
    assert_equal "$status" 3
}

@test "hosted: install between layers, order, update, categories" {
    take_two_layers
    hosted install "$LAYER" --only 64 --name Vendor --over 1006 --exact --position below Fabrikam --category inspector --yes --force
    assert_equal "$status $stderr" '0 '
    assert_regex "$(chains 64)" 'Fabrikam > Vendor > Contoso > MSAFD Tcpip \[TCP/IP\]'
    hosted list --json
    assert_jq '[.entries[] | select(.name == "Vendor") | .categories.names] == [["LSP_INSPECTOR"]]'
    hosted provider category Vendor firewall proxy --yes
    assert_equal "$status $stderr" '0 '
    hosted list --json
    assert_jq '[.entries[] | select(.name == "Vendor") | .categories.names] == [["LSP_PROXY", "LSP_FIREWALL"]]'
    hosted order 1001 --only 64 --yes
    assert_equal "$status $stderr" '0 '
    read_back
    assert_jq '[.entries[] | select(.catalog == 64)][0].catalog_id == 1001'
    cp "$X64/tests/run_layer.dll" new64.dll
    cp "$PROJECT/build/x86/tests/run_layer.dll" new32.dll
    hosted update Contoso --dll "$(wine_path new64.dll)" --dll32 "$(wine_path new32.dll)" --yes --force
    assert_equal "$status $stderr" '0 '
    read_back
    assert_jq '[.entries[] | select(.name | startswith("Contoso")) | [.catalog, .dll]] | unique == [[32, $dll32], [64, $dll]]' \
        --arg dll "$(wine_path new64.dll)" --arg dll32 "$(wine_path new32.dll)"
}

@test "hosted: reset, and restore by the name that history shows, give an equal catalog" {
    take_two_layers
    hosted reset --yes
    assert_equal "$status $stderr" '0 '
    read_back
    assert_jq '[.entries[].kind] | unique == ["base"]'
    hosted history --json
    assert_jq '.records[-1] | [.command, .state] == ["reset", "done"]'
    hosted restore "$(jq -r '.records[-1].name' <<<"$output")" --yes --force
    assert_equal "$status $stderr" '0 '
    run wsplsp diff before.reg lab.reg
    assert_success
}

@test "hosted: applications and name spaces" {
    cp "$FIXTURES/windows10.reg" lab.reg
    hosted app exempt 'C:\Windows\System32\wsl.exe' --yes
    assert_equal "$status $stderr" '0 '
    read_back
    assert_jq '[.applications[] | select(.path | test("wsl.exe$"; "i")) | .categories] == [2147483648]'
    hosted ns disable '{3B2637EE-E580-11CF-A555-00C04FD8D4AC}' --yes
    assert_equal "$status $stderr" '0 '
    read_back
    assert_jq '[.name_spaces[] | select(.provider_id == "{3B2637EE-E580-11CF-A555-00C04FD8D4AC}") | .enabled] == [false, false]'
    hosted ns order '{3B2637EE-E580-11CF-A555-00C04FD8D4AC}' --only 64 --yes
    assert_equal "$status $stderr" '0 '
    read_back
    assert_jq '[.name_spaces[] | select(.catalog == 64)][0].provider_id == "{3B2637EE-E580-11CF-A555-00C04FD8D4AC}"'
    hosted ns remove '{3B2637EE-E580-11CF-A555-00C04FD8D4AC}' --yes
    assert_equal "$status $stderr" '0 '
    read_back
    assert_jq '[.name_spaces[] | select(.provider_id == "{3B2637EE-E580-11CF-A555-00C04FD8D4AC}")] == []'
}

@test "hosted: doctor --fix, backup, recover" {
    FIXTURES="$FIXTURES" python3 - "$LAYER" "$LAYER32" >lab.reg <<'END'
import os, sys
sys.path.insert(0, os.environ["FIXTURES"])
sys.dont_write_bytecode = True
import make
catalog = make.windows10()
make.layer(catalog, make.CONTOSO, {64: sys.argv[1], 32: sys.argv[2]}, True)
for bits in 64, 32:
    catalog.entries[bits] = [entry for entry in catalog.entries[bits] if not make.is_chain(entry)]
sys.stdout.buffer.write(make.encode(catalog, "utf8"))
END
    run wsplsp doctor --from lab.reg
    assert_output --partial layer-without-chain
    hosted doctor --fix --yes
    assert_equal "$status $stderr" '0 '
    read_back
    assert_jq '[.entries[].kind] | unique == ["base"]'
    hosted backup saved.reg
    assert_equal "$status $stderr" '0 '
    # What a private catalog holds besides, such as the name space providers' DLLs, no function tells.
    run_json diff saved.reg lab.reg
    assert_jq '[.changes[] | select(.subject == "entry" or .subject == "application")] == []'
    hosted recover --yes
    assert_equal "$status" 1
}
