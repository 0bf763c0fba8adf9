#!/usr/bin/env bats
# The changing commands over catalogs in files, natively: what each makes of a catalog, read back by code that shares
# nothing with the program (regparse.py); that a plan alone changes nothing; what is refused; and the way back.

load common

setup_file()
{
    # DLLs of both architectures, for a Windows volume.
    export PARTS="$BATS_FILE_TMPDIR/parts"
    mkdir "$PARTS"
    printf 'int WSPStartup(void) { return 0; }\nint NSPStartup(void) { return 0; }\n' >"$PARTS/both.c"
    printf 'int Unrelated(void) { return 0; }\n' >"$PARTS/neither.c"
    local code
    for code in both neither; do
        x86_64-w64-mingw32-gcc -shared -nostdlib -Wl,--entry=0,--export-all-symbols -o "$PARTS/$code-64.dll" "$PARTS/$code.c"
        i686-w64-mingw32-gcc -shared -nostdlib -Wl,--entry=0,--export-all-symbols -o "$PARTS/$code-32.dll" "$PARTS/$code.c"
    done
}

setup()
{
    cd "$BATS_TEST_TMPDIR" || return
    DLL='C:\Vendor\layer64.dll'
    DLL32='C:\Vendor\layer32.dll'
    VENDOR='{11111111-2222-4333-8444-555555555555}'
}

# A copy of a fixture as lab.reg, and what it holds.
take()
{
    cp "$FIXTURES/$1.reg" lab.reg
    cp lab.reg before.reg
}

# The catalog in lab.reg by an independent reader, into $output.
read_back()
{
    output=$(python3 "$TOOLS/regparse.py" catalog "${1:-lab.reg}")
}

# The chains of a catalog in their order, each as the names of its members. usage: chains BITS [FILE]
chains()
{
    read_back "${2:-lab.reg}"
    jq -r --argjson bits "$1" '[.entries[] | select(.catalog == $bits)] as $all | $all[] | select(.kind == "chain")
        | [.chain[] as $id | ([$all[] | select(.catalog_id == $id)] | if length == 1 then .[0].name else "BROKEN" end)]
        | join(" > ")' <<<"$output"
}

# What holds of every catalog that a plan has led to: unique ids, chains of members that are there, a base at their ends.
assert_sound()
{
    local bits
    for bits in 64 32; do
        read_back
        assert_jq '[.entries[] | select(.catalog == $bits) | .catalog_id] | length == (unique | length)' --argjson bits $bits
        refute_regex "$(chains $bits)" BROKEN
        assert_jq '[.entries[] | select(.catalog == $bits)] as $all | [$all[] | select(.kind == "chain") | .chain[-1] as $id
            | $all[] | select(.catalog_id == $id) | .kind] | all(. == "base")' --argjson bits $bits
    done
}

# The base entries as they are in before.reg, in the same order.
assert_bases_untouched()
{
    local bases='[.entries[] | select(.kind == "base") | del(.position)]'
    assert_equal "$(python3 "$TOOLS/regparse.py" catalog lab.reg | jq -c "$bases")" \
        "$(python3 "$TOOLS/regparse.py" catalog before.reg | jq -c "$bases")"
}

# lab.reg and before.reg are equal but for ids that were given out anew: chains by provider id.
assert_as_before()
{
    local equal='[.entries[] as $one | $one | del(.catalog_id) + {chain: [.chain[] as $id | [$all[]
        | select(.catalog == $one.catalog and .catalog_id == $id) | .provider_id + .name] | first]}]'
    local whole="{entries: (.entries as \$all | $equal), name_spaces, applications: (.applications | sort_by(.path, .arguments))}"
    assert_equal "$(python3 "$TOOLS/regparse.py" catalog lab.reg | jq -S "$whole")" \
        "$(python3 "$TOOLS/regparse.py" catalog before.reg | jq -S "$whole")"
    run wsplsp diff before.reg lab.reg
    assert_success
}

install_vendor()
{
    run wsplsp --catalog lab.reg install "$DLL" --dll32 "$DLL32" --name Vendor --guid "$VENDOR" "$@"
}

# A Windows volume with the DLLs at the places that DLL and DLL32 name.
make_volume()
{
    VOLUME="$BATS_TEST_TMPDIR/volume"
    mkdir -p "$VOLUME/Windows/System32" "$VOLUME/Vendor"
    cp "$PARTS/both-64.dll" "$VOLUME/Vendor/layer64.dll"
    cp "$PARTS/both-32.dll" "$VOLUME/Vendor/layer32.dll"
}

