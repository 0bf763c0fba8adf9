#!/usr/bin/env bats
# The catalog functions of ws2_32 in programs of their own under wsplsp run --catalog FILE. Each line of `answers` is what
# the function's reference page says; what has become of FILE is read by regparse.py, which knows nothing of wsplsp.

load common

# The errors by number: 120 ERROR_CALL_NOT_IMPLEMENTED, 10013 WSAEACCES, 10014 WSAEFAULT, 10022 WSAEINVAL,
# 10055 WSAENOBUFS, 10105 WSAEINVALIDPROVIDER, 10107 WSASYSCALLFAILURE, 10108 WSASERVICE_NOT_FOUND, 11003 WSANO_RECOVERY.

TCP4='{E70F1AA0-AB8B-11CF-8CA3-00805F48A192}' # the provider of 1006, 1007, 1008
NLA='{6642243A-3BA8-4AA6-BAA5-2E0BD71FDD83}'  # the first name space provider
ALL='1001,1006,1007,1008,1009,1010,1011,1002,1003,1004,1005'

setup_file()
{
    wine_start
    # regparse.py asks the compiler what the flags are called, which takes longer than all else: once is enough.
    PYTHONPATH="$TOOLS" PYTHONDONTWRITEBYTECODE=1 python3 -c \
        'import pickle, regparse, sys; pickle.dump(regparse.header_flags(), open(sys.argv[1], "wb"))' "$BATS_FILE_TMPDIR/flags"
}

teardown_file()
{
    wine_stop
}

setup()
{
    skip_without_wine
    [[ -x $X64/tests/wsc_call.exe && -f $X64/wsplsp-host.dll ]] || skip 'the host and its tests have not been built'
    cd "$BATS_TEST_TMPDIR" || return
    wsplsp catalog new lab.reg --from windows10
    # A layer that cannot be loaded would keep the next program from starting; 32-bit programs are none here.
    LAYER="Z:${X64//\//\\}\\tests\\run_layer.dll"
    LAYER32='C:\layer32.dll'
}

# The program under the host; usage: call ARGUMENTS…
call()
{
    timeout 100 "$PROJECT/scripts/wine" "$X64/wsplsp.exe" run --strict --catalog "${CATALOG:-lab.reg}" "$X64/tests/wsc_call.exe" \
        "$@" | tr -d '\r'
}

# Standard input: lines of `ANSWER | WORDS…`, words quoted as for the shell. All are called by one process, in this order.
answers()
{
    local wanted='' line words=() all=()
    while read -r line; do
        wanted+="${line%% |*}"$'\n'
        eval "words=(${line#*|})"
        all+=(${all[0]:++} "${words[@]}")
    done
    assert_equal "$(call "${all[@]}")" "${wanted%$'\n'}"
}

# usage: catalog FILE: what `regparse.py catalog FILE` prints
catalog()
{
    PYTHONPATH="$TOOLS" PYTHONDONTWRITEBYTECODE=1 python3 -c 'if True:
        import json, pickle, regparse, sys
        flags = pickle.load(open(sys.argv[1], "rb"))
        regparse.header_flags = lambda: flags
        print(json.dumps(regparse.catalog(sys.argv[2]), indent=1))' "$BATS_FILE_TMPDIR/flags" "$1"
}

# The file's catalog has to satisfy a jq expression. usage: assert_catalog EXPRESSION [jq options…]
assert_catalog()
{
    output=$(catalog lab.reg)
    assert_jq "$@"
}

# The catalog ids in the file's order. usage: ids BITS
ids()
{
    catalog lab.reg | jq -r --argjson bits "$1" '[.entries[] | select(.catalog == $bits) | .catalog_id] | join(",")'
}

# The catalog of that bitness is the same in the file as in another one. usage: same_catalog BITS FILE
same_catalog()
{
    diff <(catalog "$2" | jq ".entries[] | select(.catalog == $1)") \
        <(catalog lab.reg | jq ".entries[] | select(.catalog == $1)")
}

# Both catalogs' ids, with a space between.
both_ids()
{
    catalog lab.reg |
        jq -r '[64, 32] as $all | [$all[] as $bits | [.entries[] | select(.catalog == $bits) | .catalog_id] | join(",")] | join(" ")'
}

