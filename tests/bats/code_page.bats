#!/usr/bin/env bats
# DLL paths in the code page of the system that they are of. What bytes a path has, and what they mean, is told by
# Python (tests/tools/code_page.py), which shares nothing with the program.

load common
load peer # assert_schema

SOFT='C:\ソフト\layer.dll'                                 # two of whose characters end in 0x5C or 0x83 in 932
SOFT_932=433a5c835c837483675c6c617965722e646c6c            # SOFT.encode("cp932")
PROG='C:\Программы\layer.dll'
PROG_1251=433a5ccff0eee3f0e0ececfb5c6c617965722e646c6c     # PROG.encode("cp1251")
OTHER='C:\Vendor\other.dll'
METER='Fabrikam Traffic Meter'
FILTER='Contoso Web Filter'

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
    cd "$BATS_TEST_TMPDIR" || return
}

paths()
{
    python3 "$TOOLS/code_page.py" "$@"
}

# lab.reg: Windows 11 with two layers, the upper one with these bytes for its path in the one catalog and in the other,
# and something behind each path's NUL. usage: take HEX64 HEX32 [ACP=NUMBER]
take()
{
    paths put "$FIXTURES/windows11-two-lsps.reg" lab.reg "%SystemRoot%\\system32\\fabmeter64.dll=$1" \
        "%SystemRoot%\\system32\\fabmeter.dll=$2" LEFT=aa "${@:3}"
    cp lab.reg before.reg
}

# The items of the layer in a file, in the catalog's order: path bytes, and all 260 of them.
meter_items()
{
    paths items "$1" | grep -F "$2" | cut -d' ' -f1,3-
}

# An error of that status and name that names the option; lab.reg is as it was.
# usage: assert_refused STATUS NAME ARGUMENT …
assert_refused()
{
    local wanted=$1 name=$2
    cp lab.reg untouched.reg
    run --separate-stderr wsplsp --catalog lab.reg --json "${@:3}"
    assert_equal "$status" "$wanted"
    assert_jq '.error.name == $name and (.error.hint | contains("--code-page"))' --arg name "$name"
    run cmp lab.reg untouched.reg
    assert_success
}

assert_layer_path()
{
    assert_jq '[.entries[] | select(.name == $name) | .dll] | unique == [$dll]' --arg name "$METER" --arg dll "$1"
}

@test "the constants of this file are what Python makes of them" {
    assert_equal "$(python3 -c 'import sys; print(sys.argv[1].encode("cp932").hex())' "$SOFT")" "$SOFT_932"
    assert_equal "$(python3 -c 'import sys; print(sys.argv[1].encode("cp1251").hex())' "$PROG")" "$PROG_1251"
}

@test "whole code pages are those of Python's codecs" {
    local page
    for page in 874 932 936 949 950 1250 1251 1252 1253 1254 1255 1256 1257 1258; do
        "$NATIVE/tests/code_page_table" $page >table
        run paths compare $page table
        assert_success
    done
}

# What only Windows decides: characters of private use, and one in 1255 that glibc lacks (U+05BA).
@test "both builds decide alike, and the native one nothing that the other does not" {
    skip_without_wine
    local page others
    for page in 874 932 936 949 950 1250 1251 1252 1253 1254 1255 1256 1257 1258; do
        "$NATIVE/tests/code_page_table" $page >native
        "$PROJECT/scripts/wine" "$X64/tests/code_page_table.exe" $page >windows
        run paths agree native windows
        assert_success
        others=0
        [[ $page != 1255 ]] || others=1
        assert_line 'only in table 1: 0 private, 0 others'
        assert_line --regexp "^only in table 2: [0-9]+ private, $others others"
    done
}

@test "--code-page decides the paths of a file" {
    take "$SOFT_932" "$SOFT_932"
    run_json list --from lab.reg --code-page 932
    assert_layer_path "$SOFT"
    assert_jq '.notes == []'
    assert_schema list
    run wsplsp show 1027 --64 --from lab.reg --code-page 932
    assert_output --partial "$SOFT"
    take "$PROG_1251" "$PROG_1251"
    run_json list --catalog lab.reg --code-page 1251
    assert_layer_path "$PROG"
    # The same bytes in another code page are another path.
    run_json list --catalog lab.reg --code-page 1252
    assert_layer_path 'C:\Ïðîãðàììû\layer.dll'
    take "$(printf %s "$SOFT" | od -An -tx1 | tr -d ' \n')" "$SOFT_932"
    run_json list --64 --catalog lab.reg --code-page 65001
    assert_layer_path "$SOFT"
}

