#!/usr/bin/env bats
# wsplsp run: what a program and its children see of being hosted, and what happens when they cannot be.
# shellcheck disable=SC2030,SC2031 # bats runs each test in a shell of its own

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
    [[ -x $X64/tests/run_probe.exe && -f $X64/wsplsp-host.dll ]] || skip 'the host has not been built'
    cd "$X64/tests" || return
}

# `wsplsp run ARGUMENTS` under Wine, whose line ends are dropped.
hosted()
{
    run --separate-stderr wsplsp_wine run "$@"
    output=${output//$'\r'/}
    mapfile -t lines <<<"$output"
    stderr=${stderr//$'\r'/}
}

# Waits for a file, which appears whole. usage: wait_for FILE
wait_for()
{
    local i
    for ((i = 0; i < 100; i++)); do
        [[ ! -f $1 ]] || return 0
        sleep 0.1
    done
    fail "$1 has not come"
}

# Runs a command on a terminal of its own and gives its status: without one there is no console, and no Ctrl-C.
on_terminal()
{
    python3 -c 'import os, pty, sys; sys.exit(os.waitstatus_to_exitcode(pty.spawn(sys.argv[1:], lambda fd: os.read(fd, 4096))))' "$@"
}

@test 'redirection: all ways to a function, before and after, and back' {
    run "$PROJECT/scripts/wine" test_redirect.exe
    refute_output --partial 'not ok'
    assert_output --partial '0 failures'
    assert_success
}

@test 'what the processes of a run share' {
    run "$PROJECT/scripts/wine" test_config.exe
    refute_output --partial 'not ok'
    assert_output --partial '0 failures'
    assert_success
}

@test 'run: without it the program is not hosted' {
    run "$PROJECT/scripts/wine" run_probe.exe hosted
    assert_output --partial 'bare 64'
}

@test 'run: the program is hosted, and nothing is added to its output' {
    hosted run_probe.exe hosted
    assert_success
    assert_equal "$output" 'hosted 64'
    assert_equal "$stderr" ''
}

@test 'run: the exit status is the program'\''s' {
    hosted run_probe.exe exit 0
    assert_equal "$status" 0
    hosted run_probe.exe exit 6
    assert_equal "$status" 6
    assert_equal "$stderr" ''
    hosted run_probe.exe exit 0x12345601
    assert_equal "$status" 1
}

@test 'run: the streams are the program'\''s' {
    printf 'one\0two\nthree' >"$BATS_TEST_TMPDIR/in"
    wsplsp_wine run run_probe.exe copy <"$BATS_TEST_TMPDIR/in" >"$BATS_TEST_TMPDIR/out" 2>"$BATS_TEST_TMPDIR/err"
    cmp "$BATS_TEST_TMPDIR/in" "$BATS_TEST_TMPDIR/out"
    assert_equal "$(tr -d '\r' <"$BATS_TEST_TMPDIR/err")" 'to standard error'
}

@test 'run: arguments arrive as they were written' {
    # shellcheck disable=SC1003 # a backslash at the end of a word is meant
    hosted run_probe.exe words --json --catalog 'a b' 'c"d' 'e\' '' -- -x
    assert_success
    assert_equal "${lines[0]}" '[--json][--catalog][a b][c"d][e\][][--][-x]'
    hosted -- run_probe.exe words --
    assert_equal "${lines[0]}" '[--]'
}

@test 'run: a program without folder is looked for in the current one and along PATH, and not beside wsplsp' {
    hosted run_probe hosted
    assert_equal "$output" 'hosted 64'
    hosted ./run_probe hosted
    assert_equal "$output" 'hosted 64'
    hosted cmd.exe /c exit 5
    assert_equal "$status" 5
    hosted wsplsp version
    assert_equal "$status" 6
}

@test 'run: Ctrl-C is left to the program' {
    run on_terminal "$PROJECT/scripts/wine" run_probe.exe control-c
    [[ $status == 77 ]] || skip "no console here (status $status)"
    run on_terminal "$PROJECT/scripts/wine" "$X64/wsplsp.exe" run --strict run_probe.exe control-c
    assert_equal "$status" 77
}

@test 'run: children are hosted, however they are started' {
    local way
    for way in a w suspended user system token logon shell; do
        run "$PROJECT/scripts/wine" run_probe.exe start "$way" hosted
        [[ $status != 77 ]] || continue # Wine 8 has no CreateProcessWithLogonW
        hosted run_probe.exe start "$way" hosted
        assert_equal "$way: $output" "$way: hosted 64"
        assert_equal "$stderr" ''
        assert_success
    done
    hosted run_probe.exe start a exit 9
    assert_equal "$status" 9
}