@test 'WSCEnumProtocols(32): all entries in order, by protocol, and the size that is needed' {
    answers <<END
ids=$ALL 11 0 | enum
ids=$ALL 11 0 | enum32
ids=1006,1009,1002,1003 4 0 | enum all 6
ids=1006,1007,1009,1010,1002,1003,1004,1005 8 0 | enum32 all 17 6
size=0 0 0 | enum all 99
ids=$ALL 11 0 | enum $((11 * 628))
size=$((11 * 628)) -1 10055 | enum $((11 * 628 - 1))
size=$((11 * 628)) -1 10055 | enum32 0
END
    assert_equal "$(both_ids)" "$ALL $ALL"
}

@test 'WSCGetProviderPath(32): as stored, and its errors' {
    answers <<END
path=%SystemRoot%\\system32\\mswsock.dll 0 0 | path '$TCP4'
path=%SystemRoot%\\system32\\mswsock.dll 0 0 | path32 '$TCP4'
path=%SystemRoot%\\system32\\mswsock.dll 0 0 | path '$TCP4' 34
-1 10014 | path '$TCP4' 33
-1 10014 | path32 '$TCP4' 0
-1 10022 | path 4711
-1 10022 | path32 4711
END
}

@test 'WSCInstallProvider: into the own catalog, last; WSCInstallProvider64_32: into both' {
    local in64 in32
    export LAYERS="${LAYER%\\*}" # the path is stored as it is given, and expanded when the DLL is loaded
    answers <<'END'
0 0 | install 7 '%LAYERS%\run_layer.dll' 0:2:1:6:Own 2:2:1:6:Chain:1012,1006
0 0 | install64_32 8 'C:\both.dll' 1:23:2:17:Both
END
    assert_catalog '[.entries[] | select(.catalog == 64)] | length == 14 and .[11].name_raw == "Own" and .[11].kind == "layer"
        and .[11].dll == "%LAYERS%\\run_layer.dll" and .[11].provider_id == "{00000007-0000-0000-0000-000000000000}"
        and .[12].kind == "chain" and .[12].chain == [1012, 1006] and .[12].dll == .[11].dll
        and (map(.catalog_id) | unique | length) == 14'
    assert_catalog '[.entries[] | select(.catalog == 32)] | length == 12 and .[11].name_raw == "Both"
        and .[11].family == 23 and .[11].socket_type == 2 and .[11].protocol == 17 and .[11].dll == "C:\\both.dll"'
    assert_catalog '[.entries[] | select(.name_raw == "Both") | .provider_id] ==
        ["{00000008-0000-0000-0000-000000000000}", "{00000008-0000-0000-0000-000000000000}"]'
    read -r in64 in32 <<<"$(both_ids)"
    assert_equal "$(call enum + enum32)" "ids=$in64 14 0"$'\n'"ids=$in32 12 0"
}

@test 'WSCInstallProvider and WSCInstallProvider64_32: errors change nothing' {
    local function
    cp lab.reg before
    for function in install install64_32; do
        answers <<END
-1 10014 | $function - C:\\\\a.dll 1:2:1:6:N
-1 10014 | $function ! C:\\\\a.dll 1:2:1:6:N
-1 10014 | $function 7 - 1:2:1:6:N
-1 10014 | $function 7 ! 1:2:1:6:N
-1 10022 | $function 7 '' 1:2:1:6:N
-1 10022 | $function 7 x261 1:2:1:6:N
-1 10022 | $function 7 x260 1:2:1:6:N
-1 10014 | $function 7 C:\\\\a.dll -
-1 10014 | $function 7 C:\\\\a.dll !
-1 10022 | $function 7 C:\\\\a.dll nothing
-1 10022 | $function 7 C:\\\\a.dll 8:2:1:6:N:1,2,3,4,5,6,7
-1 10022 | $function 7 C:\\\\a.dll -1:2:1:6:N
-1 11003 | $function '$TCP4' C:\\\\a.dll 1:2:1:6:N
END
    done
    cmp before lab.reg
    answers <<<'0 0 | install 7 x259 7:2:1:6:N:1006,1007,1008,1009,1010,1011,1002'
    assert_catalog '.entries[] | select(.catalog == 64 and .position == 12) | (.dll | length) == 259 and (.chain | length) == 7'
}

