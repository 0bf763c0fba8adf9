#!/usr/bin/env bats
# scripts/check's own rules.

load common

# The functions of scripts/check that this file tests.
load_functions()
{
    cd "$PROJECT" || return
    eval "$(sed -n -e '/^may_skip()/,/^}/p' -e '/^wrong_skips()/,/^}/p' scripts/check)"
}

@test 'check: a skip that is not on the list fails, and so does one whose reason does not hold here' {
    load_functions
    printf '%s\n' 1..4 'ok 1 one # skip the host has not been built' 'not ok 2 # SKIP two' 'ok 3 three' \
        'ok 4 four # skip this system has no /dev/full' >"$BATS_TEST_TMPDIR/log"
    run wrong_skips "$BATS_TEST_TMPDIR/log"
    assert_line --index 0 'one # skip the host has not been built'
    assert_line --index 1 '# SKIP two'
    [[ ! -w /dev/full ]] || assert_line --index 2 'four # skip this system has no /dev/full'
}

@test 'check: a skip on the list passes where its reason holds' {
    load_functions
    printf '%s\n' 1..1 'ok 1 one # skip no console here (status 1)' >"$BATS_TEST_TMPDIR/log"
    run wrong_skips "$BATS_TEST_TMPDIR/log"
    assert_output ''
}

@test 'check: every allowed skip has a condition and a reason' {
    run awk -F'|' '!/^#/ && NF > 0 && (NF != 3 || $1 !~ /[^ ]/ || $2 !~ /[^ ]/ || $3 !~ /[^ ]/)' "$PROJECT/tests/skips.allowed"
    assert_output ''
}