# The arguments end with the status, an error of that name, and lab.reg as it was.
# usage: assert_refused STATUS NAME ARGUMENT …
assert_refused()
{
    local wanted=$1 name=$2
    shift 2
    cp lab.reg untouched.reg
    run --separate-stderr wsplsp --catalog lab.reg --json "$@"
    assert_equal "$status" "$wanted"
    assert_jq '.schema == "wsplsp/error/1" and .error.name == $name' --arg name "$name"
    run cmp lab.reg untouched.reg
    assert_success
}

@test "install puts a chain over each base entry that it names, in both catalogs" {
    local bits
    take windows10
    install_vendor --over 1006,1009 --exact
    assert_success
    for bits in 64 32; do
        assert_equal "$(chains $bits | sort)" "$(printf 'Vendor > %s\n' 'MSAFD Tcpip [TCP/IP]' 'MSAFD Tcpip [TCP/IPv6]' | sort)"
    done
    assert_sound
    assert_bases_untouched
    read_back
    assert_jq '[.entries[] | select(.name == "Vendor") | [.catalog, .kind, .dll, .provider_id]] ==
        [[64, "layer", $dll, $id], [32, "layer", $dll32, $id]]' --arg dll "$DLL" --arg dll32 "$DLL32" --arg id "$VENDOR"
    # Chains stand before what they cover, and have ids of their own.
    assert_jq '[.entries[] | select(.catalog == 64) | .kind] | index("chain") < index("base")'
    assert_jq '[.entries[] | select(.kind == "chain" and .provider_id == $id)] == []' --arg id "$VENDOR"
}

@test "install --over tcp covers UDP and RAW of the families, and says why; --exact does not" {
    take windows10
    install_vendor --over tcp
    assert_success
    assert_output --regexp 'Warning:.*UDP'
    local name
    for name in TCP UDP RAW; do
        assert_regex "$(chains 64)" "Vendor > MSAFD Tcpip \\[$name/IP\\]"
        assert_regex "$(chains 64)" "Vendor > MSAFD Tcpip \\[$name/IPv6\\]"
    done
    take windows10
    install_vendor --over tcp --exact
    assert_success
    assert_regex "$(chains 64)" 'MSAFD Tcpip \[TCP/IP\]'
    refute_regex "$(chains 64)" 'UDP|RAW'
}

@test "install --only, --mode and --category" {
    take windows10
    run wsplsp --catalog lab.reg install "$DLL32" --only 32 --name Vendor --mode non-ifs --category firewall,LSP_INSPECTOR,0x40
    assert_success
    assert_equal "$(chains 64)" ''
    read_back
    assert_jq '[.entries[] | select(.kind != "base") | .catalog] | unique == [32]'
    assert_jq '[.entries[] | select(.kind != "base") | .service_flags.names | index("XP1_IFS_HANDLES")] | unique == [null]'
    assert_jq '[.entries[] | select(.kind != "base") | .dll] | unique == [$dll]' --arg dll "$DLL32"
    # LSP_INSPECTOR 1, LSP_FIREWALL 8, LSP_CRYPTO_COMPRESS 40 (ws2spi.h)
    assert_regex "$(wsplsp history --catalog lab.reg)" "--category 'firewall,LSP_INSPECTOR,0x40'"
    run wsplsp --catalog lab.reg provider category Vendor inspector firewall crypto-compress
    assert_failure 1
    take windows10
    install_vendor
    assert_success
    read_back
    assert_jq '[.entries[] | select(.name == "Vendor") | .service_flags.names | index("XP1_IFS_HANDLES") != null] == [true, true]'
}

@test "install --position puts the layer between others, whose chains pass through it" {
    local place
    take windows11-two-lsps
    install_vendor --over 1004 --exact
    assert_success
    assert_equal "$(chains 64 | head -1)" 'Vendor > Fabrikam Traffic Meter > Contoso Web Filter > MSAFD Tcpip [TCP/IP]'
    for place in 'below 1027' 'above 1013'; do
        take windows11-two-lsps
        # shellcheck disable=SC2086 # two words
        install_vendor --over 1004 --exact --only 64 --position $place
        assert_failure 2 # --dll32 does not go with --only
        # shellcheck disable=SC2086
        run wsplsp --catalog lab.reg install --over 1004 --exact --only 64 --position $place --name Vendor "$DLL"
        assert_success
        assert_regex "$(chains 64)" 'Fabrikam Traffic Meter > Vendor > Contoso Web Filter > MSAFD Tcpip \[TCP/IP\]'
        assert_sound
    done
    take windows11-two-lsps
    run wsplsp --catalog lab.reg install "$DLL" --over 1004 --exact --only 64 --position bottom-of-layers --name Vendor
    assert_success
    assert_regex "$(chains 64)" 'Fabrikam Traffic Meter > Contoso Web Filter > Vendor > MSAFD Tcpip \[TCP/IP\]'
    assert_sound
}