@test 'run: children are hosted where LoadLibraryW is a stand-in that they do not have' {
    hosted run_probe.exe start shimmed hosted
    assert_equal "$output" 'hosted 64'
    assert_equal "$stderr" ''
    assert_success
}

@test 'run: children of WinExec and LoadModule are hosted' {
    local way
    for way in winexec loadmodule; do
        hosted run_probe.exe start "$way" note "Z:${BATS_TEST_TMPDIR//\//\\\\}\\\\$way"
        assert_success
        wait_for "$BATS_TEST_TMPDIR/$way"
        assert_equal "$way: $(tr -d '\r' <"$BATS_TEST_TMPDIR/$way")" "$way: hosted 64"
    done
}

@test 'run: grandchildren are hosted' {
    hosted run_probe.exe start suspended start w start system hosted
    assert_equal "$output" 'hosted 64'
}

@test 'run: a child under a debugger runs without the host, which --verbose says in one line' {
    hosted run_probe.exe start debugged hosted
    assert_success
    assert_equal "$output" 'bare 64'
    assert_regex "$stderr" '^wsplsp: 1 child process ran without the host: it is being debugged \(process [0-9]+\)$'
    hosted --verbose run_probe.exe start debugged hosted
    assert_equal "$output" 'bare 64'
    assert_regex "$stderr" '^wsplsp: child process [0-9]+ runs without the host: it is being debugged
wsplsp: 1 child process ran without the host: it is being debugged \(process [0-9]+\)$'
    hosted --quiet run_probe.exe start debugged hosted
    assert_equal "$stderr" ''
}

@test 'run: children without the host are told in JSON with --json, and that there are none, too' {
    hosted --json run_probe.exe start debugged exit 3
    assert_equal "$status" 3
    output=$stderr
    assert_jq '.schema == "wsplsp/run/1" and .exit_status == 3 and .unhosted_count == 1
        and (.unhosted | length == 1 and (.[0] | .name == "DEBUGGED" and .code == 0 and .process_id > 0
            and .message == "it is being debugged"))'
    wsplsp schema run >"$BATS_TEST_TMPDIR/schema"
    printf '%s' "$output" >"$BATS_TEST_TMPDIR/document"
    run python3 "$TOOLS/validate.py" "$BATS_TEST_TMPDIR/schema" "$BATS_TEST_TMPDIR/document"
    assert_success
    hosted --json run_probe.exe start a hosted
    assert_equal "$output" 'hosted 64'
    output=$stderr
    assert_jq '.exit_status == 0 and .unhosted_count == 0 and .unhosted == []'
}

@test 'run: a child made suspended has not run when its program prepares it, and is hosted when it is let go' {
    local way
    for way in resumed twice ntthread ntprocess; do
        run "$PROJECT/scripts/wine" run_probe.exe start "prepared-$way" written
        assert_equal "$way: ${output//$'\r'/}" "$way: bare, written 4711"
        hosted run_probe.exe start "prepared-$way" written
        assert_equal "$way: $output" "$way: hosted, written 4711"
        assert_equal "$stderr" ''
        assert_success
    done
}

@test 'run: a child made suspended and not let go is told of at the end' {
    hosted run_probe.exe start prepared-ended written
    assert_equal "$status" 8
    assert_equal "$output" ''
    assert_regex "$stderr" '^wsplsp: 1 child process ran without the host: it was made suspended, and let go by another process'
}