@test 'WSCUpdateProvider(32): the provider of that catalog alone' {
    answers <<END
0 0 | install64_32 7 C:\\\\old.dll 1:2:1:6:Old
END
    cp lab.reg before
    answers <<END
0 0 | update 7 C:\\\\new.dll 1:2:1:6:New@1012
END
    same_catalog 32 before
    assert_catalog '.entries[] | select(.catalog == 64 and .position == 12) | .catalog_id == 1012 and .name_raw == "New" and .dll == "C:\\new.dll"'
    cp lab.reg before
    answers <<END
0 0 | update32 7 C:\\\\other.dll 1:2:1:6:Other@1012
END
    same_catalog 64 before
    assert_catalog '.entries[] | select(.catalog == 32 and .position == 12) | .name_raw == "Other" and .dll == "C:\\other.dll"'
    cp lab.reg before
    answers <<END
-1 10022 | update 4711 C:\\\\new.dll 1:2:1:6:New@1012
-1 10022 | update32 4711 C:\\\\new.dll 1:2:1:6:New@1012
-1 10014 | update - C:\\\\new.dll 1:2:1:6:New@1012
-1 10014 | update32 7 - 1:2:1:6:New@1012
-1 10022 | update 7 x261 1:2:1:6:New@1012
-1 10014 | update32 7 C:\\\\new.dll !
END
    cmp before lab.reg
}

@test 'WSCDeinstallProvider(32): that provider in that catalog, all its entries' {
    cp lab.reg before
    answers <<END
-1 10022 | remove 4711
-1 10022 | remove32 4711
-1 10022 | remove -
-1 10022 | remove32 !
END
    cmp before lab.reg
    answers <<<"0 0 | remove '$TCP4'"
    same_catalog 32 before
    assert_equal "$(ids 64)" 1001,1009,1010,1011,1002,1003,1004,1005
    cp lab.reg before
    answers <<END
0 0 | remove32 '$TCP4'
-1 10022 | remove '$TCP4'
-1 10022 | remove32 '$TCP4'
END
    same_catalog 64 before
    assert_equal "$(ids 32)" 1001,1009,1010,1011,1002,1003,1004,1005
}