@test "a plan alone changes nothing and leaves nothing behind" {
    take windows11-two-lsps
    local arguments
    for arguments in 'remove Contoso' 'reset' 'order 1014' 'app exempt C:\x.exe' 'ns disable winrnr' 'remove --all-layered'; do
        # shellcheck disable=SC2086 # words
        wsplsp --catalog lab.reg --dry-run --json $arguments >json || true
        # shellcheck disable=SC2086
        run wsplsp --catalog lab.reg $arguments --dry-run
        [[ $status == 0 || $status == 3 ]] || fail "$arguments: $status $output"
        run cmp lab.reg before.reg
        assert_success
    done
    [[ ! -e lab.reg.wsplsp-backups ]] || fail 'backups were made'
    run wsplsp --catalog lab.reg remove 'Contoso Web Filter' --dry-run
    assert_line --index 0 'Plan for lab.reg'
    assert_line --regexp '^  1\. '
    assert_line '64-bit catalog'
    refute_line --regexp '─ .*Contoso'
    assert_line 'Nothing has been changed.'
}

@test "what is there already is not installed again, what is gone is not removed: a message, a status, no change" {
    take windows10
    install_vendor
    assert_success
    cp lab.reg installed.reg
    install_vendor
    assert_failure 1
    assert_output --partial 'Nothing to do: '
    run cmp lab.reg installed.reg
    assert_success
    assert_equal "$(wsplsp history --catalog lab.reg --json | jq '.records | length')" 1
    run wsplsp --catalog lab.reg remove Vendor
    assert_success
    run wsplsp --catalog lab.reg remove Vendor
    assert_failure 3
    assert_output --partial 'Vendor'
    run wsplsp --catalog lab.reg reset
    assert_failure 1
}

@test "remove takes out one layer, and the chains of others go without it" {
    take windows11-two-lsps
    run wsplsp --catalog lab.reg remove 'Contoso Web Filter'
    assert_success
    local bits
    for bits in 64 32; do
        assert_equal "$(chains $bits)" "$(printf 'Fabrikam Traffic Meter > MSAFD Tcpip [%s]\n' \
            TCP/IPv6 UDP/IPv6 RAW/IPv6 TCP/IP UDP/IP RAW/IP)"
    done
    assert_sound
    assert_bases_untouched
    read_back
    assert_jq '[.entries[] | select(.name | startswith("Contoso"))] == []'
}

@test "remove by provider id and by the id of a chain, and from one catalog only" {
    local wanted
    for wanted in '{141B047C-F4C8-53F7-806B-0D1230BB1431}' 1027 1031; do
        take windows11-two-lsps
        run wsplsp --catalog lab.reg remove "$wanted" --only 64
        assert_success
        assert_equal "$(chains 64 | sort -u)" "$(printf 'Contoso Web Filter > MSAFD Tcpip [%s]\n' \
            TCP/IPv6 UDP/IPv6 RAW/IPv6 TCP/IP UDP/IP RAW/IP | sort)"
        assert_equal "$(chains 32)" "$(chains 32 before.reg)"
    done
}

@test "remove --all-layered and reset leave the base entries, in their order" {
    local arguments
    for arguments in 'remove --all-layered' reset; do
        take windows11-two-lsps
        # shellcheck disable=SC2086 # words
        run wsplsp --catalog lab.reg $arguments
        assert_success
        read_back
        assert_jq '[.entries[].kind] | unique == ["base"]'
        assert_bases_untouched
        run wsplsp doctor --from lab.reg
        assert_success
    done
}

@test "a broken entry is removed by its id" {
    cp "$(fixture chain-member-missing)" lab.reg
    cp lab.reg before.reg
    run wsplsp --catalog lab.reg remove 1016
    assert_success
    read_back
    assert_jq '[.entries[] | select(.catalog_id == 1016)] == []'
    assert_sound
}