@test 'run: a child that does not take the host in goes on without it' {
    run "$PROJECT/scripts/wine" test_inject.exe
    output=${output//$'\r'/}
    mapfile -t lines <<<"$output"
    refute_line --partial 'not ok'
    assert_line --partial 'bare 64'
    assert_line --partial 'hosted 64'
    assert_line '1..2'
    assert_success
}

@test 'run: children of the other bitness are hosted' {
    [[ -f $BUILD/x86/wsplsp-host.dll ]] || skip 'the 32-bit host has not been built'
    run "$PROJECT/scripts/wine" "$BUILD/x86/tests/run_probe.exe" hosted
    [[ $output == *'bare 32'* ]] || skip 'no 32-bit Wine'
    hosted ../../x86/tests/run_probe.exe hosted
    assert_equal "$output" 'hosted 32'
    export RUN_PROBE_OTHER='..\..\x86\tests\run_probe.exe'
    hosted run_probe.exe other suspended hosted
    assert_equal "$output" 'hosted 32'
    run --separate-stderr "$PROJECT/scripts/wine" "$BUILD/x86/wsplsp.exe" run --strict run_probe.exe hosted
    assert_equal "${output//$'\r'/}" 'hosted 64'
}

# A failure: status 6, one error, and the program has not run.
# usage: refute_run MESSAGE ARGUMENTS…
refute_run()
{
    local message=$1 noted="$BATS_TEST_TMPDIR/noted"
    shift
    hosted "$@" note "Z:${noted//\//\\\\}"
    assert_equal "$status" 6
    assert_equal "$output" ''
    assert_regex "$stderr" "^wsplsp: $message"
    [[ ! -e $noted ]] || fail 'the program has run'
}

@test 'run: a program that cannot be started' {
    printf 'no program' >"$BATS_TEST_TMPDIR/text.exe"
    refute_run "cannot start '.*nosuch': there is no such file \(ERROR_FILE_NOT_FOUND 2\)" nosuch
    refute_run "cannot start '.*text.exe': it is no program" "$BATS_TEST_TMPDIR/text.exe"
    refute_run "cannot start '.*redirect_probe.dll': it is no program" redirect_probe.dll
}

@test 'run: a program made for another architecture' {
    # The machine in its header: ARM64.
    python3 - run_probe.exe "$BATS_TEST_TMPDIR/arm.exe" <<'PY'
import struct, sys
image = bytearray(open(sys.argv[1], "rb").read())
struct.pack_into("<H", image, struct.unpack_from("<I", image, 0x3C)[0] + 4, 0xAA64)
open(sys.argv[2], "wb").write(image)
PY
    refute_run "cannot start '.*arm.exe'" "$BATS_TEST_TMPDIR/arm.exe"
}

@test 'run: a program that lacks a DLL' {
    sed 's/WS2_32\.dll/NOT_32.dll/' run_probe.exe >"$BATS_TEST_TMPDIR/lacking.exe"
    refute_run 'the program cannot start: a DLL that it needs is missing \(STATUS_DLL_NOT_FOUND' "$BATS_TEST_TMPDIR/lacking.exe"
}

@test 'run: a layer that cannot be loaded' {
    printf 'no DLL' >"$BATS_TEST_TMPDIR/text.dll"
    refute_run 'cannot load the layer: .*nosuch.dll' --layer nosuch.dll run_probe.exe
    refute_run 'cannot load the layer: .* is no DLL' --layer "$BATS_TEST_TMPDIR/text.dll" run_probe.exe
    refute_run 'cannot load the layer: .* exports no WSPStartup' --layer redirect_probe.dll run_probe.exe
    refute_run '.*run_layer_refusing.dll' --layer run_layer_refusing.dll run_probe.exe
}

@test 'run: the host missing beside wsplsp' {
    cp "$X64/wsplsp.exe" "$BATS_TEST_TMPDIR/"
    run --separate-stderr "$PROJECT/scripts/wine" "$BATS_TEST_TMPDIR/wsplsp.exe" run --strict run_probe.exe hosted
    assert_equal "$status" 6
    assert_equal "$output" ''
    assert_regex "$stderr" '^wsplsp: cannot load wsplsp-host.dll'
}

@test 'run: wrong usage' {
    hosted
    assert_equal "$status" 2
    hosted --layer run_layer.dll,mode=maybe run_probe.exe hosted
    assert_equal "$status" 2
    assert_regex "$stderr" "no mode 'maybe'"
    hosted --layer run_layer.dll,mode=non-ifs,skip=all run_probe.exe hosted
    assert_equal "$status" 2
    assert_regex "$stderr" "cannot skip 'all'"
    hosted --layer run_layer.dll,skip=post run_probe.exe hosted
    assert_equal "$status" 2
    assert_regex "$stderr" 'skip=post is for layers with handles of their own only'
    hosted --layer run_layer.dll,over=ipx run_probe.exe hosted
    assert_equal "$status" 2
    hosted --layer run_layer.dll,over=4711 run_probe.exe hosted
    assert_equal "$status" 3
    hosted --catalog nosuch.reg run_probe.exe hosted
    assert_equal "$status" 3
    printf 'regf....' >"$BATS_TEST_TMPDIR/SYSTEM"
    hosted --catalog "$BATS_TEST_TMPDIR/SYSTEM" run_probe.exe hosted
    assert_equal "$status" 2
    hosted --catalog - run_probe.exe hosted
    assert_equal "$status" 2
}

@test 'run: one inside another is refused' {
    refute_run "another 'wsplsp run' hosts the program already" ../wsplsp.exe run --strict run_probe.exe
}

@test 'run: layers that can be loaded' {
    hosted --layer run_layer.dll --layer 'run_layer.dll,name=Second, with a comma,mode=non-ifs,skip=post,over=tcp+udp' run_probe.exe hosted
    assert_success
    assert_equal "$output" 'hosted 64'
}

@test 'run: a layer that tells its provider id gets that one' {
    local id='{6D2C1F0A-1B2E-4D5A-9C31-550E7A42138F}' dll given='{00112233-4455-6677-8899-AABBCCDDEEFF}'
    for dll in run_layer_guid.dll run_layer_cdecl.dll; do
        hosted --layer "$dll" ../wsplsp.exe list --json
        assert_success
        assert_jq '[.entries[] | select(.kind == "layer") | .provider_id] == [$id]' --arg id "$id"
    done
    # What is given goes before what the DLL tells, which is not even asked.
    export RUN_LAYER_GUID=crash
    hosted --layer "run_layer_guid.dll,guid=$given" ../wsplsp.exe list --json
    assert_success
    assert_jq '[.entries[] | select(.kind == "layer") | .provider_id] == [$id]' --arg id "$given"
    hosted --layer "run_layer.dll,guid=$given,mode=non-ifs" ../wsplsp.exe list --json
    assert_jq '[.entries[] | select(.kind == "layer") | .provider_id] == [$id]' --arg id "$given"
    hosted --layer run_layer.dll,guid=4711 run_probe.exe hosted
    assert_equal "$status" 2
    assert_regex "$stderr" "'4711' is no GUID"
}

@test 'run: two layers with one provider id are refused' {
    hosted --layer run_layer_guid.dll --layer run_layer_cdecl.dll run_probe.exe hosted
    assert_equal "$status" 2
    assert_equal "$output" ''
    assert_regex "$stderr" "'run_layer_cdecl.dll' and 'run_layer_guid.dll' have the same provider id"
    hosted --layer run_layer_guid.dll --layer 'run_layer_cdecl.dll,guid={00112233-4455-6677-8899-AABBCCDDEEFF}' run_probe.exe hosted
    assert_success
    # Windows' own TCP/IP has that one.
    hosted --layer 'run_layer.dll,guid={E70F1AA0-AB8B-11CF-8CA3-00805F48A192}' run_probe.exe hosted
    assert_equal "$status" 2
}

@test 'run: a layer whose GetLspGuid does not work' {
    local how
    for how in crash:'fails with an exception' exit:'ends the process' none:'gives none' hang:'does not come to an end'; do
        RUN_LAYER_GUID=${how%%:*} refute_run ".*cannot be asked for its provider id: GetLspGuid ${how#*:}" --layer run_layer_guid.dll run_probe.exe
    done
}

# Installs a layer into the catalog $LAB, hosted with it; its DLL refuses to start.
# usage: install_layer KIND NAME CATEGORIES
install_layer()
{
    hosted --catalog "$LAB" run_categories.exe install "$(windows_path "$X64/tests/run_layer.dll")" "$@"
    assert_equal "$output" ''
    assert_success
}

windows_path()
{
    printf 'Z:%s' "${1//\//\\}"
}

@test 'run: --layer on top of --catalog FILE, which stays as it is' {
    LAB="$BATS_TEST_TMPDIR/lab.reg"
    wsplsp_wine catalog new "$LAB" --from windows10 --quiet
    install_layer tcp4 Below none
    cp "$LAB" "$BATS_TEST_TMPDIR/before.reg"
    hosted --catalog "$LAB" --layer run_layer.dll,name=Above,over=tcp ../wsplsp.exe list --64 --json
    assert_success
    # The file's layer is 1012, its chain 1013; what goes over them has the ids behind those.
    assert_jq '[.entries[0, 1, 2] | {catalog_id, name, chain}] == [
        {catalog_id: 1015, name: "Above over [MSAFD Tcpip [TCP/IP]]", chain: [1014, 1012, 1006]},
        {catalog_id: 1016, name: "Above over [MSAFD Tcpip [TCP/IPv6]]", chain: [1014, 1009]},
        {catalog_id: 1013, name: "MSAFD Tcpip [TCP/IP]", chain: [1012, 1006]}]'
    assert_jq '[.entries[-2, -1] | .name] == ["Below", "Above"]'
    hosted --catalog "$LAB" --layer run_layer.dll,over=tcp run_categories.exe install \
        "$(windows_path "$X64/tests/run_layer.dll")" udp4 New none
    assert_success
    cmp "$LAB" "$BATS_TEST_TMPDIR/before.reg"
    hosted --catalog "$LAB" --layer run_layer.dll,over=4711 run_probe.exe hosted
    assert_equal "$status" 3
}

