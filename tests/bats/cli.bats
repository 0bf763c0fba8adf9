#!/usr/bin/env bats
# The command line itself: usage, errors, help, and how output behaves on pipes, terminals and full disks.

load common

TWO_LSPS="$FIXTURES/windows11-two-lsps.reg"
COMMANDS=(list tree doctor 'ns list' 'app list' 'show 1001')

# Runs the program on a terminal of COLUMNS columns and prints what it wrote there, with plain line ends.
# usage: on_terminal COLUMNS ARGUMENT …
on_terminal()
{
    python3 - "$@" <<'EOF'
import fcntl, os, pty, struct, sys, termios
program = [os.environ["NATIVE"] + "/wsplsp"] + sys.argv[2:]
terminal, ours = pty.openpty()
fcntl.ioctl(ours, termios.TIOCSWINSZ, struct.pack("HHHH", 40, int(sys.argv[1]), 0, 0))
child = os.fork()
if child == 0:
    os.dup2(ours, 1)
    os.close(terminal)
    os.execv(program[0], program)
os.close(ours)
text = b""
while True:
    try:
        part = os.read(terminal, 65536)
    except OSError:  # EIO: the child has closed its side
        break
    if not part:
        break
    text += part
os.waitpid(child, 0)
sys.stdout.buffer.write(text.replace(b"\r\n", b"\n"))
EOF
}

# The width of the widest line of $output, in characters.
widest()
{
    python3 -c 'import sys; print(max(len(line) for line in sys.stdin.read().split("\n")))' <<<"$output"
}

# The arguments are wrong usage: status 2, nothing on standard output, one line and a hint on standard error.
# usage: assert_usage TEXT ARGUMENT …
assert_usage()
{
    local text=$1
    shift
    run --separate-stderr wsplsp "$@"
    assert_equal "$status" 2
    assert_output ''
    # shellcheck disable=SC2154 # bats sets it
    assert_equal "${#stderr_lines[@]}" 2
    [[ ${stderr_lines[0]} == "wsplsp: "*"$text"* ]] || fail "no '$text' in: ${stderr_lines[0]}"
    [[ ${stderr_lines[1]} == '        '?* ]] || fail "no hint: ${stderr_lines[1]}"

    run --separate-stderr wsplsp "$@" --json
    assert_equal "$status" 2
    assert_equal "$stderr" ''
    assert_jq '.schema == "wsplsp/error/1" and .error.status == 2 and .error.name == "USAGE" and .error.hint != null'
}

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
    export NATIVE FIXTURES LC_ALL=C.UTF-8 TERM=xterm
    unset NO_COLOR POSIXLY_CORRECT COLUMNS
}

@test "wrong usage is told in a line and a hint, with status 2, and as an object with --json" {
    assert_usage 'no command'
    assert_usage "no command 'frob'" frob
    assert_usage "no command 'frob'" frob --from x
    assert_usage "'ns list'" ns
    assert_usage "'ns list'" ns frob
    assert_usage "'list' does not take 'extra'" list extra
    assert_usage "'diff' does not take 'c'" diff a b c
    assert_usage "'show' needs ID|GUID|NAME" show
    assert_usage "'diff' needs A [B]" diff
    assert_usage "'run' needs PROGRAM" run
}

@test "options that are unknown, misplaced, ambiguous, lack or have an argument are told apart" {
    assert_usage "unknown option '--frob'" list --frob
    assert_usage "unknown option '-x'" list -x
    assert_usage "unknown option '-x'" list -qx
    assert_usage "'list' has no option --root" list --root /
    assert_usage "'ns list' has no option --base" ns list --base
    assert_usage "'list' has no option --layer" list --layer x.dll
    assert_usage "option '--layer' goes behind the command" --layer x.dll run x.exe
    assert_usage "option '--from' goes behind the command" --from x list
    assert_usage "option '--f' can mean more than one" list --f x
    assert_usage "option '--quiet' takes no argument" list --quiet=1
    run --separate-stderr wsplsp --json list --from
    assert_equal "$status" 2
    assert_jq '.error.message == "option '"'--from'"' needs an argument"'
}