@test "order puts entries first, by id and by a layer's name" {
    take windows11-two-lsps
    run wsplsp --catalog lab.reg order 1008 1004 --only 64
    assert_success
    read_back
    assert_jq '[.entries[] | select(.catalog == 64) | .catalog_id][0:3] == [1008, 1004, 1028]'
    assert_jq '[.entries[] | select(.catalog == 32) | .catalog_id][0] == 1035'
    assert_sound
    run wsplsp --catalog lab.reg order 1008 1004 --only 64
    assert_failure 1
    take windows11-two-lsps
    run wsplsp --catalog lab.reg order --top 'Contoso Web Filter'
    assert_success
    assert_output --partial 'Warning: '
    assert_equal "$(chains 64 | head -6)" "$(printf 'Contoso Web Filter > MSAFD Tcpip [%s]\n' \
        TCP/IPv6 UDP/IPv6 RAW/IPv6 TCP/IP UDP/IP RAW/IP)"
    assert_bases_untouched
}

@test "update gives a layer another DLL, and nothing else" {
    take windows11-two-lsps
    run wsplsp --catalog lab.reg update 'Contoso Web Filter' --dll "$DLL" --dll32 "$DLL32"
    assert_success
    read_back
    assert_jq '[.entries[] | select(.name | startswith("Contoso")) | [.catalog, .dll]] | unique == [[32, $dll32], [64, $dll]]' \
        --arg dll "$DLL" --arg dll32 "$DLL32"
    assert_jq '[.entries[] | select(.name | startswith("Fabrikam")) | .dll | test("fabmeter")] | all'
    assert_equal "$(chains 64)" "$(chains 64 before.reg)"
    assert_sound
    run wsplsp --catalog lab.reg update 'Contoso Web Filter' --dll "$DLL" --dll32 "$DLL32"
    assert_failure 1
    assert_refused 2 USAGE update 'Contoso Web Filter' --dll "$DLL"
    assert_refused 3 NOT_FOUND update Nobody --dll "$DLL" --dll32 "$DLL32"
}

@test "app exempt, permit, show and clear" {
    take windows10
    run wsplsp --catalog lab.reg app exempt 'C:\Windows\System32\wsl.exe'
    assert_success
    read_back
    assert_jq '[.applications[] | select(.path | endswith("wsl.exe")) | [.arguments, .categories]] == [[null, 2147483648]]'
    run wsplsp --catalog lab.reg app exempt 'C:\Windows\System32\wsl.exe'
    assert_failure 1
    run wsplsp --catalog lab.reg app show 'c:\windows\system32\WSL.EXE'
    assert_success
    assert_output --regexp 'wsl\.exe +any +LSP_SYSTEM'
    run wsplsp --catalog lab.reg app permit 'C:\Windows\System32\wsl.exe' firewall inspector
    assert_success
    read_back
    assert_jq '[.applications[] | select(.path | endswith("wsl.exe")) | [.arguments, .categories]] == [[null, 9]]'
    run wsplsp --catalog lab.reg app permit 'C:\Vendor\x.exe' proxy --args '-k one'
    assert_success
    read_back
    assert_jq '[.applications[] | select(.path | endswith("x.exe")) | [.arguments, .categories]] == [["-k one", 4]]'
    run wsplsp --catalog lab.reg app clear 'C:\Windows\System32\wsl.exe'
    assert_success
    run wsplsp --catalog lab.reg app clear 'C:\Vendor\x.exe' --args '-k one'
    assert_success
    read_back
    assert_equal "$(jq -c '.applications | sort_by(.path)' <<<"$output")" \
        "$(python3 "$TOOLS/regparse.py" catalog before.reg | jq -c '.applications | sort_by(.path)')"
    assert_refused 3 NOT_FOUND app show 'C:\Vendor\x.exe'
    assert_refused 5 NOT_ABSOLUTE app exempt wsl.exe
    assert_refused 2 USAGE app permit 'C:\x.exe' nonsense
}