# The example of "Categorizing Layered Service Providers and Applications", with the values of ws2spi.h: LSP_SYSTEM
# 0x80000000, LSP_FIREWALL 8, LSP_CRYPTO_COMPRESS 0x40, LSP_INSPECTOR 1.
@test 'run: which layers a program gets is decided by its path and the categories of both' {
    local program
    LAB="$BATS_TEST_TMPDIR/lab.reg"
    wsplsp_wine catalog new "$LAB" --from windows10 --quiet
    install_layer tcp4 LSP1 0x80000000
    install_layer udp4 LSP2 none
    install_layer tcp6 LSP3 8
    install_layer udp6 LSP4 0x80000049
    for program in Foo Bar Other; do
        cp run_categories.exe "$BATS_TEST_TMPDIR/$program.exe"
    done
    hosted --catalog "$LAB" run_categories.exe permit "$(windows_path "$BATS_TEST_TMPDIR/Foo.exe")" 0x80000048
    assert_success
    # Paths are the same in any case, and by environment strings.
    export CATEGORIES_FOLDER
    CATEGORIES_FOLDER=$(windows_path "$BATS_TEST_TMPDIR")
    hosted --catalog "$LAB" run_categories.exe permit '%CATEGORIES_FOLDER%\BAR.EXE' 0x48
    assert_success

    hosted --catalog "$LAB" "$BATS_TEST_TMPDIR/Foo.exe" sockets
    assert_equal "${lines[*]}" 'tcp4 layer udp4 base tcp6 base udp6 base'
    hosted --catalog "$LAB" "$BATS_TEST_TMPDIR/Bar.exe" sockets
    assert_equal "${lines[*]}" 'tcp4 base udp4 base tcp6 layer udp6 base'
    # A program without categories gets every layer.
    hosted --catalog "$LAB" "$BATS_TEST_TMPDIR/Other.exe" sockets
    assert_equal "${lines[*]}" 'tcp4 layer udp4 layer tcp6 layer udp6 layer'

    # The categories are in the file, for every command, also where it is read as a file only.
    run_json list --64 --layered --from "$LAB"
    assert_jq '[.entries[] | select(.kind == "layer") | [.name, .categories.value]]
        == [["LSP1", 2147483648], ["LSP2", null], ["LSP3", 8], ["LSP4", 2147483721]]'
    assert_jq '[.entries[] | select(.name == "LSP4") | .categories.names[]] | sort
        == ["LSP_CRYPTO_COMPRESS", "LSP_FIREWALL", "LSP_INSPECTOR", "LSP_SYSTEM"]'
    run wsplsp show LSP3 --64 --from "$LAB"
    assert_output --partial LSP_FIREWALL
    hosted --catalog "$LAB" ../wsplsp.exe list --64 --layered --json
    assert_jq '[.entries[] | select(.kind == "layer") | [.name, .categories.value]]
        == [["LSP1", 2147483648], ["LSP2", 0], ["LSP3", 8], ["LSP4", 2147483721]]'
}

