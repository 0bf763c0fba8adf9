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
    run on_terminal "$PROJECT/scripts/wine" "$X64/wsplsp.exe" run run_probe.exe control-c
    assert_equal "$status" 77
}

@test 'run: children are hosted, however they are started' {
    local way
    for way in a w suspended user system; do
        hosted run_probe.exe start "$way" hosted
        assert_equal "$way: $output" "$way: hosted 64"
        assert_equal "$stderr" ''
        assert_success
    done
    hosted run_probe.exe start a exit 9
    assert_equal "$status" 9
}

@test 'run: a child of WinExec is hosted' {
    hosted run_probe.exe start winexec note "Z:${BATS_TEST_TMPDIR//\//\\\\}\\\\noted"
    assert_success
    wait_for "$BATS_TEST_TMPDIR/noted"
    assert_equal "$(tr -d '\r' <"$BATS_TEST_TMPDIR/noted")" 'hosted 64'
}

@test 'run: grandchildren are hosted' {
    hosted run_probe.exe start suspended start w start system hosted
    assert_equal "$output" 'hosted 64'
}

@test 'run: a child under a debugger runs without the host, which --verbose says in one line' {
    hosted run_probe.exe start debugged hosted
    assert_success
    assert_equal "$output" 'bare 64'
    assert_equal "$stderr" ''
    hosted --verbose run_probe.exe start debugged hosted
    assert_equal "$output" 'bare 64'
    assert_regex "$stderr" '^wsplsp: child process [0-9]+ runs without the host: it is being debugged$'
}

@test 'run: children of the other bitness are hosted' {
    [[ -f $PROJECT/build/x86/wsplsp-host.dll ]] || skip 'the 32-bit host has not been built'
    run "$PROJECT/scripts/wine" "$PROJECT/build/x86/tests/run_probe.exe" hosted
    [[ $output == *'bare 32'* ]] || skip 'no 32-bit Wine'
    hosted ../../x86/tests/run_probe.exe hosted
    assert_equal "$output" 'hosted 32'
    export RUN_PROBE_OTHER='..\..\x86\tests\run_probe.exe'
    hosted run_probe.exe other suspended hosted
    assert_equal "$output" 'hosted 32'
    run --separate-stderr "$PROJECT/scripts/wine" "$PROJECT/build/x86/wsplsp.exe" run run_probe.exe hosted
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
    run --separate-stderr "$PROJECT/scripts/wine" "$BATS_TEST_TMPDIR/wsplsp.exe" run run_probe.exe hosted
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
    hosted --layer run_layer.dll,over=ipx run_probe.exe hosted
    assert_equal "$status" 2
    hosted --layer run_layer.dll --catalog some.reg run_probe.exe hosted
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
    refute_run "another 'wsplsp run' hosts the program already" ../wsplsp.exe run run_probe.exe
}

@test 'run: layers that can be loaded' {
    hosted --layer run_layer.dll --layer 'run_layer.dll,name=Second, with a comma,mode=non-ifs,over=tcp+udp' run_probe.exe hosted
    assert_success
    assert_equal "$output" 'hosted 64'
}

@test 'run: no section or mutex of a run has a name' {
    # What has a name can be prepared or opened by another user.
    run grep -lE 'Create(FileMapping|Mutex|Event|Semaphore)[AW]?\([^;]*"' "$PROJECT"/lsp-core/host/{config,inject,inject_main,launch,children}.c
    assert_failure
}