@test "a number that is no ANSI code page is an error of usage, and so is one without a file" {
    local number
    for number in 437 0 cp932 1200 54936 932x ''; do
        run --separate-stderr wsplsp list --from "$FIXTURES/windows10.reg" --code-page "$number"
        assert_equal "$status" 2
        assert_regex "$stderr" 'code page'
    done
    run wsplsp list --code-page 932
    assert_failure 2
    assert_output --partial 'goes with a catalog from a file'
    run wsplsp install 'C:\a.dll' --code-page 932
    assert_failure 2
}

@test "a .reg file and a hive with the key tell the code page themselves" {
    take "$SOFT_932" "$SOFT_932" ACP=932
    run_json list --from lab.reg
    assert_layer_path "$SOFT"
    python3 "$PROJECT/tests/make_hive.py" lab.reg SYSTEM
    run_json list --from SYSTEM
    assert_layer_path "$SOFT"
    # What is said on the command line goes before it.
    run_json list --from SYSTEM --code-page 1251
    refute_output --partial "${SOFT//\\/\\\\}"
    take "$PROG_1251" "$PROG_1251" ACP=1251
    python3 "$PROJECT/tests/make_hive.py" lab.reg SYSTEM
    run_json doctor --from SYSTEM
    refute_output --partial 'code-page'
    # One that Windows cannot have is said and left aside.
    take "$PROG_1251" "$PROG_1251" ACP=437
    run_json list --from lab.reg
    assert_jq '.notes | map(select(contains("437"))) | length == 1'
    assert_jq '[.entries[] | select(.name == $name) | .dll] | unique == [null]' --arg name "$METER"
}

@test "REGEDIT4's strings are in the code page, too" {
    # %s: the strings of a name space provider, of which the first ends in 0x5C.
    wsplsp_regedit4()
    {
        printf 'REGEDIT4\r\n\r\n[%s\\NameSpace_Catalog5\\Catalog_Entries\\000000000001]\r\n' \
            'HKEY_LOCAL_MACHINE\SYSTEM\CurrentControlSet\Services\WinSock2\Parameters'
        printf '"DisplayString"="\x83\x5c"\r\n"LibraryPath"=hex(2):83,5c,2e,64,6c,6c,00\r\n"Enabled"=dword:1\r\n'
        printf '"ProviderId"=hex:01,02,03,04,05,06,07,08,09,0a,0b,0c,0d,0e,0f,10\r\n"SupportedNameSpace"=dword:c\r\n'
    }
    wsplsp_regedit4 >lab.reg
    run_json ns list --from lab.reg --code-page 932
    assert_jq '.name_spaces[0] | [.name, .dll] == ["ソ", "ソ.dll"]'
    run --separate-stderr wsplsp ns list --from lab.reg
    assert_equal "$status" 5
    assert_regex "$stderr" 'line 4: .*--code-page'
    printf '\r\n[HKEY_LOCAL_MACHINE\\SYSTEM\\CurrentControlSet\\Control\\Nls\\CodePage]\r\n"ACP"="932"\r\n' >>lab.reg
    run_json ns list --from lab.reg
    assert_jq '.name_spaces[0] | [.name, .dll] == ["ソ", "ソ.dll"]'
}

@test "what nothing decides is shown as bytes, once said, and never judged" {
    take "$SOFT_932" "$PROG_1251"
    local command
    for command in 'list --verbose' tree 'show 1027' doctor; do
        # shellcheck disable=SC2086
        run --separate-stderr wsplsp $command --from lab.reg
        assert_regex "$output" --code-page
        assert_equal "$(grep -c 'code page that nothing tells' <<<"$output")" 1
    done
    run wsplsp show 1027 --64 --from lab.reg
    assert_line --regexp '^  DLL +C:\\<83><5c><83><74><83><67>\\layer\.dll$'
    run_json list --from lab.reg
    assert_schema list
    assert_jq '[.entries[] | select(.name == $name) | [.dll, .dll_bytes, (.absent.dll | contains("--code-page"))]]
        == [[null, $one, true], [null, $other, true]]' --arg name "$METER" --arg one "$SOFT_932" \
        --arg other "$PROG_1251"
    # The others have no such member.
    assert_jq '[.entries[] | select(.dll != null and has("dll_bytes"))] == []'
    for command in tree 'show 1027'; do
        # shellcheck disable=SC2086
        run_json $command --from lab.reg
        assert_schema "${command%% *}"
        assert_output --partial "\"$SOFT_932\""
    done
}