@test 'WSCWriteProviderOrder(32): each entry exactly once' {
    local turned='1005 1004 1003 1002 1011 1010 1009 1008 1007 1006 1001'
    cp lab.reg before
    answers <<END
10022 10022 | order ${turned% *}
10022 10022 | order $turned 1012
10022 10022 | order ${turned% *} 1005
10022 10022 | order32 ${turned% *} 4711
10022 10022 | order32
10022 10022 | order !
END
    cmp before lab.reg
    answers <<<"0 0 | order $turned"
    assert_equal "$(ids 64)" "${turned// /,}"
    same_catalog 32 before
    answers <<END
0 0 | order32 $turned
0 0 | order ${ALL//,/ }
END
    assert_equal "$(both_ids)" "$ALL ${turned// /,}"
}

@test 'WSCInstallProviderAndChains64_32: a layer with its chains, on top of both catalogs' {
    # 1001 to 1011 are taken.
    answers <<END
id=1012 0 0 | chains 9 '$LAYER' '$LAYER32' 'My layer' 0x20000 1:2:1:6 1:2:2:17 1:2:1:6
END
    local bits
    for bits in 64 32; do
        assert_catalog '[.entries[] | select(.catalog == $bits)] | length == 14
            and (.[:2] | map(.kind) == ["chain", "chain"] and (map(.chain) | sort) == [[1012, 1006], [1012, 1007]])
            and (.[:2] | map([.family, .socket_type, .protocol]) | sort) == [[2, 1, 6], [2, 2, 17]]
            and .[13].kind == "layer" and .[13].catalog_id == 1012 and .[13].name_raw == "My layer"
            and .[13].provider_id == "{00000009-0000-0000-0000-000000000000}"
            and (.[13].provider_flags.names | index("PFL_HIDDEN")) and (.[13].service_flags.names | index("XP1_IFS_HANDLES"))
            and ([.[0, 1, 13].dll] | unique) == [if $bits == 64 then $layer else $layer32 end]
            and (map(.provider_id) | .[0] != .[1] and .[0] != .[13])' --argjson bits "$bits" \
            --arg layer "$LAYER" --arg layer32 "$LAYER32"
    done
    answers <<END
-1 10022 | chains 9 C:\\\\a.dll C:\\\\b.dll Other 0 1:2:1:6
-1 10022 | chains 10 C:\\\\a.dll C:\\\\b.dll 'My layer' 0 1:2:1:6
END
}

@test 'WSCInstallProviderAndChains64_32: over every protocol, and over other layers' {
    # Without a list: each {address family, socket type, protocol} of the base entries that programs see, once.
    answers <<END
id=1012 0 0 | chains 9 %windir%\\\\system32\\\\mswsock.dll - All 0 -
END
    assert_catalog 'def kinds: map([.family, .socket_type, .protocol]) | sort;
        [.entries[] | select(.catalog == 64)]
        | (map(select(.kind == "base" and (.provider_flags.names | index("PFL_HIDDEN") | not))) | kinds | unique) ==
            (map(select(.kind == "chain")) | kinds)'
    # With one: "the top-most entry in the configuration information that matches"
    [[ $(call chains 10 "$LAYER" "$LAYER32" Second 0x20000 1:2:1:6) =~ ^id=([0-9]+)' 0 0'$ ]]
    assert_catalog '[.entries[] | select(.catalog == 32)][0] | .kind == "chain" and .chain == [$id, 1012, 1006]' \
        --argjson id "${BASH_REMATCH[1]}"
}

@test 'WSCInstallProviderAndChains64_32: errors change nothing, and chains have an end' {
    cp lab.reg before
    answers <<END
-1 10022 | chains - C:\\\\a.dll C:\\\\b.dll N 0 1:2:1:6
-1 10014 | chains ! C:\\\\a.dll C:\\\\b.dll N 0 1:2:1:6
-1 10022 | chains 9 - C:\\\\b.dll N 0 1:2:1:6
-1 10022 | chains 9 x261 C:\\\\b.dll N 0 1:2:1:6
-1 10022 | chains 9 C:\\\\a.dll x261 N 0 1:2:1:6
-1 10022 | chains 9 C:\\\\a.dll - N 0 1:2:1:6
-1 10022 | chains 9 C:\\\\a.dll C:\\\\b.dll - 0 1:2:1:6
-1 10022 | chains 9 C:\\\\a.dll C:\\\\b.dll x256 0 1:2:1:6
-1 10022 | chains 9 C:\\\\a.dll C:\\\\b.dll N 0 nothing
-1 10022 | chains 9 C:\\\\a.dll C:\\\\b.dll N 0 1:99:1:6
-1 10014 | chains 9 C:\\\\a.dll C:\\\\b.dll N 0 !
END
    cmp before lab.reg
    local i layers=()
    for ((i = 1; i <= 6; i++)); do layers+=(${layers[0]:++} chains "$i" "$LAYER" "$LAYER32" "Layer $i" 0 1:2:1:6); done
    refute_regex "$(call "${layers[@]}")" '-1'
    cp lab.reg before
    answers <<END
-1 11003 | chains 7 C:\\\\a.dll C:\\\\b.dll 'Layer 7' 0 1:2:1:6
END
    cmp before lab.reg
    assert_catalog '[.entries[] | select(.catalog == 64)][0].chain | length == 7'
}

@test 'WSCSetProviderInfo(32) and WSCGetProviderInfo(32): the categories of a layer' {
    call chains 9 "$LAYER" "$LAYER32" Layer 0 1:2:1:6
    cp lab.reg before
    answers <<END
value=0 0 0 | get-info 9
size=4 -1 11003 | get-info 4711
size=4 -1 120 | get-info 9 4 1
size=4 -1 10022 | get-info32 9 4 2
size=4 -1 10014 | get-info 9 0
size=4 -1 10014 | get-info32 !
-1 120 | set-info 9 1 4 1
-1 10022 | set-info32 9 1 4 2
-1 10022 | set-info 9 1 8
-1 10022 | set-info32 9 1 0
-1 10014 | set-info - 1
-1 10014 | set-info32 9 -
END
    cmp before lab.reg
    answers <<END
0 0 | set-info 9 0x80000002
value=0x80000002 0 0 | get-info 9
value=0 0 0 | get-info32 9
0 0 | set-info32 9 0x10
END
    answers <<END
value=0x80000002 0 0 | get-info 9
value=0x10 0 0 | get-info32 9
END
    run python3 "$TOOLS/regparse.py" keys lab.reg
    assert_jq '[to_entries[] | .key as $key | .value[] | select(.name == "LspCategories") | [($key | test("Entries64")), .data]]
        | sort == [[false, "10000000"], [true, "02000080"]]'
}

@test 'WSCSetApplicationCategory and WSCGetApplicationCategory' {
    cp lab.reg before
    answers <<'END'
-1 10108 | permitted 'C:\app.exe' -
-1 10014 | permit - - 1
-1 10014 | permit ! - 1
-1 10022 | permit '' - 1
-1 10014 | permit 'C:\app.exe' ! 1
END
    cmp before lab.reg
    answers <<'END'
before=0 0 0 | permit 'C:\app.exe' - 0x80000000
before=0x80000000 0 0 | permit 'C:\app.exe' - 0x40
before=0 0 0 | permit 'C:\app.exe' '-k one' 0x4
before=0 0 0 | permit '%SystemRoot%\other.exe' - 0x2
END
    answers <<'END'
value=0x80000040 0 0 | permitted 'C:\app.exe' -
value=0x4 0 0 | permitted 'C:\app.exe' '-k one'
-1 10108 | permitted 'C:\app.exe' '-k two'
-1 10108 | permitted 'C:\another.exe' -
END
    assert_catalog '[.applications[] | [.path, .arguments, .categories]] | sort ==
        ([["C:\\app.exe", null, 2147483712], ["C:\\app.exe", "-k one", 4], ["%SystemRoot%\\other.exe", null, 2]] | sort)'
}

# The ids' beginnings in the file's order, disabled ones with a minus: of the 64-bit catalog, `|`, of the 32-bit one.
name_spaces()
{
    catalog lab.reg | jq -r '[64, 32] as $all | [$all[] as $bits | [.name_spaces[] | select(.catalog == $bits)
        | (if .enabled then "" else "-" end) + .provider_id[1:9]] | join(" ")] | join("|")'
}

