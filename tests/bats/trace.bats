#!/usr/bin/env bats
# The trace: what programs leave in it under wsplsp run, what `wsplsp trace` makes of it, and of files that are damaged.

load common

setup_file()
{
    wine_start
}

teardown_file()
{
    [[ -z ${WSPLSP_WINE_KEEP-} ]] || wsplsp_wine trace off >/dev/null || true
    wine_stop
}

setup()
{
    FILE="$BATS_TEST_TMPDIR/calls.trace"
    # A file that is there without Wine: the fuzz targets' seed.
    SEED="$BATS_FILE_TMPDIR/seeds/trace/calls"
    [[ -f $SEED ]] || python3 "$PROJECT/tests/fuzz/seeds.py" "$BATS_FILE_TMPDIR/seeds"
}

skip_without_layer()
{
    skip_without_wine
    [[ -f $X64/wsplsp-host.dll && -f $X64/wsplsp-layer.dll && -x $X64/tests/trace_calls.exe ]] ||
        skip 'the layer has not been built'
}

# Runs trace_calls.exe with a trace in $FILE. usage: traced [OPTION…] -- TASK…
traced()
{
    local options=()
    while [[ $1 != -- ]]; do
        options+=("$1")
        shift
    done
    shift
    run --separate-stderr wsplsp_wine run --trace "$FILE" "${options[@]}" -- "$X64/tests/trace_calls.exe" "$@"
    output=${output//$'\r'/}
    # shellcheck disable=SC2154 # bats
    [[ $status == 0 && -z $stderr ]] || fail "status $status: $output $stderr"
}

# The JSON of show or summary, validated, in $output.
trace_json()
{
    run_json trace "$@"
    assert_success
    printf '%s' "$output" >"$BATS_TEST_TMPDIR/document"
    wsplsp schema trace "$1" >"$BATS_TEST_TMPDIR/schema"
    python3 "$TOOLS/validate.py" "$BATS_TEST_TMPDIR/schema" "$BATS_TEST_TMPDIR/document"
}

@test "trace: calls with their arguments, addresses and results" {
    skip_without_layer
    local port
    traced -- echo
    port=${output#port }
    run wsplsp trace show "$FILE"
    assert_success
    assert_line --index 0 --regexp '^Trace of process [0-9]+, 64-bit, from 20[0-9-]+ [0-9:.]+ UTC, ended:'
    assert_output --partial 'WSPSocket(family=AF_INET, type=SOCK_STREAM, protocol=IPPROTO_IP, flags=WSA_FLAG_OVERLAPPED) = 0x'
    assert_output --regexp "WSPBind\(0x[0-9a-f]+, 127\.0\.0\.1:0\) = 0  <"
    assert_output --regexp "WSPGetSockName\(0x[0-9a-f]+, 127\.0\.0\.1:$port\) = 0  <"
    assert_output --regexp "WSPListen\(0x[0-9a-f]+, backlog=1\) = 0  <"
    assert_output --regexp "WSPConnect\(0x[0-9a-f]+, 127\.0\.0\.1:$port\) = 0  <[0-9.]+ [a-z]+>"
    assert_output --regexp "WSPSend\(0x[0-9a-f]+, 11 bytes, buffers=1\) = 11 bytes  <"
    assert_output --regexp "WSPRecv\(0x[0-9a-f]+, 5 bytes, flags=MSG_WAITALL.* = 5 bytes  <"
    refute_output --partial 'Note:'
    trace_json show "$FILE"
    # A call ends before the next one of its thread begins, and all within the program's run.
    assert_jq '[.calls[] | select(.nested | not)] as $calls | [range(1; $calls | length) | select($calls[.].seconds <
        $calls[. - 1].seconds + $calls[. - 1].duration_ns / 1e9 - 1e-6)] == [] and $calls[-1].seconds < 60'
    trace_json summary "$FILE"
    assert_jq '.functions | map({(.function_name): .count}) | add | .WSPSend == 2 and .WSPConnect == 1 and .WSPSocket == 2'
    assert_jq '.sockets | length == 3 and all(.closed and .made)'
    assert_jq '[.sockets[] | select(.peer == "127.0.0.1:'"$port"'")] | length == 1 and .[0].bytes_sent == 11 and .[0].bytes_received == 4'
    assert_jq '[.sockets[] | select(.bytes_sent == 4)] | length == 1 and .[0].bytes_received == 11'
}