@test "ns install, disable, enable, order and remove" {
    take windows10
    run wsplsp --catalog lab.reg ns install "$DLL" --dll32 "$DLL32" --name Names --name-space dns --guid "$VENDOR"
    assert_success
    read_back
    assert_jq '[.name_spaces[] | select(.name_raw == "Names") | [.catalog, .dll, .name_space, .enabled, .provider_id]] ==
        [[64, $dll, 12, true, $id], [32, $dll32, 12, true, $id]]' --arg dll "$DLL" --arg dll32 "$DLL32" --arg id "$VENDOR"
    run wsplsp --catalog lab.reg ns disable Names --only 64
    assert_success
    read_back
    assert_jq '[.name_spaces[] | select(.name_raw == "Names") | .enabled] == [false, true]'
    run wsplsp --catalog lab.reg ns enable "$VENDOR"
    assert_success
    run wsplsp --catalog lab.reg ns enable "$VENDOR"
    assert_failure 1
    run wsplsp --catalog lab.reg ns order Names
    assert_success
    read_back
    assert_jq '[.name_spaces[] | select(.position == 1) | .name_raw] == ["Names", "Names"]'
    run wsplsp --catalog lab.reg ns remove Names
    assert_success
    assert_as_before
    assert_refused 3 NOT_FOUND ns remove Names
    assert_refused 2 USAGE ns install "$DLL" --dll32 "$DLL32" --name Names
    assert_refused 2 USAGE ns install "$DLL" --dll32 "$DLL32" --name Names --name-space nonsense
}

@test "doctor --fix cures what has a safe cure" {
    cp "$(fixture layer-without-chain)" lab.reg
    run wsplsp --catalog lab.reg doctor --fix --only chain-self
    assert_failure 1
    run wsplsp --catalog lab.reg doctor --fix --only layer-without-chain
    assert_success
    run_json doctor --from lab.reg
    assert_jq '[.findings[] | select(.code == "layer-without-chain")] == []'
    assert_refused 2 USAGE doctor --fix --only nonsense
    assert_refused 2 USAGE doctor --fix --only ,
    assert_refused 2 USAGE doctor --dry-run
    run wsplsp doctor --fix --from lab.reg
    assert_failure 2
    assert_refused 2 USAGE doctor --yes
}

@test "restore after any sequence of commands gives an equal catalog" {
    take windows11-two-lsps
    run wsplsp --catalog lab.reg backup saved.reg
    assert_success
    wsplsp --catalog lab.reg remove 'Contoso Web Filter'
    install_vendor --position below 1027 --over tcp
    assert_success
    wsplsp --catalog lab.reg order --top Vendor || [[ $? == 1 ]]
    wsplsp --catalog lab.reg app exempt 'C:\Windows\System32\wsl.exe'
    wsplsp --catalog lab.reg app clear 'C:\Windows\System32\lsass.exe'
    wsplsp --catalog lab.reg ns remove '{3B2637EE-E580-11CF-A555-00C04FD8D4AC}'
    wsplsp --catalog lab.reg remove --all-layered
    run wsplsp --catalog lab.reg restore saved.reg
    assert_success
    assert_as_before
    assert_bases_untouched
    run wsplsp --catalog lab.reg restore saved.reg
    assert_failure 1
}

@test "each change leaves a backup that history lists and restore takes by its name" {
    take windows10
    run wsplsp --catalog lab.reg history
    assert_success
    assert_output 'Nothing has been changed, and no backup made.'
    install_vendor
    assert_success
    local undo
    undo=$(sed -n 's/^To undo it: //p' <<<"$output")
    [[ $undo == 'wsplsp --catalog lab.reg restore '* ]] || fail "$output"
    wsplsp --catalog lab.reg remove Vendor
    run_json history --catalog lab.reg
    assert_jq '[.records[] | [.command, .state]] == [["install", "done"], ["remove", "done"]]'
    assert_jq '.records[0].words == "install '"'C:\\\\Vendor\\\\layer64.dll' --name 'Vendor' --dll32 'C:\\\\Vendor\\\\layer32.dll' --guid '{11111111-2222-4333-8444-555555555555}'"'"'
    # The first backup is the catalog before the first change; the second one has the layer in it.
    local first second
    first=$(jq -r '.records[0].path' <<<"$output")
    second=$(jq -r '.records[1].name' <<<"$output")
    run wsplsp diff "$first" before.reg
    assert_success
    run wsplsp --catalog lab.reg restore "$second"
    assert_success
    assert_regex "$(chains 64)" Vendor
    run bash -c "cd '$BATS_TEST_TMPDIR' && PATH='$NATIVE':\$PATH && $undo"
    assert_success
    assert_as_before
}

