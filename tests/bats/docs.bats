#!/usr/bin/env bats
# The man pages against the program: every command, option, exit status and check stands in both.

load common

setup()
{
    mapfile -t COMMANDS < <(wsplsp help --json | jq -r '.commands[].name')
    ((${#COMMANDS[@]} >= 11))
}

# The options on standard input, each once.
options()
{
    grep -oE -- '--[a-z0-9][a-z0-9-]*' | sort -u
}

# A man page as plain text. usage: page NAME [SECTION]
page()
{
    mandoc -Tascii "$PROJECT/man/$1.${2:-1}" | col -bx
}

@test "the man pages have no fault that mandoc knows" {
    run mandoc -Tlint -W warning "$PROJECT"/man/*.[13]
    assert_success
    assert_output ''
}

@test "every option in the help of each command stands in the man page, and none besides" {
    local command
    for command in "${COMMANDS[@]}"; do
        # shellcheck disable=SC2086 # "ns list" is two words
        wsplsp help $command
    done | options >"$BATS_TEST_TMPDIR/program"
    page wsplsp | options >"$BATS_TEST_TMPDIR/page"
    run diff "$BATS_TEST_TMPDIR/program" "$BATS_TEST_TMPDIR/page"
    assert_success
    [[ -s $BATS_TEST_TMPDIR/page ]]
}

@test "every option of run stands in wsplsp-run(1), and none besides" {
    wsplsp help run --json | jq -r '"--catalog", "--json", "--quiet", "--verbose", "--" + .commands[0].options[].name' | sort -u \
        >"$BATS_TEST_TMPDIR/program"
    # --base is list's, in a hint.
    page wsplsp-run | options | grep -vx -- --base >"$BATS_TEST_TMPDIR/page"
    run diff "$BATS_TEST_TMPDIR/program" "$BATS_TEST_TMPDIR/page"
    assert_success
}

@test "every option of probe, wsk load and wsk connect stands in wsplsp-probe(1), and none besides" {
    wsplsp help --json | jq -r '"--json", "--layer", (.commands[] | select(.name | IN("probe", "wsk load", "wsk connect"))
        | "--" + .options[].name)' | sort -u >"$BATS_TEST_TMPDIR/program"
    # --layer is run's, in an example.
    page wsplsp-probe | options >"$BATS_TEST_TMPDIR/page"
    run diff "$BATS_TEST_TMPDIR/program" "$BATS_TEST_TMPDIR/page"
    assert_success
}

@test "every cause of a verdict in the schema stands in wsplsp-probe(1), and none besides" {
    wsplsp schema probe | jq -r '.properties.verdict.properties.cause.enum[]' | sort >"$BATS_TEST_TMPDIR/program"
    [[ -s $BATS_TEST_TMPDIR/program ]]
    sed -n '/^\.Sh VERDICTS/,/^\.Sh THE DRIVER/s/^\.It Cm //p' "$PROJECT/man/wsplsp-probe.1" | sort >"$BATS_TEST_TMPDIR/page"
    run diff "$BATS_TEST_TMPDIR/program" "$BATS_TEST_TMPDIR/page"
    assert_success
}

@test "the statuses of probe are the same in its help and in wsplsp-probe(1)" {
    wsplsp help probe | sed -n '/^Exit status:/,$s/^  \([0-9]\)  .*/\1/p' >"$BATS_TEST_TMPDIR/program"
    page wsplsp-probe | sed -n '/^EXIT STATUS/,/^EXAMPLES/s/^ *\([0-9]\) .*/\1/p' >"$BATS_TEST_TMPDIR/page"
    [[ -s $BATS_TEST_TMPDIR/page ]]
    run diff "$BATS_TEST_TMPDIR/program" "$BATS_TEST_TMPDIR/page"
    assert_success
}

@test "every setting of --layer stands in the help of run and in wsplsp-run(1)" {
    local text setting count=0
    text=$(page wsplsp-run)
    while read -r setting; do
        count=$((count + 1))
        wsplsp help run | grep -qF ",$setting=" || fail "no $setting in the help"
        grep -qE "^ +$setting=" <<<"$text" || fail "no $setting in the man page"
    done < <(sed -n '/^static const char \*next_setting/,/^}/p' "$PROJECT/cli/run/layer_option.c" | grep -oE '",[a-z]+="' | tr -d '",=')
    ((count >= 4))
}

@test "every option of the changing commands stands in wsplsp-change(1), and none besides" {
    # doctor's other options are about findings; --catalog and --json are global, --list stands in no help.
    wsplsp help --json | jq -r '"--catalog", "--json", (.commands[] | select([.options[].name] | index("dry-run")) | .options[].name
        | select(IN("from", "fail-on", "list-checks") | not) | "--" + .)' | sort -u >"$BATS_TEST_TMPDIR/program"
    page wsplsp-change | options | grep -vx -- --from >"$BATS_TEST_TMPDIR/page"
    [[ $(wc -l <"$BATS_TEST_TMPDIR/page") -gt 20 ]]
    run diff "$BATS_TEST_TMPDIR/program" "$BATS_TEST_TMPDIR/page"
    assert_success
}

@test "the statuses that changing commands end with are the same in their help and in wsplsp-change(1)" {
    local command
    page wsplsp-change | sed -n '/^EXIT STATUS/,/^EXAMPLES/s/^ *\([0-9]\) .*/\1/p' >"$BATS_TEST_TMPDIR/page"
    [[ -s $BATS_TEST_TMPDIR/page ]]
    for command in install remove update order 'provider category' restore reset 'ns order' 'app exempt'; do
        # shellcheck disable=SC2086 # two words
        wsplsp help $command | sed -n '/^Exit status:/,$s/^  \([0-9]\)  .*/\1/p' >"$BATS_TEST_TMPDIR/program"
        run diff "$BATS_TEST_TMPDIR/program" "$BATS_TEST_TMPDIR/page"
        assert_success
    done
}

@test "every LSP category that a command takes stands in wsplsp-change(1), and is taken" {
    local name count=0
    for name in $(sed -n 's/^    {0x[0-9a-f]*, "LSP_\([A-Z_]*\)".*/\1/p' "$PROJECT/lsp-core/catalog/flags.c" | tr 'A-Z_' 'a-z-'); do
        count=$((count + 1))
        page wsplsp-change | grep -qw -- "$name" || fail "no $name"
        run wsplsp --catalog "$FIXTURES/windows10.reg" app permit 'C:\x.exe' "$name" --dry-run
        assert_success
    done
    ((count == 9))
}

@test "the example in wsplsp-filter(3) is the filter that the tests run" {
    page wsplsp-filter 3 | sed -n '/^EXAMPLES/,/^DIAGNOSTICS/s/^     //p' | sed '/^The whole of a filter:$/d' \
        >"$BATS_TEST_TMPDIR/page"
    run diff -B "$PROJECT/tests/filter/example_filter.c" "$BATS_TEST_TMPDIR/page"
    assert_success
}

@test "every function and flag of filter.h stands in wsplsp-filter(3)" {
    local text name count=0
    text=$(page wsplsp-filter 3)
    while read -r name; do
        count=$((count + 1))
        grep -qE "^ +$name(\$|[ (,])" <<<"$text" || fail "no $name in the man page"
    done < <(sed -nE -e 's/^ +(int|void)\(__cdecl \*([a-z]+)\).*/\2/p' \
        -e 's/^#define (WSPLSP_FILTER_[A-Z_]+) +0x.*/\1/p' "$PROJECT/include/wsplsp/filter.h")
    ((count == 16))
}

@test "help and --help of a command are the same" {
    local command
    for command in "${COMMANDS[@]}"; do
        # shellcheck disable=SC2086
        assert_equal "$(wsplsp help $command)" "$(wsplsp $command --help)"
    done
}

@test "every command in the help stands in the man page's synopsis" {
    local text command
    text=$(page wsplsp | sed -n '/^SYNOPSIS/,/^DESCRIPTION/p')
    for command in "${COMMANDS[@]}"; do
        run wsplsp help
        assert_line --regexp "^ +$command( |\$)"
        [[ $text == *"wsplsp $command"* ]] || fail "no '$command' in the synopsis"
    done
}

@test "every check stands in wsplsp-doctor(1) with its severity, and none besides" {
    wsplsp doctor --list-checks --json | jq -r '.checks[] | "\(.code) \(.severity)"' | sort >"$BATS_TEST_TMPDIR/program"
    [[ -s $BATS_TEST_TMPDIR/program ]]
    sed -n 's/^\.It Ic \([a-z0-9-]*\) Pq \([a-z]*\)$/\1 \2/p' "$PROJECT/man/wsplsp-doctor.1" | sort >"$BATS_TEST_TMPDIR/page"
    run diff "$BATS_TEST_TMPDIR/program" "$BATS_TEST_TMPDIR/page"
    assert_success
}

@test "the exit statuses in the header stand in the man page" {
    local status count=0
    while read -r status; do
        count=$((count + 1))
        page wsplsp | sed -n '/^EXIT STATUS/,/^EXAMPLES/p' | grep -qE "^ +$status " || fail "no status $status"
    done < <(sed -n 's/^ *WSPLSP_[A-Z_]* = \([0-9]*\),.*/\1/p' "$PROJECT/lsp-core/base/error.h")
    ((count == 8))
}

@test "the statuses that run fails with are the same in its help and in wsplsp-run(1)" {
    wsplsp help run | sed -n '/^Exit status:/,$s/^  \([0-9]\)  .*/\1/p' >"$BATS_TEST_TMPDIR/program"
    page wsplsp-run | sed -n '/^EXIT STATUS/,/^EXAMPLES/s/^ *\([0-9]\) .*/\1/p' >"$BATS_TEST_TMPDIR/page"
    [[ -s $BATS_TEST_TMPDIR/page ]]
    run diff "$BATS_TEST_TMPDIR/program" "$BATS_TEST_TMPDIR/page"
    assert_success
}

@test "the README's session is what the program prints" {
    [[ $NATIVE == "$PROJECT/build/native" ]] || skip 'the README names the usual build folder'
    skip_without_wine
    [[ -f $X64/wsplsp-host.dll && -f $X64/wsplsp-layer.dll ]] || skip 'the host has not been built'
    run python3 "$TOOLS/readme.py" check
    assert_success
}

@test "every test, demonstration and measurement runs layers with --strict" {
    # wsplsp_wine gives it itself.
    run grep -nE 'wsplsp\.exe"? run( |$)|\{(live|hosted)\[@\]\}" run ' "$PROJECT"/tests/bats/*.bats "$PROJECT"/tests/bats/*.bash \
        "$PROJECT"/tests/*/rules.mk "$PROJECT/scripts/demo"
    assert_success
    [[ $(grep -c . <<<"$output") -ge 15 ]]
    run grep -vE ' run --strict( |$)|grep -nE' <<<"$output"
    assert_output ''
}

@test "the files that ARCHITECTURE.md and CONTRIBUTING.md name are there" {
    local name count=0
    while read -r name; do
        count=$((count + 1))
        [[ -n $(find "$PROJECT"/{cli,include,lsp-core,tests} -name "$name" -print -quit) ]] || fail "no $name"
    done < <(grep -ohE '\b[a-z][a-z0-9_]*\.(c|h|bats|mk)\b' "$PROJECT"/{ARCHITECTURE,CONTRIBUTING}.md | grep -v '^x[_.]' | sort -u)
    ((count > 50))
    while read -r name; do
        [[ -e $PROJECT/$name ]] || fail "no $name"
    done < <(grep -ohE '\b(cli|lsp-core|include|tests|scripts)/[a-zA-Z0-9_/.-]*\.(c|h|bats|bash|mk|py|json)\b' "$PROJECT"/{ARCHITECTURE,CONTRIBUTING}.md | sort -u)
}
