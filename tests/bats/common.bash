#!/usr/bin/env bash
# What every bats file loads: where things are, how to run the program natively and under Wine, what to skip and why.
# Paths are relative to this file, so that the tests run from any working directory.
bats_require_minimum_version 1.5.0
bats_load_library bats-support
bats_load_library bats-assert

PROJECT="$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)"
BUILD="${WSPLSP_BUILD:-$PROJECT/build}" # another build folder, such as one with other flags
# shellcheck disable=SC2034 # the bats files use these
{
    NATIVE="$BUILD/native"
    X64="$BUILD/x64"
    WINE_HOME="${WSPLSP_WINE_HOME:-$PROJECT/build/wine}" # of scripts/wine
    FIXTURES="$PROJECT/tests/fixtures"
    TOOLS="$PROJECT/tests/tools"
    REAL_CATALOGS="$PROJECT/../shared/catalogs"
}

# The program natively: `run wsplsp list --from X`.
wsplsp()
{
    "$NATIVE/wsplsp" "$@"
}

# The catalog NAME of tests/fixtures/make.py as a file, made once for all tests of the run; prints the path.
# usage: fixture NAME [STYLE]
fixture()
{
    local file="$BATS_RUN_TMPDIR/fixtures/$1${2:+.$2}.reg"
    if [[ ! -e $file ]]; then
        mkdir -p "${file%/*}"
        python3 "$FIXTURES/make.py" "$@" >"$BATS_TEST_TMPDIR/fixture" && mv "$BATS_TEST_TMPDIR/fixture" "$file" || return
    fi
    printf '%s\n' "$file"
}

# Runs `wsplsp ARGUMENTS --json` whatever its documented status and keeps the JSON in $output, the status in $status.
run_json()
{
    run --separate-stderr wsplsp "$@" --json
    ((status <= 7)) || fail "status $status: ${stderr-}"
    assert_json
}

# $output is one JSON object. (jq 1.6 is content with no input at all.)
assert_json()
{
    [[ $(jq -r type <<<"$output" 2>&1) == object ]] || fail "not one JSON object: ${output:0:500}"
}

# The JSON in $output must satisfy a jq expression.
# usage: assert_jq EXPRESSION [jq options …]
assert_jq()
{
    local expression=$1
    shift
    assert_json
    jq -e "$@" "$expression" <<<"$output" >/dev/null || {
        batslib_print_kv_single 10 expression "$expression" output "${output:0:2000}" |
            batslib_decorate 'JSON is not as expected' | fail
    }
}

# Keeps one Wine server for all tests of a file: call these from setup_file and teardown_file.
wine_start()
{
    [[ -x "$X64/wsplsp.exe" ]] || return 0
    export WSPLSP_WINE_KEEP=1
}

wine_stop()
{
    [[ -z ${WSPLSP_WINE_KEEP-} ]] || "$PROJECT/scripts/wine" --stop
}

skip_without_wine()
{
    command -v wine64 >/dev/null || command -v wine >/dev/null || skip 'Wine is not installed'
    [[ -x "$X64/wsplsp.exe" ]] || skip 'the x64 program has not been built'
}

# The program for Windows under Wine. A file is named by a path that Wine sees through its Z: drive.
# `run` is strict: what Windows need not stand of a layer is an error. LENIENT=yes leaves that out.
wsplsp_wine()
{
    local strict=()
    [[ $1 != run || -n ${LENIENT-} ]] || strict=(--strict)
    "$PROJECT/scripts/wine" "$X64/wsplsp.exe" "$1" "${strict[@]}" "${@:2}"
}

skip_without_real_catalogs()
{
    [[ -d $REAL_CATALOGS ]] || skip 'the two real catalogs are not beside this copy of the project'
}

# The conformance program's known differences in a mode, in $EXPECTED: the options that name its list, of which each
# pattern has to fail there. What the lists are made of is said in tests/conformance/known.h.
# usage: expect_in bare|hosted|ifs|non-ifs-foreign|non-ifs
expect_in()
{
    local lists file
    case $1 in
    bare) lists='wine8 bare' ;;
    hosted | ifs) lists=wine8 ;;
    non-ifs-foreign) lists='wine8 nonifs' ;;
    non-ifs) lists='wine8 nonifs nonifs_own' ;;
    *) fail "no such mode: $1" ;;
    esac
    EXPECTED=(--strict)
    for file in $lists; do EXPECTED+=(--expected "$PROJECT/tests/conformance/$file.expected"); done
}