@test "restore: a name alone is a backup's before it is a file's in the current folder" {
    take windows10
    install_vendor
    local backup
    backup=$(basename lab.reg.wsplsp-backups/*-install.reg)
    # Somebody has put another catalog, under the backup's name, where the command is given.
    cp "$FIXTURES/windows11-two-lsps.reg" "$backup"
    run wsplsp --catalog lab.reg restore "$backup"
    assert_success
    assert_as_before
    # By its path that one is meant.
    run wsplsp --catalog lab.reg restore "./$backup" --dry-run
    assert_success
    assert_output --partial Contoso
}

@test "restore: what the backup would have programs load has to pass install's checks" {
    take windows10
    make_volume
    install_vendor --root "$VOLUME"
    wsplsp --catalog lab.reg backup saved.reg >"$BATS_TEST_TMPDIR/saved"
    local restore=(restore saved.reg --root "$VOLUME")
    # What the catalog has already is not looked at.
    rm "$VOLUME/Vendor/layer32.dll"
    run wsplsp --catalog lab.reg "${restore[@]}"
    assert_failure 1
    wsplsp --catalog lab.reg remove Vendor
    assert_refused 3 NO_DLL "${restore[@]}"
    assert_refused 3 NO_DLL "${restore[@]}" --force
    cp "$PARTS/both-64.dll" "$VOLUME/Vendor/layer32.dll"
    assert_refused 5 ARCHITECTURE "${restore[@]}"
    cp "$PARTS/both-32.dll" "$VOLUME/Vendor/layer32.dll"
    run wsplsp --catalog lab.reg "${restore[@]}"
    assert_success
    # The plan names what comes.
    assert_output --partial "$DLL32"
    refute_output --partial 'has not been looked at'
    # The same provider with another DLL is another thing to load.
    wsplsp --catalog lab.reg update Vendor --dll 'C:\Vendor\other32.dll' --only 32
    rm "$VOLUME/Vendor/layer32.dll"
    assert_refused 3 NO_DLL "${restore[@]}"
    # And so is a name space provider.
    take windows10
    wsplsp --catalog lab.reg ns install "$DLL" --dll32 "$DLL32" --name Names --name-space dns
    wsplsp --catalog lab.reg backup names.reg >"$BATS_TEST_TMPDIR/saved"
    wsplsp --catalog lab.reg ns remove Names
    assert_refused 3 NO_DLL restore names.reg --root "$VOLUME"
}

@test "backup writes a complete .reg file and overwrites none" {
    take windows11-two-lsps
    run wsplsp --catalog lab.reg backup saved.reg
    assert_success
    assert_output saved.reg
    run wsplsp diff before.reg saved.reg
    assert_success
    assert_equal "$(head -c 2 saved.reg | od -An -tx1 | tr -d ' ')" fffe
    assert_refused 5 EEXIST backup saved.reg
    run_json backup --catalog lab.reg
    assert_jq '.schema == "wsplsp/backup/1" and (.file | test("\\.reg$"))'
    [[ -s $(jq -r .file <<<"$output") ]]
    run cmp lab.reg before.reg
    assert_success
}

@test "the DLLs on a mounted volume are looked at before anything is planned" {
    take windows10
    make_volume
    install_vendor --root "$VOLUME"
    assert_success
    refute_output --partial 'has not been looked at'
    take windows10
    install_vendor
    assert_success
    assert_output --partial 'has not been looked at'

    take windows10
    local install=(install "$DLL" --dll32 "$DLL32" --name Vendor --root "$VOLUME")
    rm "$VOLUME/Vendor/layer32.dll"
    assert_refused 3 NO_DLL "${install[@]}"
    cp "$PARTS/both-64.dll" "$VOLUME/Vendor/layer32.dll"
    assert_refused 5 ARCHITECTURE "${install[@]}"
    assert_refused 5 ARCHITECTURE "${install[@]}" --force
    cp "$PARTS/neither-32.dll" "$VOLUME/Vendor/layer32.dll"
    assert_refused 5 NO_WSPSTARTUP "${install[@]}"
    assert_refused 5 NO_NSPSTARTUP ns install "${install[@]:1}" --name-space dns
    echo text >"$VOLUME/Vendor/layer32.dll"
    assert_refused 5 BAD_FORMAT "${install[@]}"
    assert_refused 5 NOT_ABSOLUTE install layer.dll --dll32 "$DLL32" --name Vendor --root "$VOLUME"
    assert_refused 5 NOT_ABSOLUTE install "$DLL" --dll32 'Vendor\layer32.dll' --name Vendor --root "$VOLUME"
    # A name that takes the volume's variables apart cannot be looked up: --force takes it, with a warning.
    assert_refused 5 UNREADABLE install '%Nowhere%\layer.dll' --only 64 --name Vendor --root "$VOLUME"
    run wsplsp --catalog lab.reg install '%Nowhere%\layer.dll' --only 64 --name Vendor --root "$VOLUME" --force
    assert_success
    assert_output --partial 'Warning: '
}

@test "both catalogs want a DLL, or --only" {
    take windows10
    assert_refused 2 USAGE install "$DLL" --name Vendor
    assert_refused 2 USAGE install "$DLL" --dll32 "$DLL32" --only 64 --name Vendor
    take windows7
    run wsplsp --catalog lab.reg install "$DLL32" --name Vendor
    assert_success
    assert_regex "$(chains 32)" 'Vendor > '
}

@test "wrong usage is found before anything is done" {
    take windows10
    assert_refused 2 USAGE install --name Vendor
    assert_refused 2 USAGE install "$DLL" --dll32 "$DLL32"
    assert_refused 2 USAGE install "$DLL" --only 16 --name Vendor
    assert_refused 2 USAGE install "$DLL" --only 64 --name Vendor --mode maybe
    assert_refused 2 USAGE install "$DLL" --only 64 --name Vendor --over ipx
    assert_refused 2 USAGE install "$DLL" --only 64 --name Vendor --over ,
    assert_refused 2 USAGE install "$DLL" --only 64 --name Vendor --guid nonsense
    assert_refused 2 USAGE install "$DLL" --only 64 --name Vendor --category nonsense
    assert_refused 2 USAGE install "$DLL" --only 64 --name Vendor --position sideways
    assert_refused 2 USAGE install "$DLL" --only 64 --name Vendor --position above
    assert_refused 2 USAGE install "$DLL" --bundled
    assert_refused 2 USAGE remove
    assert_refused 2 USAGE remove Vendor --all-layered
    assert_refused 2 USAGE order
    assert_refused 2 USAGE order Vendor
    assert_refused 2 USAGE order 1001 --top Vendor
    assert_refused 2 USAGE update Vendor
    assert_refused 2 USAGE provider category Vendor nonsense
    assert_refused 3 NOT_FOUND order --top Vendor
    assert_refused 3 NOT_FOUND order 4711
    assert_refused 3 ENOENT restore nowhere.reg
}

@test "a layer over itself, a name or an id that is taken, and too long a chain are refused" {
    take windows11-two-lsps
    run wsplsp --catalog lab.reg install "$DLL" --dll32 "$DLL32" --name 'Contoso Web Filter'
    assert_failure 5
    run wsplsp --catalog lab.reg install "$DLL" --dll32 "$DLL32" --name Vendor --guid '{4A043505-50DB-54A6-8395-3246B488AB13}'
    assert_failure 5
    local i
    for i in 1 2 3 4; do
        run wsplsp --catalog lab.reg install "$DLL" --only 64 --name "Vendor $i" --over 1004 --exact
        assert_success
    done
    # Two layers and four, and the base: MAX_PROTOCOL_CHAIN is 7.
    run wsplsp --catalog lab.reg install "$DLL" --only 64 --name 'Vendor 5' --over 1004 --exact
    assert_failure 5
}

@test "what cannot be changed can be planned for" {
    run --separate-stderr wsplsp --catalog - reset
    assert_equal "$status" 2
    python3 "$PROJECT/tests/make_hive.py" "$FIXTURES/windows11-two-lsps.reg" SYSTEM
    run --separate-stderr wsplsp --catalog SYSTEM reset
    assert_equal "$status" 5
    local command format
    for command in reset 'remove --all-layered' 'order 1004' 'app exempt C:\x.exe' "restore $FIXTURES/windows11.reg" \
        "install $DLL --dll32 $DLL32 --name Vendor"; do
        for format in '' --json; do
            # shellcheck disable=SC2086 # words and options, on purpose
            run wsplsp --catalog SYSTEM $command --dry-run $format
            assert_success
            [[ -n $format ]] || assert_line 'Nothing has been changed.'
        done
    done
    run wsplsp --catalog - reset --dry-run <"$FIXTURES/windows11-two-lsps.reg"
    assert_success
    run --separate-stderr wsplsp --catalog nowhere.reg reset
    assert_equal "$status" 3
    run --separate-stderr wsplsp reset --yes
    assert_equal "$status" 6
    # shellcheck disable=SC2154 # bats sets it
    [[ $stderr == *'no Winsock catalog of its own'* ]] || fail "$stderr"
}

# Runs the program on a terminal, where the answer is typed when it is asked; prints what was shown.
# usage: answering ANSWER ARGUMENT …
answering()
{
    NATIVE=$NATIVE python3 - "$@" <<'END'
import os, pty, sys
child, terminal = pty.fork()
if child == 0:
    os.execv(os.environ["NATIVE"] + "/wsplsp", ["wsplsp"] + sys.argv[2:])
text = b""
asked = False
while True:
    try:
        part = os.read(terminal, 65536)
    except OSError:  # EIO: the child has closed its side
        break
    if not part:
        break
    text += part
    if not asked and text.endswith(b"[y/N] "):
        asked = True
        os.write(terminal, sys.argv[1].encode() + b"\n")
sys.stdout.buffer.write(text.replace(b"\r\n", b"\n"))
sys.exit(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]))
END
}

@test "on a terminal the plan is shown and asked about; anything but yes changes nothing" {
    take windows11-two-lsps
    local answer
    for answer in n '' no; do
        run answering "$answer" --catalog lab.reg reset
        assert_failure 5
        assert_output --partial '1. '
        assert_output --partial 'Change the catalog? [y/N]'
        run cmp lab.reg before.reg
        assert_success
    done
    run answering y --catalog lab.reg reset --yes
    assert_success
    refute_output --partial '[y/N]'
    take windows11-two-lsps
    run answering y --catalog lab.reg reset
    assert_success
    read_back
    assert_jq '[.entries[].kind] | unique == ["base"]'
}

@test "recover has nothing to do where no change was cut off" {
    take windows10
    run wsplsp --catalog lab.reg recover
    assert_failure 1
    assert_output 'No change is unfinished.'
    run_json recover --catalog lab.reg
    assert_equal "$status" 1
    assert_jq '.outcome == "nothing" and .change == null'
}

@test "--json of every changing command validates, with the plan's steps, before and after" {
    local line schema
    take windows11-two-lsps
    while read -r line; do
        schema=$(sed -E 's/^((ns|app|provider) [a-z]+|[a-z]+).*/\1/' <<<"$line")
        [[ $line != doctor* ]] || schema=doctor-fix
        # shellcheck disable=SC2086 # words
        wsplsp schema $schema >schema.json
        eval "run --separate-stderr wsplsp --catalog lab.reg --json $line"
        ((status <= 1)) || fail "$line: $status $output"
        printf '%s' "$output" >document
        run python3 "$TOOLS/validate.py" schema.json document
        assert_success
        output=$(<document)
        case $schema in
            backup | history | recover | 'app show') ;;
            *) assert_jq '.plan | [(.steps | length > 0), (.before.entries | length > 0), (.after | has("applications"))] | all' ;;
        esac
    done <<'END'
