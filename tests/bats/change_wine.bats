#!/usr/bin/env bats
# The changing commands on Wine's own Winsock, which accepts changes and keeps none of them, and what they look at before
# they change anything: DLLs, access rights, whether somebody can be asked.

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

@test "the bundled layer is the one beside the program" {
    mkdir -p x64 x86
    cp "$X64"/wsplsp.exe x64/
    cp "$X64/tests/run_layer.dll" x64/wsplsp-layer.dll
    cp "$PROJECT/build/x86/tests/run_layer.dll" x86/wsplsp-layer.dll
    cp "$FIXTURES/windows10.reg" lab.reg
    run "$PROJECT/scripts/wine" x64/wsplsp.exe --catalog lab.reg install --bundled --force
    assert_success
    output=$(python3 "$TOOLS/regparse.py" catalog lab.reg)
    assert_jq '[.entries[] | select(.name == "wsplsp") | [.catalog, .dll]] == [[64, $dll], [32, $dll32]]' \
        --arg dll "$(wine_path x64/wsplsp-layer.dll)" --arg dll32 "$(wine_path x86/wsplsp-layer.dll)"
    rm x86/wsplsp-layer.dll
    cp "$FIXTURES/windows10.reg" lab.reg
    run "$PROJECT/scripts/wine" x64/wsplsp.exe --catalog lab.reg install --bundled --force
    assert_failure 3
    assert_output --partial 'x86\wsplsp-layer.dll'
}

@test "Wine's own Winsock keeps no change: status 6, and nothing claimed" {
    local before
    before=$(wsplsp_wine list --json | jq -S .entries)
    run --separate-stderr wsplsp_wine install "$LAYER" --name Vendor --yes --force
    assert_equal "$status" 6
    assert_output ''
    [[ -n $stderr && $stderr != *Done* ]] || fail "$stderr"
    assert_equal "$(wsplsp_wine list --json | jq -S .entries)" "$before"
    run --separate-stderr wsplsp_wine remove Vendor --yes
    assert_equal "$status" 3
}

@test "the running system is changed with --yes only where nobody can be asked; --dry-run needs none" {
    run --separate-stderr wsplsp_wine install "$LAYER" --name Vendor --force
    assert_equal "$status" 2
    [[ $stderr == *--yes* ]] || fail "$stderr"
    run --separate-stderr wsplsp_wine install "$LAYER" --name Vendor --force --dry-run
    assert_success
    assert_output --partial 'Nothing has been changed.'
}

@test "a DLL that others than administrators can replace is refused; --force takes it with a warning" {
    # Wine shows the owner's and others' rights of a file as its access rights.
    mkdir shared
    cp "$X64/tests/run_layer.dll" shared/layer.dll
    chmod 777 shared shared/layer.dll
    run --separate-stderr wsplsp_wine install "$(wine_path shared/layer.dll)" --only 64 --name Vendor --dry-run --json
    assert_equal "$status" 5
    assert_jq '.error.name == "WRITABLE" and (.error.message | contains("can replace it"))'
    run wsplsp_wine install "$(wine_path shared/layer.dll)" --only 64 --name Vendor --dry-run --force
    assert_success
    assert_output --partial 'Warning: '
}

@test "a layer is installed under the provider id that its DLL is made for" {
    local id='{6D2C1F0A-1B2E-4D5A-9C31-550E7A42138F}' given='{00112233-4455-6677-8899-AABBCCDDEEFF}' dll
    cp "$FIXTURES/windows10.reg" lab.reg
    dll=$(wine_path "$X64/tests/run_layer_guid.dll")
    run --separate-stderr wsplsp_wine --catalog lab.reg install "$dll" --only 64 --name Vendor --force --json
    assert_success
    assert_jq '.warnings == []'
    output=$(python3 "$TOOLS/regparse.py" catalog lab.reg)
    assert_jq '[.entries[] | select(.name == "Vendor") | .provider_id] == [$id]' --arg id "$id"
    # Another layer's DLL that is made for the same id.
    run --separate-stderr wsplsp_wine --catalog lab.reg install "$(wine_path "$X64/tests/run_layer_cdecl.dll")" --only 64 \
        --name Other --force --json
    assert_equal "$status" 5
    assert_jq '.error.name == "INSTALLED"'
    run --separate-stderr wsplsp_wine --catalog lab.reg install "$dll" --only 64 --name Third --guid "$given" --force --json
    assert_success
    assert_jq '[.warnings[] | select(contains("is made for the provider id " + $id))] | length == 1' --arg id "$id"
    run --separate-stderr wsplsp_wine --catalog lab.reg update Third --dll "$dll" --force --dry-run --json
    assert_jq '[.warnings[]? | select(contains($id))] | length == 1' --arg id "$id"
    # What a DLL of another system would do is not tried: it is not run.
    mkdir -p image/Vendor
    cp "$X64/tests/run_layer_guid.dll" image/Vendor/layer.dll
    RUN_LAYER_GUID=crash run --separate-stderr wsplsp --catalog lab.reg install 'C:\Vendor\layer.dll' --root image --only 64 \
        --name Fourth --force --dry-run --json
    assert_success
    assert_jq '[.warnings[] | select(contains("without --guid it may not start"))] | length == 1'
}