@test "values of options are checked before anything is read" {
    assert_usage "'fatal' is no severity" doctor --fail-on fatal --from nowhere
    assert_usage "'smtp' is no protocol" list --protocol smtp --from nowhere
    assert_usage 'two catalogs' list --from a --catalog b
    assert_usage '--root goes with a catalog from a file' doctor --root /
    assert_usage 'three are given' diff a b --catalog c
    assert_usage 'standard input' diff - -
}

@test "global options stand before and after the command, in short, and with a unique beginning" {
    local expected
    expected=$(wsplsp list --catalog "$TWO_LSPS" --json)
    assert_equal "$(wsplsp --catalog "$TWO_LSPS" --json list)" "$expected"
    assert_equal "$(wsplsp --json list "--catalog=$TWO_LSPS")" "$expected"
    assert_equal "$(wsplsp --js list --cata "$TWO_LSPS")" "$expected"
    expected=$(wsplsp ns list --from "$TWO_LSPS" --quiet)
    assert_equal "$(wsplsp -q ns --from "$TWO_LSPS" list)" "$expected"
}

@test "options are found behind operands whatever POSIXLY_CORRECT says, and not behind --" {
    local expected
    expected=$(wsplsp show 1001 --from "$TWO_LSPS")
    assert_equal "$(POSIXLY_CORRECT=1 wsplsp show 1001 --from "$TWO_LSPS")" "$expected"
    assert_equal "$(wsplsp show --from "$TWO_LSPS" -- 1001)" "$expected"
    run --separate-stderr wsplsp show --from "$TWO_LSPS" -- --json
    assert_equal "$status" 3
    [[ $stderr == *"'--json'"* ]] || fail "$stderr"
}

@test "the options of run end at the program's name" {
    local arguments
    for arguments in '--json run x.exe' 'run --json x.exe' 'run --json -- x.exe' 'run --json -- --frob' '--json run x.exe --frob'; do
        # shellcheck disable=SC2086 # words
        run --separate-stderr wsplsp $arguments
        assert_equal "$arguments: $status $stderr" "$arguments: 6 "
        assert_jq '.schema == "wsplsp/error/1" and .error.status == 6'
    done
    for arguments in 'run x.exe --json' 'run -- x.exe --json' 'run x.exe --help' 'run x.exe -- --version' 'run -- --json'; do
        # shellcheck disable=SC2086
        run --separate-stderr wsplsp $arguments
        assert_equal "$arguments: $status $output" "$arguments: 6 "
        [[ ${stderr_lines[0]} == 'wsplsp: '* ]] || fail "$stderr"
    done
    for arguments in '--from x.reg' '--root /' '--64'; do
        # shellcheck disable=SC2086
        run --separate-stderr wsplsp run $arguments x.exe
        assert_equal "$status" 2
        [[ ${stderr_lines[0]} == "wsplsp: 'run' has no option ${arguments%% *}" ]] || fail "$stderr"
    done
}

@test "an error before run's program is JSON where --json stands before it, too" {
    local arguments
    for arguments in 'run --frob --json x.exe' '--json run --frob x.exe' 'run --catalog x.reg --json --frob x.exe' \
        'run --layer=x.dll --js --frob x.exe'; do
        # shellcheck disable=SC2086 # words
        run --separate-stderr wsplsp $arguments
        assert_equal "$arguments: $status $stderr" "$arguments: 2 "
        assert_jq '.schema == "wsplsp/error/1" and .error.status == 2'
    done
    for arguments in 'run --frob x.exe --json' 'run --catalog --json --frob x.exe' 'run --frob -- --json' \
        'run --layer x.dll --frob x.exe --json' '--frob run x.exe --json' 'run --root --json x.exe'; do
        # shellcheck disable=SC2086
        run --separate-stderr wsplsp $arguments
        assert_equal "$arguments: $status $output" "$arguments: 2 "
        [[ ${stderr_lines[0]} == 'wsplsp: '* ]] || fail "$stderr"
    done
    # Other commands take options behind operands.
    run --separate-stderr wsplsp list --frob x --json
    assert_jq '.error.status == 2'
}