@test 'WSCInstallNameSpace(Ex)(32), WSCUnInstallNameSpace(32), WSCEnableNSProvider(32)' {
    local before='6642243A 964ACBA2 03FE89CE 03FE89CD 22059D40 3B2637EE'
    answers <<'END'
0 0 | ns-install 5 'My names' 'C:\names.dll' 12 3
0 0 | ns-install32 6 'Mail names' 'C:\mail.dll' 37 4 data
END
    assert_equal "$(name_spaces)" "$before 00000005|$before 00000006"
    assert_catalog '.name_spaces[] | select(.provider_id[1:9] == "00000005") | .name_raw == "My names" and
        .dll == "C:\\names.dll" and .name_space == 12 and .version == 3 and .enabled and .catalog == 64'
    run call ns-enum32 + ns-enable 5 0 + ns-enable32 6 0 + ns-enable32 6 1
    assert_line --index 0 --partial 'Mail names/37/1/data 7 0'
    assert_equal "${lines[*]:1}" '0 0 0 0 0 0'
    assert_equal "$(name_spaces)" "$before -00000005|$before 00000006"
    answers <<'END'
0 0 | ns-remove 5
0 0 | ns-remove32 6
END
    assert_equal "$(name_spaces)" "$before|$before"
}

@test 'the name space functions: errors change nothing' {
    local in
    cp lab.reg before
    for in in '' 32; do
        answers <<END
-1 11003 | ns-install$in '$NLA' Names C:\\\\n.dll 12 1
-1 10022 | ns-install$in - Names C:\\\\n.dll 12 1
-1 10022 | ns-install$in 5 - C:\\\\n.dll 12 1
-1 10022 | ns-install$in 5 Names - 12 1 data
-1 10022 | ns-install$in 5 Names x300 12 1
-1 10022 | ns-remove$in 4711
-1 10014 | ns-remove$in !
-1 10022 | ns-enable$in 4711 0
-1 10014 | ns-enable$in - 1
10022 10022 | ns-order$in '$NLA'
10014 10014 | ns-order$in !
END
    done
    cmp before lab.reg
}

