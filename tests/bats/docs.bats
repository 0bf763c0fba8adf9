#!/usr/bin/env bats
# The man pages against the program: every command, option, exit status and check stands in both.

load common

# A man page as plain text.
page()
{
    mandoc -Tascii "$PROJECT/man/$1.1" | col -bx
}

@test "the man pages have no fault that mandoc knows" {
    run mandoc -Tlint -W warning "$PROJECT"/man/*.1
    assert_success
    assert_output ''
}

@test "every option in the help of each command stands in the man page, and none besides" {
    local command
    for command in list show tree doctor diff 'ns list' 'app list' schema version help; do
        # shellcheck disable=SC2086 # "ns list" is two words
        wsplsp help $command
    done | grep -oE -- '--[a-z0-9][a-z0-9-]*' | sort -u >"$BATS_TEST_TMPDIR/program"
    page wsplsp | grep -oE -- '--[a-z0-9][a-z0-9-]*' | sort -u >"$BATS_TEST_TMPDIR/page"
    run diff "$BATS_TEST_TMPDIR/program" "$BATS_TEST_TMPDIR/page"
    assert_success
    [[ -s $BATS_TEST_TMPDIR/page ]]
}

@test "help and --help of a command are the same" {
    local command
    for command in list show tree doctor diff 'ns list' 'app list' schema version; do
        # shellcheck disable=SC2086
        assert_equal "$(wsplsp help $command)" "$(wsplsp $command --help)"
    done
}

@test "every command in the help stands in the man page's synopsis" {
    local text command
    text=$(page wsplsp | sed -n '/^SYNOPSIS/,/^DESCRIPTION/p')
    for command in list show tree doctor diff 'ns list' 'app list' schema version help; do
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
    done < <(sed -n 's/^ *WSPLSP_[A-Z_]* = \([0-9]*\),.*/\1/p' "$PROJECT/include/wsplsp/error.h")
    ((count == 8))
}

@test "the README's session is what the program prints" {
    [[ $NATIVE == "$PROJECT/build/native" ]] || skip 'the README names the usual build folder'
    run python3 "$TOOLS/readme.py" check
    assert_success
}