@test "run leaves standard output to the program: its JSON goes to standard error, an error's as with all commands" {
    run wsplsp schema
    assert_line run
    assert_line error

    skip_without_wine
    [[ -f $X64/wsplsp-host.dll ]] || skip 'the host has not been built'
    run --separate-stderr wsplsp_wine run --json "$X64/wsplsp.exe" version
    assert_success
    assert_line --index 0 --regexp '^wsplsp [0-9.]+ \('
    output=$stderr
    assert_jq '.schema == "wsplsp/run/1" and .exit_status == 0 and .unhosted_count == 0'
    run --separate-stderr wsplsp_wine run --json nosuch.exe
    assert_equal "$status" 6
    assert_equal "$stderr" ''
    assert_jq '.schema == "wsplsp/error/1" and .error.status == 6 and .error.name == "ERROR_FILE_NOT_FOUND"'
    run --separate-stderr wsplsp_wine run nosuch.exe --json
    assert_equal "$status" 6
    assert_output ''
}

@test "help shows a status that only some commands end with where they do" {
    run wsplsp help run
    assert_line --index 0 'Usage: wsplsp run [OPTION...] [--] PROGRAM [ARGUMENT...]'
    assert_line "  the program's own; where it has not run:"
    refute_line '  0  done'
    assert_line --regexp '^  3  no such file, .*layer'
    run wsplsp help list
    assert_line --index 0 'Usage: wsplsp list [OPTION...]'
    assert_line '  0  done'
    assert_line --regexp '^  5  .*--code-page'
    refute_line --regexp '^  1  '
    run wsplsp help schema
    assert_line '  0  done'
    refute_line --regexp '^  [15]  '
}

@test "an error names the code and its name, and what to do" {
    run --separate-stderr wsplsp list --from "$BATS_TEST_TMPDIR/none.reg"
    assert_equal "$status" 3
    [[ ${stderr_lines[0]} == "wsplsp: cannot read "*"none.reg"*"(ENOENT 2)" ]] || fail "$stderr"
    run --separate-stderr wsplsp list --json --from "$BATS_TEST_TMPDIR/none.reg"
    assert_equal "$status" 3
    assert_equal "$stderr" ''
    assert_jq '.error.status == 3 and .error.code == 2 and .error.name == "ENOENT"'
}

@test "a file name cannot steer the terminal through an error, and stays valid JSON" {
    local name=$'\e]0;owned\a\xff.reg'
    run --separate-stderr wsplsp list --from "$name"
    assert_equal "$status" 3
    [[ $stderr != *$'\e'* && $stderr == *'\u001B]0;owned\u0007'* ]] || fail "$stderr"
    run --separate-stderr wsplsp list --json --from "$name"
    assert_jq '.error.message | contains("\u001b]0;owned\u0007\ufffd.reg")'
    python3 -c 'import sys; sys.stdin.buffer.read().decode()' <<<"$output" # jq takes malformed UTF-8, JSON does not
}

@test "help names every command, and each has its own help within 80 columns" {
    local name names
    run wsplsp --help
    assert_success
    names=$(wsplsp help --json | jq -r '.commands[].name')
    [[ -n $names ]]
    while read -r name; do
        run wsplsp --help
        assert_line --regexp "^  $name  +[a-z]"
        (($(widest) <= 80)) || fail 'the overview is wider than 80 columns'
        # shellcheck disable=SC2086 # "ns list" is two words
        run wsplsp help $name
        assert_success
        assert_line --index 0 --regexp "^Usage: wsplsp $name( |\$)"
        assert_line 'Examples:'
        assert_line 'Exit status:'
        (($(widest) <= 80)) || fail "help of $name is wider than 80 columns"
    done <<<"$names"
    run wsplsp help frob
    assert_failure 2
}

@test "help --json, schema --json and version name what there is" {
    run_json help show
    assert_jq '.commands | length == 1 and (.[0].options | map(.name)) == ["from", "64", "32"]'
    run_json version
    assert_jq '.schema == "wsplsp/version/1" and .features.live_catalog == false and .features.hives == true'
    run wsplsp --version
    assert_line --index 0 --regexp '^wsplsp [0-9]+\.[0-9]+\.[0-9]+ \('
    run_json schema
    assert_jq '.schemas | index("list") != null and index("ns-list") != null and index("error") != null'
}

@test "every schema is a schema, and there is one for each command but run, which prints no JSON" {
    local name
    for name in $(wsplsp schema); do
        wsplsp schema "$name" | python3 -W ignore -c '
import json, jsonschema, sys
schema = json.load(sys.stdin)
jsonschema.Draft202012Validator.check_schema(schema)
assert schema["additionalProperties"] is False and schema["properties"]["schema"]["const"] == f"wsplsp/{sys.argv[1]}/1"
' "$name"
    done
    assert_equal "$(wsplsp schema ns list)" "$(wsplsp schema ns-list)"
    for name in $(wsplsp help --json | jq -r '.commands[].name | sub(" "; "-")'); do
        wsplsp schema "$name" >/dev/null
    done
    run wsplsp schema frob
    assert_failure 3
}