@test "a layer that cannot be asked for its provider id needs --guid" {
    cp "$FIXTURES/windows10.reg" lab.reg
    cp lab.reg before.reg
    export RUN_LAYER_GUID=crash
    run --separate-stderr wsplsp_wine --catalog lab.reg install "$(wine_path "$X64/tests/run_layer_guid.dll")" --only 64 \
        --name Vendor --force --json
    assert_equal "$status" 6
    assert_jq '.error.name == "NO_LSP_GUID"'
    cmp lab.reg before.reg
    run --separate-stderr wsplsp_wine --catalog lab.reg install "$(wine_path "$X64/tests/run_layer_guid.dll")" --only 64 \
        --name Vendor --guid '{00112233-4455-6677-8899-AABBCCDDEEFF}' --force --json
    assert_success
    assert_jq '[.warnings[] | select(contains("is not known"))] | length == 1'
}

@test "a DLL that some programs may not load, or that is in a profile, is refused; --force names who is without network" {
    # On drive C:, whose folders nobody else may write to wherever the clone is.
    local drive="$WINE_HOME/prefix/drive_c" folder
    for folder in wsplsp-test-dll users/wsplsp-test-dll; do
        rm -rf "${drive:?}/$folder"
        mkdir -m 755 "$drive/$folder"
        install -m 755 "$X64/tests/run_layer.dll" "$drive/$folder/layer.dll"
    done
    run --separate-stderr wsplsp_wine install 'C:\wsplsp-test-dll\layer.dll' --only 64 --name Vendor --dry-run --json
    assert_equal "$status $stderr" '0 '
    assert_jq '[.warnings[] | select(contains("no network"))] == []'
    chmod 700 "$drive/wsplsp-test-dll/layer.dll"
    run --separate-stderr wsplsp_wine install 'C:\wsplsp-test-dll\layer.dll' --only 64 --name Vendor --dry-run --json
    assert_equal "$status" 5
    assert_jq '.error.name == "UNLOADABLE" and (.error.message | contains("ordinary users (Users)"))'
    run --separate-stderr wsplsp_wine install 'C:\wsplsp-test-dll\layer.dll' --only 64 --name Vendor --dry-run --force --json
    assert_equal "$status" 0
    assert_jq 'any(.warnings[]; contains("services of LOCAL SERVICE") and contains("would have no network"))'
    run --separate-stderr wsplsp_wine install 'C:\users\wsplsp-test-dll\layer.dll' --only 64 --name Vendor --dry-run --json
    assert_equal "$status" 5
    assert_jq '.error.name == "MISPLACED" and (.error.message | contains("in a user'"'"'s profile"))'
    run --separate-stderr wsplsp_wine install '\\server\share\layer.dll' --only 64 --name Vendor --dry-run --json
    assert_equal "$status" 5
    rm -rf "$drive/wsplsp-test-dll" "$drive/users/wsplsp-test-dll"
}

@test "a DLL for other programs, and one that is no provider, are refused" {
    run --separate-stderr wsplsp_wine install "$LAYER32" --only 64 --name Vendor --dry-run --force --json
    assert_equal "$status" 5
    assert_jq '.error.name == "ARCHITECTURE"'
    run --separate-stderr wsplsp_wine install "$(wine_path "$X64/tests/redirect_probe.dll")" --only 64 --name Vendor --dry-run --force --json
    assert_equal "$status" 5
    assert_jq '.error.name == "NO_WSPSTARTUP"'
    run --separate-stderr wsplsp_wine install 'Z:\nowhere\layer.dll' --only 64 --name Vendor --dry-run --json
    assert_equal "$status" 3
    assert_jq '.error.name == "NO_DLL"'
}