@test "trace json: a line for each call, and each satisfies the schema" {
    skip_without_layer
    traced -- refused
    run wsplsp trace json "$FILE"
    assert_success
    wsplsp schema trace json >"$BATS_TEST_TMPDIR/schema"
    mkdir "$BATS_TEST_TMPDIR/lines"
    split -l 1 - "$BATS_TEST_TMPDIR/lines/" <<<"$output"
    run python3 "$TOOLS/validate.py" "$BATS_TEST_TMPDIR/schema" "$BATS_TEST_TMPDIR"/lines/*
    assert_success
    trace_json show "$FILE"
    assert_equal "$(jq -c '.calls[]' <<<"$output")" "$(wsplsp trace json "$FILE" | jq -c 'del(.schema, .wsplsp)')"
    assert_jq '[.calls[] | select(.error.name == "WSAECONNREFUSED" and .error.code == 10061 and .result == -1)] |
        length == 1 and .[0].function_name == "WSPConnect" and .[0].address.side == "remote"'
}

@test "trace: filters by function, failure, socket, duration and process" {
    skip_without_layer
    local socket
    traced -- refused
    trace_json show "$FILE" --errors
    assert_jq '.calls | map(.function_name) == ["WSPConnect"]'
    socket=$(jq '.calls[0].socket' <<<"$output")
    trace_json show "$FILE" --socket "$socket"
    assert_jq '.calls | map(.function_name) == ["WSPSocket", "WSPConnect", "WSPCloseSocket"]'
    trace_json show "$FILE" --function bind
    assert_jq '.calls | map(.function_name) == ["WSPBind"]'
    trace_json show "$FILE" --slower 1000s
    assert_jq '.calls == []'
    trace_json show "$FILE" --pid 1
    assert_jq '.calls == [] and (.processes | length) == 1'
    run wsplsp trace show "$FILE" --pid 1
    assert_output --partial 'No such calls.'
    trace_json summary "$FILE" --function connect
    assert_jq '(.functions | length) == 1 and (.sockets | length) == 1 and .sockets[0].calls == 1 and .sockets[0].errors == 1'
}

@test "trace: data is recorded only where it is asked for, and no more than that" {
    skip_without_layer
    traced -- echo
    trace_json show "$FILE"
    assert_jq '[.calls[].data] | unique == [null]'
    run grep -c 'trace' <(tail -c +65537 "$FILE" | tr -d '\0')
    assert_output 0
    traced --data 5 -- echo
    trace_json show "$FILE"
    assert_jq '.processes[0].data_bytes == 5'
    assert_jq '[.calls[] | select(.function_name == "WSPSend") | .data] == ["68656c6c6f", "6261636b"]'
    assert_jq '[.calls[] | select(.function_name == "WSPRecv") | .data] == ["68656c6c6f", "2074726163", "6261636b"]'
    run wsplsp trace show "$FILE"
    assert_line --regexp '^ +0000  68 65 6c 6c 6f +hello$'
}

@test "trace: a program that was killed leaves its calls, and the one that it hung in" {
    skip_without_layer
    local i pid
    mkfifo "$BATS_TEST_TMPDIR/in"
    wsplsp_wine run --trace "$FILE" -- "$X64/tests/trace_calls.exe" hang <"$BATS_TEST_TMPDIR/in" 3>&- &
    pid=$!
    exec 5>"$BATS_TEST_TMPDIR/in"
    # The file of a running process can be read at any time.
    for ((i = 0; i < 300; i++)); do
        [[ ! -f $FILE ]] || ! wsplsp trace show "$FILE" 2>/dev/null | grep -q 'WSPRecv.*has not returned' || break
        sleep 0.1
    done
    ((i < 300)) || fail 'the call has not come'
    exec 5>&-
    wait "$pid" || i=$?
    assert_equal "$i" 9
    trace_json show "$FILE"
    assert_jq '.processes[0].ended == false and .processes[0].torn == 0'
    assert_jq '[.calls[] | select(.under_way)] | length == 1 and .[0].function_name == "WSPRecv" and .[0].bytes_asked == 1
        and .[0].result == null and .[0].duration_ns == null'
    run wsplsp trace show "$FILE"
    assert_output --partial 'UTC, killed, or still'
}

@test "trace: a full ring drops the oldest calls and says how many" {
    skip_without_layer
    traced -- many 20000
    trace_json show "$FILE"
    # (1 MiB - 128) / 128 records a thread; WSPStartup, WSPSocket, the 20000, WSPCloseSocket, WSPCleanup.
    assert_jq '.calls | length == 8191'
    assert_jq '.processes[0].dropped == 20004 - 8191'
    assert_jq '[.calls[].function_name] | unique == ["WSPCleanup", "WSPCloseSocket", "WSPGetSockOpt"]'
    run wsplsp trace show "$FILE"
    assert_output --partial '11813 older calls were dropped'
}

@test "trace: threads that end leave their ring to the next ones" {
    skip_without_layer
    traced -- threads 40
    trace_json show "$FILE"
    assert_jq '[.calls[] | select(.function_name == "WSPGetSockOpt")] | length == 40'
    assert_jq '.processes[0].lost == 0'
    (($(stat -c %s "$FILE") <= 65536 + 3 * 1048576)) || fail 'a ring for each thread'
}

@test "trace: each process has its file, they are read together, and the next run replaces them" {
    skip_without_layer
    traced -- children
    assert_equal "$(find "$BATS_TEST_TMPDIR" -name 'calls.trace*' | wc -l)" 3
    trace_json show "$FILE"
    assert_jq '.processes | length == 3 and ([.[].process_id] | unique | length) >= 2'
    assert_jq '[.calls[].seconds] as $times | $times == ($times | sort)'
    # The parent's own refusal, then the first child's echo, then the second one's refusal.
    assert_jq '[.calls[] | select(.function_name == "WSPConnect") | .error.name] == ["WSAECONNREFUSED", null, "WSAECONNREFUSED"]'
    trace_json show "$FILE" "$FILE".*
    assert_jq '.processes | length == 3'
    echo 'no trace' >"$FILE.123"
    traced -- refused
    trace_json show "$FILE"
    assert_jq '.processes | length == 1'
    assert_equal "$(find "$BATS_TEST_TMPDIR" -name 'calls.trace*' | wc -l)" 2
    assert_equal "$(cat "$FILE.123")" 'no trace'
}

@test "trace: pointers that lead nowhere are the provider's to report" {
    skip_without_layer
    traced --data 16 -- bad
    trace_json show "$FILE" --errors
    assert_jq '[.calls[] | [.function_name, .error.name]] == [["WSPSend", "WSAEFAULT"], ["WSPRecv", "WSAEFAULT"]]'
}

@test "trace: an overlapped call pends, and its bytes are known from its end" {
    skip_without_layer
    traced -- overlapped
    trace_json show "$FILE"
    assert_jq '[.calls[] | select(.pending)] | length == 1 and .[0].function_name == "WSPRecv" and .[0].overlapped != null
        and .[0].error.name == "WSA_IO_PENDING"'
    trace_json summary "$FILE"
    assert_jq '[.sockets[] | select(.bytes_received == 10)] | length == 1 and .[0].operations_unknown == 0 and .[0].errors == 0'
}

@test "trace: through two copies of the layer a call counts once" {
    skip_without_layer
    local layer="$X64/wsplsp-layer.dll"
    traced --layer "$layer,name=one" --layer "$layer,name=two" -- echo
    trace_json show "$FILE"
    assert_jq '[.calls[] | select(.function_name == "WSPConnect")] | map(.nested) == [false, true] and .[0].layer != .[1].layer'
    trace_json summary "$FILE"
    assert_jq '.functions | map({(.function_name): .count}) | add | .WSPSend == 2 and .WSPConnect == 1 and .WSPSocket == 2'
    assert_jq '.sockets | length == 3'
}

@test "run --trace: wrong usage, and files that are no trace" {
    run wsplsp run --data 5 x.exe
    assert_failure 2
    assert_output --partial '--data goes with --trace'
    for data in 4097 x -1 ''; do
        run wsplsp run --trace x --data "$data" x.exe
        assert_failure 2
    done
    run wsplsp run --trace - x.exe
    assert_failure 2
    skip_without_layer
    echo precious >"$FILE"
    run wsplsp_wine run --trace "$FILE" -- "$X64/tests/trace_calls.exe" refused
    assert_failure 5
    assert_output --partial 'is there already, and is no trace'
    assert_equal "$(cat "$FILE")" precious
    run --separate-stderr wsplsp_wine run --trace "$BATS_TEST_TMPDIR/nowhere/x" -- "$X64/tests/trace_calls.exe" refused
    assert_success
    # shellcheck disable=SC2154 # bats
    [[ $stderr == *'nothing has been recorded'* ]]
}

@test "trace: wrong usage" {
    local words
    for words in '' '--socket x' '--function frob' '--slower 10' '--pid -1' '--catalog x' '--data 5'; do
        # shellcheck disable=SC2086 # words
        run wsplsp trace show $words ${words:+"$SEED"}
        assert_failure 2
    done
    run wsplsp trace
    assert_failure 2
    run wsplsp trace show "$BATS_TEST_TMPDIR/nosuch"
    assert_failure 3
    run wsplsp trace status
    assert_failure 6
    assert_output --partial 'on Windows only'
}

@test "trace: every damaged file is read as far as it goes, or is one clear error" {
    local size copy="$BATS_TEST_TMPDIR/copy"
    wsplsp trace show "$SEED" >/dev/null
    for size in 0 1 8 100 1151 1152 1200 1300 1500 2000; do
        head -c "$size" "$SEED" >"$copy"
        run_json trace show "$copy"
        if ((size < 1152)); then
            assert_equal "$status" 6
            assert_jq '.error.name == "BAD_FORMAT"'
        else
            assert_equal "$status" 0
        fi
    done
    python3 - "$SEED" "$copy" <<'PYTHON'
import random, sys
data = open(sys.argv[1], "rb").read()
for seed in range(60):
    source, mutated = random.Random(seed), bytearray(data)
    for _ in range(20):
        mutated[source.randrange(len(data))] = source.randrange(256)
    open(f"{sys.argv[2]}.{seed}x", "wb").write(mutated)
PYTHON
    for file in "$copy".*x; do
        for command in show summary json; do
            run wsplsp trace "$command" "$file"
            ((status == 0 || status == 6)) || fail "$file: status $status"
        done
    done
    run wsplsp trace show "$FIXTURES/windows10.reg"
    assert_failure 6
    assert_output --partial 'is no trace that can be read'
}

@test "trace on, off, status: the installed layer's settings" {
    skip_without_layer
    local folder="$WINE_HOME/prefix/drive_c/ProgramData/wsplsp"
    wsplsp_wine trace off >/dev/null
    rm -rf "$folder"
    # bench_layer.exe plays Winsock's part, and gives the layer no settings.
    run wsplsp_wine trace on bench_layer.exe
    assert_success
    assert_output --partial 'C:\ProgramData\wsplsp\trace'
    run "$PROJECT/scripts/wine" "$X64/tests/bench_layer.exe" --calls 1
    assert_success
    rm -f "$X64/tests/bench_layer.trace"
    assert_equal "$(find "$folder/trace" -name 'bench_layer.exe-*.wsptrace' | wc -l)" 1
    run wsplsp trace summary "$folder"/trace/*.wsptrace
    assert_success
    assert_output --partial WSPRecvFrom
    wsplsp_wine trace status --json >"$BATS_TEST_TMPDIR/status"
    wsplsp schema trace status >"$BATS_TEST_TMPDIR/schema"
    python3 "$TOOLS/validate.py" "$BATS_TEST_TMPDIR/schema" "$BATS_TEST_TMPDIR/status"
    run wsplsp_wine trace on 'other.exe' --data 16
    assert_output --partial 'with 16 bytes of data'
    run wsplsp_wine trace off bench_layer.exe
    assert_success
    run wsplsp_wine trace status
    assert_line --index 0 --regexp '^other.exe'
    refute_output --partial bench_layer
    rm -f "$folder"/trace/*.wsptrace
    "$PROJECT/scripts/wine" "$X64/tests/bench_layer.exe" --calls 1 >/dev/null
    rm -f "$X64/tests/bench_layer.trace"
    assert_equal "$(find "$folder/trace" -name '*.wsptrace' | wc -l)" 0
    run wsplsp_wine trace off nosuch.exe
    assert_failure 3
    run wsplsp_wine trace on 'sub\app.exe'
    assert_failure 2
    run wsplsp_wine trace off
    assert_output --partial 'No program is recorded'
    rm -rf "$folder"
}

@test "trace on: a folder that others could change is refused" {
    skip_without_layer
    local folder="$WINE_HOME/prefix/drive_c/open"
    mkdir -p "$folder"
    chmod 777 "$folder"
    run wsplsp_wine trace on app.exe --folder 'C:\open'
    assert_failure 5
    run wsplsp_wine trace on app.exe --folder 'C:\open\below'
    assert_failure 5
    # What was made on the way to the refusal goes.
    run wsplsp_wine trace on app.exe --folder 'C:\made\deeper\a*b'
    assert_failure
    assert [ ! -e "$WINE_HOME/prefix/drive_c/made" ]
    run "$PROJECT/scripts/wine" reg query 'HKLM\SOFTWARE\wsplsp\Trace'
    assert_failure
    run wsplsp_wine trace status
    assert_output --partial 'No program is recorded'
    rm -rf "$folder"
}