install 'C:\Vendor\a.dll' --dll32 'C:\Vendor\b.dll' --name Vendor --dry-run
install 'C:\Vendor\a.dll' --dll32 'C:\Vendor\b.dll' --name Vendor
provider category Vendor firewall
update Vendor --dll 'C:\Vendor\c.dll' --dll32 'C:\Vendor\d.dll'
order --top 'Contoso Web Filter'
remove Vendor
app exempt 'C:\x.exe'
app show 'C:\x.exe'
app permit 'C:\x.exe' proxy
app clear 'C:\x.exe'
ns install 'C:\Vendor\a.dll' --dll32 'C:\Vendor\b.dll' --name Names --name-space 12
ns disable Names
ns enable Names
ns order Names
ns remove Names
backup
history
reset
restore before.reg
recover
END
    cp "$(fixture layer-without-chain)" lab.reg
    wsplsp schema doctor-fix >schema.json
    run_json doctor --fix --catalog lab.reg
    printf '%s' "$output" >document
    assert_jq '.outcome == "done" and (.backup | length > 0)'
    run python3 "$TOOLS/validate.py" schema.json document
    assert_success
}

@test "--quiet prints nothing of a change, and the steps alone of a plan" {
    take windows11-two-lsps
    run wsplsp --catalog lab.reg reset --dry-run --quiet
    assert_success
    refute_line --regexp '^[^ ]'
    run wsplsp --catalog lab.reg reset --quiet
    assert_success
    assert_output ''
    run wsplsp --catalog lab.reg restore before.reg --quiet --yes
    assert_success
    assert_output ''
    run answering n --catalog lab.reg reset --quiet
    assert_failure 5
    assert_output --regexp '1\. .*\[y/N\]'
}

@test "a hive can be backed up to a file" {
    python3 "$PROJECT/tests/make_hive.py" "$FIXTURES/windows11-two-lsps.reg" SYSTEM
    run wsplsp --catalog SYSTEM backup saved.reg
    assert_success
    run wsplsp diff "$FIXTURES/windows11-two-lsps.reg" saved.reg
    assert_success
}