@test "doctor looks for the file of a path that is decided, and for none that is not" {
    take "$SOFT_932" "$SOFT_932"
    mkdir -p volume/Windows/System32
    : >volume/Windows/System32/mswsock.dll
    run_json doctor --from lab.reg --root volume --code-page 932
    assert_jq '[.findings[] | select(.code == "dll-missing") | .message | contains("ソフト")] | any'
    run_json doctor --from lab.reg --root volume
    assert_jq '[.findings[] | .message | test("<83>|ソフト|layer.dll")] | any | not'
    assert_jq '[.skipped[] | select(.code == "dll-missing") | .reason | contains("--code-page")] | any'
}

@test "diff takes equal bytes for equal, and other bytes for different" {
    take "$SOFT_932" "$SOFT_932"
    run wsplsp diff lab.reg before.reg
    assert_success
    take "$SOFT_932" "$PROG_1251"
    run wsplsp diff lab.reg "$FIXTURES/windows11-two-lsps.reg"
    assert_failure 1
    assert_output --partial '<83><5c>'
    cp lab.reg one.reg
    take "$SOFT_932" "$SOFT_932"
    run_json diff one.reg lab.reg --code-page 932
    assert_jq '[.changes[] | .catalog] | unique == [32]'
    assert_jq '[.changes[] | .after] | unique == [$dll]' --arg dll "$SOFT"
}

# The paths of the layer's entries in a file, all 260 bytes of each, in no order. usage: kept FILE
kept()
{
    paths items "$1" | awk -v one="$hex" -v other="$PROG_1251" '$4 == one || $4 == other {print $4, $5}' | sort
}

# Each changing command that leaves the layer's path as it is.
@test "whatever is changed, a path that is not keeps its 260 bytes" {
    local hex command page before number=0
    local -a commands=(
        "order --top '$FILTER'"
        "order 1006 1028"
        "remove '$FILTER'"
        "update '$FILTER' --dll '$OTHER' --dll32 '$OTHER'"
        "provider category '$METER' firewall"
        "app exempt 'C:\app.exe'"
        "ns disable Tcpip"
        "install '$OTHER' --dll32 '$OTHER' --name Vendor"
        "install '$OTHER' --dll32 '$OTHER' --name Vendor --position bottom-of-layers"
        "doctor --fix"
    )
    # 932; no text in any of them; cut off; U+FFE2 in its second form in 932. Beside each, 1251.
    for hex in $SOFT_932 433a5cfffefd2e646c6c 433a5c83 433a5ceef92e646c6c; do
        take "$hex" "$PROG_1251"
        before=$(kept before.reg)
        assert [ "$(wc -l <<<"$before")" = 14 ]
        for command in "${commands[@]}"; do
            for page in '' '--code-page 932'; do
                number=$((number + 1))
                cp before.reg lab.reg
                rm -rf lab.reg.wsplsp-backups
                eval "run wsplsp --catalog lab.reg $command $page --yes"
                [[ $status == 0 || ($status == 1 && $command == doctor*) ]] || fail "$command $page: $output"
                assert_equal "$(kept lab.reg)" "$before"
            done
        done
    done
    assert_equal "$number" 80
}

@test "a backup of what is not decided restores the bytes" {
    take "$SOFT_932" "$PROG_1251"
    run wsplsp --catalog lab.reg backup kept.reg
    assert_success
    assert_line --index 0 kept.reg
    assert_equal "$(grep -c 'code page that nothing tells' <<<"$output")" 1
    run_json --catalog lab.reg backup
    assert_jq '.warnings | map(select(contains("--code-page"))) | length == 1'
    assert_schema backup
    run wsplsp --catalog lab.reg remove "$METER" --yes
    assert_success
    assert_equal "$(meter_items lab.reg " $SOFT_932 ")" ''
    run wsplsp --catalog lab.reg restore kept.reg --yes
    assert_success
    assert_equal "$(paths items lab.reg | cut -d' ' -f1,4 | sort)" "$(paths items before.reg | cut -d' ' -f1,4 | sort)"
    run wsplsp diff before.reg lab.reg
    assert_success
}

