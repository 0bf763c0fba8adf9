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

# usage: ladder FILE LINE: with that line put into the file of a copy
ladder()
{
    rm -rf "${BATS_TEST_TMPDIR:?}/copy"
    mkdir "$BATS_TEST_TMPDIR/copy"
    cp -r "$PROJECT"/{cli,lsp-core,include,scripts} "$BATS_TEST_TMPDIR/copy"
    printf '%s\n' "$2" >>"$BATS_TEST_TMPDIR/copy/$1"
    run "$BATS_TEST_TMPDIR/copy/scripts/lint-ladder"
}

@test 'lint-ladder: an include that leads upwards fails, and so does a folder that is not on the ladder' {
    ladder lsp-core/base/text.c ''
    assert_success
    assert_output ''
    ladder lsp-core/base/text.c '#include "lsp-core/catalog/chain.h"'
    assert_failure 1
    assert_output 'lsp-core/base/text.c (lsp-core/base) uses lsp-core/catalog, which is not below it'
    ladder lsp-core/doctor/text.c '#include "lsp-core/diff/diff.h"' # on the same rung
    assert_failure 1
    ladder cli/main.c '#include "lsp-core/elsewhere/chain.h"'
    assert_failure 1
    assert_output 'cli/main.c: lsp-core/elsewhere is not on the ladder'
}

@test 'lint-ladder: a symbol that leads upwards fails' {
    local folder
    rm -rf "${BATS_TEST_TMPDIR:?}/copy"
    mkdir "$BATS_TEST_TMPDIR/copy"
    cp -r "$PROJECT"/{cli,lsp-core,include,scripts} "$BATS_TEST_TMPDIR/copy"
    cd "$BATS_TEST_TMPDIR/copy" || return
    for folder in lsp-core/base lsp-core/catalog; do
        mkdir -p "build/$folder"
        touch "$folder/made.c"
    done
    echo 'void above(void); void below(void); void below(void) { above(); }' | gcc -c -xc - -o build/lsp-core/base/made.o
    echo 'void above(void); void above(void) { }' | gcc -c -xc - -o build/lsp-core/catalog/made.o
    run scripts/lint-ladder build
    assert_failure 1
    assert_output 'lsp-core/base/made:above (lsp-core/base) uses lsp-core/catalog, which is not below it'
}