@test "help, version, schema and doctor --list-checks satisfy their schemas" {
    local pair
    for pair in 'help:help' 'help:help list' 'help:tree --help' 'version:version' 'schema:schema' \
        'doctor-checks:doctor --list-checks'; do
        wsplsp schema "${pair%%:*}" >"$BATS_TEST_TMPDIR/schema"
        # shellcheck disable=SC2086 # words
        wsplsp ${pair#*:} --json >"$BATS_TEST_TMPDIR/json"
        python3 -W ignore -c '
import json, jsonschema, sys
schema, instance = (json.load(open(path)) for path in sys.argv[1:])
jsonschema.Draft202012Validator(schema).validate(instance)' "$BATS_TEST_TMPDIR/schema" "$BATS_TEST_TMPDIR/json"
    done
}

@test "text fits 80 columns on a pipe, and COLUMNS does not matter there" {
    local command
    for command in "${COMMANDS[@]}"; do
        # shellcheck disable=SC2086 # words
        COLUMNS=200 run wsplsp $command --from "$TWO_LSPS"
        (($(widest) <= 80)) || fail "$command is wider than 80 columns"
    done
    run wsplsp diff "$FIXTURES/windows7.reg" "$TWO_LSPS"
    assert_failure 1
    (($(widest) <= 80)) || fail 'diff is wider than 80 columns'
}

@test "on a terminal the width is the terminal's" {
    local command
    export NO_COLOR=1
    for command in "${COMMANDS[@]}"; do
        # shellcheck disable=SC2086 # words
        output=$(on_terminal 64 $command --from "$TWO_LSPS")
        [[ -n $output ]]
        (($(widest) <= 64)) || fail "$command is wider than 64 columns"
    done
    output=$(on_terminal 140 list --from "$TWO_LSPS")
    assert_output --partial 'Fabrikam Traffic Meter over [Contoso Web Filter over [MSAFD Tcpip [TCP/IPv6]]]'
    refute_output --partial …
}

@test "colour is for terminals that have it, unless NO_COLOR says no" {
    output=$(on_terminal 80 list --from "$TWO_LSPS")
    assert_output --partial $'\e[1m'
    output=$(NO_COLOR=1 on_terminal 80 list --from "$TWO_LSPS")
    refute_output --partial $'\e'
    output=$(NO_COLOR='' on_terminal 80 list --from "$TWO_LSPS")
    assert_output --partial $'\e[1m'
    output=$(TERM=dumb on_terminal 80 list --from "$TWO_LSPS")
    refute_output --partial $'\e'
    output=$(on_terminal 80 list --json --from "$TWO_LSPS")
    refute_output --partial $'\e'
    run wsplsp list --from "$TWO_LSPS"
    refute_output --partial $'\e'
}

@test "--verbose shortens nothing and shows full paths" {
    run wsplsp list --verbose --from "$TWO_LSPS"
    refute_output --partial …
    assert_output --partial '%ProgramFiles%\Contoso\Web Filter\cwflsp.dll'
    run wsplsp list --from "$TWO_LSPS"
    refute_output --partial '%ProgramFiles%'
    assert_output --partial …
}

@test "--quiet leaves out titles, notes and summaries, and nothing else" {
    local full quiet
    full=$(wsplsp list --from "$FIXTURES/windows7.reg")
    quiet=$(wsplsp list --quiet --from "$FIXTURES/windows7.reg")
    [[ $full == 'Cat  Pos'*'No 64-bit catalog: '* ]] || fail "$full"
    [[ $quiet != *Cat* && $quiet != *'No 64-bit'* ]] || fail "$quiet"
    assert_equal "$(grep -c '^ *32 ' <<<"$quiet")" "$(grep -c '^ *32 ' <<<"$full")"
    run wsplsp diff --quiet "$TWO_LSPS" "$TWO_LSPS"
    assert_success
    assert_output ''
}

@test "wide and combining characters keep the table's columns in line" {
    local file="$BATS_TEST_TMPDIR/wide.reg"
    python3 - "$file" <<'EOF'
import dataclasses, os, sys
sys.path.insert(0, os.environ["FIXTURES"])
sys.dont_write_bytecode = True
import make
catalog = make.windows7()
for row, name in enumerate(["網路服務提供者", "Sch\u0308o\u0308n", "plain"]):
    catalog.entries[32][row] = dataclasses.replace(catalog.entries[32][row], name=name, shown=name)
with open(sys.argv[1], "wb") as out:
    out.write(make.encode(catalog, "utf8"))
EOF
    run wsplsp list --quiet --from "$file"
    assert_success
    # Where the DLL begins, in a terminal's columns: wide characters fill two, combining ones none.
    run python3 -c '
import sys, unicodedata
def columns(text):
    return sum(0 if unicodedata.combining(c) else 2 if unicodedata.east_asian_width(c) in "WF" else 1 for c in text)
print(len({columns(line[:line.index("mswsock.dll")]) for line in sys.stdin}))' <<<"$output"
    assert_output 1
}

@test "tree marks what is broken in a chain" {
    local file
    file=$(fixture chain-member-missing)
    run wsplsp tree --from "$file"
    assert_line --regexp '└─ 1999 .*✗ missing entry 1999$'
    file=$(fixture chain-self)
    run wsplsp tree --from "$file"
    assert_line --regexp '├─ 1016 .*✗ the chain itself$'
    file=$(fixture chain-no-base)
    run wsplsp tree --from "$file"
    assert_output --partial '✗ no base at the end'
    file=$(fixture chain-too-long)
    run wsplsp tree --from "$file"
    assert_output --partial '✗ ChainLen is 8, a chain has 2 to 7 members'
    file=$(fixture layer-without-chain)
    run wsplsp tree --from "$file"
    assert_line --regexp 'layer entries that no chain uses:'
    run wsplsp tree --from "$TWO_LSPS"
    refute_output --partial '✗'
}

@test "a closed pipe does not change the status" {
    local file pair
    file=$(fixture chain-self)
    for pair in '0 list' '0 list --json' '1 doctor' '1 doctor --json'; do
        # shellcheck disable=SC2086 # words
        run --separate-stderr python3 -c '
import os, subprocess, sys
read_end, write_end = os.pipe()
os.close(read_end)
sys.exit(subprocess.run(sys.argv[1:], stdout=write_end).returncode)' "$NATIVE/wsplsp" ${pair#* } --from "$file"
        assert_equal "$status" "${pair%% *}"
        assert_equal "$stderr" ''
    done
}

@test "a pipe that does not wait for its reader gets everything" {
    local file
    file=$(fixture 5000-entries)
    run python3 -c '
import json, os, subprocess, sys
read_end, write_end = os.pipe()
os.set_blocking(write_end, False)
program = subprocess.Popen(sys.argv[1:], stdout=write_end)
os.close(write_end)
with open(read_end) as pipe:
    print(len(json.load(pipe)["entries"]))
sys.exit(program.wait())' "$NATIVE/wsplsp" list --json --from "$file"
    assert_success
    assert_output 5000
}

@test "without a catalog of its own, every command names an option that it has" {
    local command
    for command in list tree doctor 'show 1001' 'ns list' 'app list' "diff $TWO_LSPS"; do
        # shellcheck disable=SC2086 # words
        run wsplsp $command
        assert_failure 6
        assert_line --partial 'no Winsock catalog of its own'
        assert_line --partial -- '--catalog FILE'
        # shellcheck disable=SC2086 # words
        run wsplsp $command --catalog "$TWO_LSPS"
        [[ $status -le 1 ]] || [[ $command == show* && $status == 3 ]] || fail "$command: status $status"
    done
}

@test "standard output that is closed or full is an error with status 6, told on standard error with --json too" {
    run --separate-stderr bash -c "'$NATIVE/wsplsp' list --from '$TWO_LSPS' >&-"
    assert_equal "$status" 6
    [[ $stderr == *'cannot write standard output'*'(EBADF '* ]] || fail "$stderr"
    [[ -w /dev/full ]] || skip 'this system has no /dev/full'
    run --separate-stderr bash -c "'$NATIVE/wsplsp' list --json --from '$TWO_LSPS' >/dev/full"
    assert_equal "$status" 6
    [[ $stderr == *'cannot write standard output'*'(ENOSPC '* ]] || fail "$stderr"
}

@test "standard input that is closed is an error" {
    run --separate-stderr bash -c "'$NATIVE/wsplsp' list --from - <&-"
    assert_equal "$status" 6
    [[ $stderr == *'cannot read standard input'* ]] || fail "$stderr"
}

@test "too little memory for a catalog is an error with status 6, not a crash" {
    local file limit
    file=$(fixture 5000-entries)
    for limit in 24000 32000 40000; do
        run --separate-stderr bash -c "ulimit -v $limit; exec '$NATIVE/wsplsp' list --json --from '$file'"
        assert_equal "$status" 6
        assert_jq '.error.status == 6 and (.error.message | contains("memory"))'
    done
}

@test "too little memory for the output is one too" {
    local limit out="$BATS_TEST_TMPDIR/out" status=127 failed=0
    # Below some limit the program cannot even be loaded (127), above another it succeeds: what is between matters.
    for ((limit = 1024; status != 0 && limit < 65536; limit += 32)); do
        status=0
        (ulimit -v $limit && exec "$NATIVE/wsplsp" schema list --json) >"$out" 2>/dev/null || status=$?
        if ((status == 6)); then
            output=$(<"$out")
            [[ -n $output ]] # jq -e is content with nothing
            assert_jq '.schema == "wsplsp/error/1" and .error.name == "OUT_OF_MEMORY"'
            failed=$((failed + 1))
        elif ((failed > 0)); then
            assert_equal "$status" 0
        fi
    done
    ((failed > 0)) || fail 'no limit was low enough'
}

@test "doctor lists its checks, and --fail-on decides the status" {
    local file
    run wsplsp doctor --list-checks
    assert_success
    assert_line --regexp '^chain-member-missing +error$'
    file=$(fixture non-ifs-layer)
    run wsplsp doctor --from "$file"
    assert_failure 1
    run wsplsp doctor --from "$file" --fail-on error
    assert_success
    run_json doctor --from "$file" --fail-on error
    assert_jq '.fail_on == "error" and .summary.warning > 0 and .summary.error == 0'
}

@test "Windows: arguments outside ASCII name files and reach messages" {
    skip_without_wine
    cd "$BATS_TEST_TMPDIR"
    cp "$FIXTURES/windows10.reg" 'ü 中.reg'
    run --separate-stderr wsplsp_wine list --json --from 'ü 中.reg'
    assert_success
    assert_jq '.source == "ü 中.reg" and (.entries | length) > 0'
    run --separate-stderr wsplsp_wine list --from 'é 中.reg'
    assert_equal "$status" 3
    [[ $stderr == *"é 中.reg"*"(ENOENT 2)"* ]] || fail "$stderr"
}

@test "Windows: output is UTF-8 with plain line ends, and wrong usage is told as it is natively" {
    skip_without_wine
    local arguments
    cd "$FIXTURES"
    assert_equal "$(wsplsp_wine tree --from windows11-two-lsps.reg)" "$(wsplsp tree --from windows11-two-lsps.reg)"
    for arguments in 'list --f x' 'list --quiet=1' 'list --from' 'list -qx' '--from x list' 'list --root x' 'show' 'frob'; do
        # shellcheck disable=SC2086 # words
        run wsplsp_wine $arguments
        assert_equal "$status" 2
        # shellcheck disable=SC2086
        assert_equal "$output" "$(wsplsp $arguments 2>&1)"
    done
}

@test "Windows: a closed pipe ends it quietly, a full disk is an error" {
    skip_without_wine
    run --separate-stderr python3 -c '
import os, subprocess, sys
read_end, write_end = os.pipe()
os.close(read_end)
sys.exit(subprocess.run(sys.argv[1:], stdout=write_end).returncode)' \
        "$PROJECT/scripts/wine" "$X64/wsplsp.exe" list --from "$TWO_LSPS"
    assert_success
    assert_equal "$stderr" ''
    [[ -w /dev/full ]] || skip 'this system has no /dev/full'
    run --separate-stderr bash -c "'$PROJECT/scripts/wine' '$X64/wsplsp.exe' list --from '$TWO_LSPS' >/dev/full"
    assert_equal "$status" 6
    [[ $stderr == *'cannot write standard output'*'(ERROR_DISK_FULL 112)'* ]] || fail "$stderr"
}