@test 'WSCWriteNameSpaceOrder(32): each provider exactly once' {
    local all turned
    all=$(catalog lab.reg | jq -r '[.name_spaces[] | select(.catalog == 32) | "'\''\(.provider_id)'\''"] | reverse | join(" ")')
    turned='3B2637EE 22059D40 03FE89CD 03FE89CE 964ACBA2 6642243A'
    answers <<<"0 0 | ns-order32 $all"
    assert_equal "$(name_spaces)" "6642243A 964ACBA2 03FE89CE 03FE89CD 22059D40 3B2637EE|$turned"
    answers <<END
0 0 | ns-order $all
10022 10022 | ns-order $all '$NLA'
10022 10022 | ns-order32 ${all% *} 4711
END
    assert_equal "$(name_spaces)" "$turned|$turned"
}

@test 'who may not write the catalog gets the documented error' {
    cp lab.reg before
    chmod a-w lab.reg
    answers <<END
-1 11003 | install 7 C:\\\\a.dll 1:2:1:6:N
-1 11003 | install64_32 7 C:\\\\a.dll 1:2:1:6:N
-1 11003 | update '$TCP4' C:\\\\a.dll 1:2:1:6:N@1006
-1 11003 | remove32 '$TCP4'
11003 11003 | order ${ALL//,/ }
-1 11003 | chains 9 C:\\\\a.dll C:\\\\b.dll N 0 1:2:1:6
-1 11003 | permit C:\\\\app.exe - 1
-1 10013 | ns-install 5 Names C:\\\\n.dll 12 1
-1 11003 | ns-remove '$NLA'
END
    cmp before lab.reg
}

@test 'several programs change one catalog at once' {
    local worker i words
    for worker in 1 2 3 4; do
        words=()
        for ((i = 0; i < 4; i++)); do
            words+=(${words[0]:++} install64_32 "$worker$i" 'C:\w.dll' "1:2:1:6:Worker $worker $i" + remove32 "$worker$i")
        done
        call "${words[@]}" >"said.$worker" &
    done
    wait
    for worker in 1 2 3 4; do assert_equal "$(sort -u "said.$worker"): $(wc -l <"said.$worker")" '0 0: 8'; done
    assert_equal "$(ids 32)" "$ALL"
    assert_catalog '[.entries[] | select(.catalog == 64)] | length == 27 and (map(.catalog_id) | unique | length) == 27
        and (map(select(.name_raw | startswith("Worker"))) | map(.provider_id) | unique | length) == 16'
    # Each worker's entries in the order it made them.
    assert_catalog '[.entries[] | select(.name_raw | startswith("Worker 3")) | .name_raw[-1:]] == ["0", "1", "2", "3"]'
    assert_equal "$(ls)" "$(printf '%s\n' lab.reg said.{1..4})"
}

@test 'WSAProviderConfigChange tells of what another program has changed' {
    local waiter i
    call wait "Z:${BATS_TEST_TMPDIR//\//\\}\\mark" >waited &
    waiter=$!
    for ((i = 0; i < 100; i++)); do
        [[ ! -e mark ]] || break
        sleep 0.1
    done
    [[ -e mark ]] || fail 'nobody waits'
    answers <<<"0 0 | remove '$TCP4'"
    wait "$waiter"
    assert_equal "$(cat waited)" '0 0'
}

@test 'the same from a 32-bit program: its catalog is the 32-bit one' {
    local program="$BUILD/x86/tests/wsc_call.exe"
    [[ -x $program ]] || skip 'the 32-bit program has not been built'
    "$PROJECT/scripts/wine" --can-run "$program" || skip "this machine's Wine runs no 32-bit programs"
    X64="$BUILD/x86"
    cp lab.reg before
    answers <<END
ids=$ALL 11 0 | enum
id=1012 0 0 | chains 9 C:\\\\l.dll 'My layer' 0x20000 1:2:1:6
0 0 | install 7 C:\\\\a.dll 1:2:1:6:N
0 0 | remove '$TCP4'
END
    same_catalog 64 before
    assert_catalog '[.entries[] | select(.catalog == 32)] | .[0].chain == [1012, 1006] and length == 11'
}