@test "a new path beyond ASCII is refused until the code page is known, and written in it then" {
    cp "$FIXTURES/windows10.reg" lab.reg
    # Name spaces have their paths in UTF-16.
    run wsplsp --catalog lab.reg ns install "$SOFT" --dll32 "$PROG" --name Names --name-space dns --yes
    assert_success
    run_json ns list --from lab.reg
    assert_jq '[.name_spaces[] | select(.name == "Names") | .dll] == [$one, $other]' --arg one "$SOFT" --arg other "$PROG"
    cp "$FIXTURES/windows10.reg" lab.reg
    assert_refused 5 CODE_PAGE install "$SOFT" --dll32 "$OTHER" --name Vendor --yes
    assert_refused 5 CODE_PAGE install "$OTHER" --dll32 "$SOFT" --name Vendor --yes
    run wsplsp --catalog lab.reg install "$SOFT" --dll32 "$OTHER" --name Vendor --yes --code-page 932
    assert_success
    run paths items lab.reg
    assert_output --partial " $SOFT_932 "
    # From now on the file tells it.
    run_json list --from lab.reg
    assert_jq '[.entries[] | select(.name == "Vendor" and .catalog == 64) | .dll] == [$dll]' --arg dll "$SOFT"
    run wsplsp --catalog lab.reg update Vendor --dll 'C:\表\a.dll' --dll32 "$SOFT" --yes
    assert_success
    run paths items lab.reg
    assert_output --partial " $(python3 -c 'print("C:\\表\\a.dll".encode("cp932").hex()) # ends in 0x5C') "
    # A character that it does not have, and 260 bytes in 132 characters.
    run wsplsp --catalog lab.reg update Vendor --dll 'C:\é.dll' --only 64 --yes
    assert_failure 2
    run wsplsp --catalog lab.reg update Vendor --dll "C:\\$(printf 'ソ%.0s' {1..128})a" --only 64 --dry-run
    assert_failure 2
    run wsplsp --catalog lab.reg update Vendor --dll "C:\\$(printf 'ソ%.0s' {1..128})" --only 64 --dry-run
    assert_success
}

@test "what cannot be decided is not replaced, and nothing is named by its bytes" {
    take "$SOFT_932" "$SOFT_932"
    assert_refused 5 CODE_PAGE update "$METER" --dll "$OTHER" --dll32 "$OTHER" --yes
    run wsplsp --catalog lab.reg install 'C:\<83><5c>.dll' --dll32 "$OTHER" --name Vendor --yes
    assert_failure 2
    # A restore would have to compare, or to write.
    cp before.reg decided.reg
    run wsplsp --catalog decided.reg app exempt 'C:\a.exe' --code-page 932 --yes
    assert_success
    assert_refused 5 CODE_PAGE restore decided.reg --yes
    cp lab.reg undecided.reg
    cp decided.reg lab.reg
    run wsplsp --catalog lab.reg remove "$METER" --yes
    assert_success
    assert_refused 5 CODE_PAGE restore undecided.reg --yes
    run wsplsp --catalog lab.reg restore undecided.reg --yes --code-page 932
    assert_success
    run_json list --from lab.reg
    assert_layer_path "$SOFT"
    # A code page that is known, and in which the bytes are no text: such a path leads nowhere, and may be replaced.
    take 433a5c83 433a5c83
    run wsplsp --catalog lab.reg update "$METER" --dll "$OTHER" --dll32 "$OTHER" --code-page 932 --yes
    assert_success
}