@test 'run: what Windows 7 lacks is looked up, not linked to' {
    # By their pages' "Minimum supported client"; one such import keeps a program or the host from loading there.
    local file newer='GetOverlappedResultEx|GetSystemTimePreciseAsFileTime|WaitOnAddress|WakeByAddress(Single|All)|CreateFile2'
    newer+='|IsWow64Process2|GetProcessMitigationPolicy|SetThreadDescription|GetHostNameW|ProcessSocketNotifications'
    for file in "$BUILD"/x{64,86}/wsplsp{.exe,-host.dll,-inject.exe,-layer.dll}; do
        [[ -f $file ]] || continue
        run x86_64-w64-mingw32-objdump -p "$file"
        assert_line --partial 'DLL Name: KERNEL32.dll'
        refute_line --regexp "[[:space:]]($newer)(@[0-9]+)?$"
    done
    # LoadLibraryEx's page: these flags take KB2533623; without it such a call fails.
    run grep -rnE --include='*.[ch]' '^[^*]*LOAD_LIBRARY_SEARCH_' "$PROJECT"/{cli,lsp-core,include}
    assert_equal "$output" ''
}

@test 'run: no section or mutex of a run has a name' {
    # What has a name can be prepared or opened by another user.
    run grep -lE 'Create(FileMapping|Mutex|Event|Semaphore)[AW]?\([^;]*"' "$PROJECT"/lsp-core/host/{children,launch/{config,inject,inject_main,launch}}.c
    assert_failure
}