@test "a change to a file with a code page notes it, and so does its backup" {
    take "$SOFT_932" "$SOFT_932"
    run wsplsp --catalog lab.reg order --top "$FILTER" --code-page 932 --yes
    assert_success
    run_json list --from lab.reg
    assert_layer_path "$SOFT"
    run_json list --from lab.reg.wsplsp-backups/*.reg
    assert_layer_path "$SOFT"
    # For regedit it is a comment: the file has no key that would change a system's code page.
    run python3 "$TOOLS/regparse.py" keys lab.reg
    refute_output --partial Nls
}

@test "the program for Windows reads and writes the same" {
    skip_without_wine
    take "$SOFT_932" "$PROG_1251"
    local page
    for page in '' '--code-page 932' '--code-page 1251' '--code-page 65001'; do
        # shellcheck disable=SC2086
        assert_equal "$(wsplsp_wine list --from lab.reg --json $page | tr -d '\r')" \
            "$(wsplsp list --from lab.reg --json $page)"
    done
    cp "$FIXTURES/windows10.reg" lab.reg
    wsplsp --catalog lab.reg install "$SOFT" --dll32 "$OTHER" --name Vendor --code-page 932 --yes --quiet
    cp lab.reg before.reg
    run wsplsp_wine --catalog lab.reg order --top 'MSAFD Tcpip [TCP/IP]' --yes
    assert_success
    assert_equal "$(paths items lab.reg | sort)" "$(paths items before.reg | sort)"
}

# Wine takes its code page from the locale's name, which may lead to any locale in UTF-8. The host plays Winsock over
# lab.reg, which tells nothing.
@test "the running system's code page is its own: new paths are stored in it, and a backup notes it" {
    skip_without_wine
    [[ -f $X64/wsplsp-host.dll && -f $X64/tests/run_layer.dll ]] || skip 'the host has not been built'
    [[ -d /usr/lib/locale/C.utf8 ]] || skip 'this system has no locale C.utf8'
    mkdir locales
    ln -s /usr/lib/locale/C.utf8 locales/C.utf8
    ln -s /usr/lib/locale/C.utf8 locales/ja_JP.utf8
    export LOCPATH="$PWD/locales" WSPLSP_WINE_LOCALE=ja_JP.UTF-8
    mkdir ソフト
    cp "$X64/tests/run_layer.dll" ソフト/layer.dll
    cp "$FIXTURES/windows10.reg" lab.reg
    local dll="Z:${BATS_TEST_TMPDIR//\//\\}\\ソフト\\layer.dll"
    hosted()
    {
        run --separate-stderr wsplsp_wine run --catalog lab.reg -- "$X64/wsplsp.exe" "$@"
        output=${output//$'\r'/}
    }
    hosted install "$dll" --only 64 --name Vendor --over 1006 --exact --yes --force
    assert_success
    run paths items lab.reg
    assert_output --partial " $(python3 -c 'import sys; print(sys.argv[1].encode("cp932").hex())' "$dll") "
    hosted list --json
    assert_jq '[.entries[] | select(.name == "Vendor") | .dll] == [$dll]' --arg dll "$dll"
    hosted backup now.reg
    assert_success
    run iconv -f UTF-16 -t UTF-8 now.reg
    assert_line --partial '; code page: 932'
    # The backup is read rightly where there is no Windows to ask.
    run_json list --from now.reg
    assert_jq '[.entries[] | select(.name == "Vendor") | .dll] == [$dll]' --arg dll "$dll"
    # A character that this Windows does not have in its code page.
    mkdir é
    cp ソフト/layer.dll é
    hosted install "Z:${BATS_TEST_TMPDIR//\//\\}\\é\\layer.dll" --only 64 --name Other --over 1006 --exact --yes --force
    assert_equal "$status" 2
}

@test "run takes a catalog's paths in the code page that is given, that the file tells, or that the system has" {
    skip_without_wine
    [[ -f $X64/wsplsp-host.dll ]] || skip 'the host has not been built'
    # What a base entry is called is its own affair: the host's base stands for each.
    paths put "$FIXTURES/windows10.reg" lab.reg "%SystemRoot%\\system32\\mswsock.dll=$PROG_1251"
    seen()
    {
        run --separate-stderr wsplsp_wine run --catalog lab.reg "$@" -- "$X64/wsplsp.exe" list --64 --json
        assert_success
        jq -r '[.entries[].dll] | unique[]' <<<"$output"
    }
    assert_equal "$(seen --code-page 1251)" "$PROG"
    assert_equal "$(seen)" 'C:\Ïðîãðàììû\layer.dll'
    wsplsp --catalog lab.reg app exempt 'C:\app.exe' --code-page 1251 --yes --quiet
    assert_equal "$(seen)" "$PROG"
}
