#!/usr/bin/env bats
# The JSON of every command on every fixture: it validates against `wsplsp schema COMMAND`, begins with the same two keys,
# and an entry has the fields of the design in their order.

load common

ENTRY_FIELDS='catalog position catalog_id provider_id kind name name_raw dll chain version family socket_type protocol'
ENTRY_FIELDS+=' protocol_max_offset max_message_size byte_order security_scheme min_address_length max_address_length'
ENTRY_FIELDS+=' service_flags provider_flags categories'

setup_file()
{
    python3 "$FIXTURES/make.py" all "$BATS_FILE_TMPDIR/fixtures"
    rm "$BATS_FILE_TMPDIR/fixtures/5000-entries.reg"
}

# Every fixture's JSON of a command validates and names its schema; statuses 0, 1 (findings, differences, nothing to do), 3
# (no such entry) and 5 (refused) are all right, and an error object must validate as one.
# usage: assert_validates SCHEMA ARGUMENT …       ("FILE" among the arguments stands for the fixture)
assert_validates()
{
    local schema=$1 file folder="$BATS_TEST_TMPDIR/documents"
    shift
    mkdir -p "$folder/ok" "$folder/error"
    # shellcheck disable=SC2086 # "ns list" is two words
    wsplsp schema $schema >"$folder/schema"
    wsplsp schema error >"$folder/error-schema"
    for file in "$BATS_FILE_TMPDIR"/fixtures/*.reg; do
        run --separate-stderr wsplsp "${@/#FILE/$file}" --json
        case $status in
            0 | 1) printf '%s' "$output" >"$folder/ok/$(basename "$file" .reg)" ;;
            3 | 5) printf '%s' "$output" >"$folder/error/$(basename "$file" .reg)" ;;
            *) fail "status $status for $file: $output" ;;
        esac
    done
    run python3 "$TOOLS/validate.py" "$folder/schema" "$folder"/ok/*
    assert_success
    [[ -z $(ls "$folder/error") ]] || {
        run python3 "$TOOLS/validate.py" "$folder/error-schema" "$folder"/error/*
        assert_success
    }
    run jq -r '[keys_unsorted[0, 1], .schema] | join(" ")' "$folder"/ok/*
    assert_equal "$(sort -u <<<"$output")" "schema wsplsp wsplsp/${schema// /-}/1"
}

@test "list --json validates on every fixture" {
    assert_validates list list --from FILE
}

@test "ns list --json validates on every fixture" {
    assert_validates 'ns list' ns list --from FILE
}

@test "app list --json validates on every fixture" {
    assert_validates 'app list' app list --from FILE
}

@test "show --json validates on every fixture" {
    assert_validates show show 1016 --from FILE
}

@test "tree --json validates on every fixture" {
    assert_validates tree tree --from FILE
}

@test "doctor --json validates on every fixture" {
    assert_validates doctor doctor --from FILE
}

@test "diff --json validates between Windows 7 and every fixture" {
    assert_validates diff diff "$FIXTURES/windows7.reg" FILE
}

@test "plans as JSON validate for every fixture" {
    assert_validates reset reset --dry-run --catalog FILE
    rm -r "$BATS_TEST_TMPDIR/documents"
    assert_validates doctor-fix doctor --fix --dry-run --catalog FILE
    rm -r "$BATS_TEST_TMPDIR/documents"
    assert_validates restore restore "$FIXTURES/windows11-two-lsps.reg" --dry-run --catalog FILE
}

@test "version --json validates" {
    assert_validates version version
}

@test "a schema is strict: a further field, a missing one and a wrong kind are refused" {
    wsplsp schema list >"$BATS_TEST_TMPDIR/schema"
    wsplsp list --json --from "$FIXTURES/windows10.reg" >"$BATS_TEST_TMPDIR/good"
    run python3 "$TOOLS/validate.py" "$BATS_TEST_TMPDIR/schema" "$BATS_TEST_TMPDIR/good"
    assert_success
    local change
    for change in '.entries[0].extra = 1' 'del(.entries[0].chain)' '.entries[0].kind = "other"' '.extra = 1' \
        '.entries[0].provider_id = "E70F1AA0"' '.entries[0].catalog = 16' 'del(.wsplsp)'; do
        jq "$change" "$BATS_TEST_TMPDIR/good" >"$BATS_TEST_TMPDIR/bad"
        run python3 "$TOOLS/validate.py" "$BATS_TEST_TMPDIR/schema" "$BATS_TEST_TMPDIR/bad"
        assert_failure 1
    done
}

@test "an entry's fields stand in the design's order" {
    run_json list --from "$FIXTURES/windows11-two-lsps.reg"
    assert_equal "$(jq -r '[.entries[] | keys_unsorted | .[0:22] | join(" ")] | unique | .[]' <<<"$output")" "$ENTRY_FIELDS"
}

@test "what is absent is null with a reason" {
    run_json list --from "$FIXTURES/windows10.reg"
    assert_jq '[.entries[] | select(.categories == null and (.absent.categories | length > 0))] | length == 22'
}

@test "errors are objects with --json, on standard output, and validate" {
    wsplsp schema error >"$BATS_TEST_TMPDIR/schema"
    local arguments
    for arguments in 'list --from nowhere.reg' 'list --no-such-option' 'nonsense' 'show' 'show 4711 --from windows10.reg' 'diff' \
        'doctor --fail-on nothing' 'list --from .' 'schema nonsense' 'run' '--layer x.dll run x.exe' \
        'schema nosuch' '--json run x.exe'; do
        # shellcheck disable=SC2086
        run --separate-stderr bash -c 'cd "$1" && shift && exec "$@" --json' _ "$FIXTURES" "$NATIVE/wsplsp" $arguments
        [[ $status -ge 2 ]] || fail "$arguments: status $status"
        assert_jq '.schema == "wsplsp/error/1" and .error.status == $status' --argjson status "$status"
        printf '%s' "$output" >"$BATS_TEST_TMPDIR/error ${arguments//\//_}"
    done
    run python3 "$TOOLS/validate.py" "$BATS_TEST_TMPDIR/schema" "$BATS_TEST_TMPDIR"/error*
    assert_success
}

@test "names with control characters stay valid JSON and do not reach a terminal as they are" {
    local file
    file=$(fixture hostile-name)
    run_json show 1015 --from "$file"
    assert_jq '.entries[0].name == "Evil\u001b]0;owned\u0007\u202e\"\\ name"'
    run wsplsp list --from "$file"
    assert_success
    refute_output --partial $'\e'
    refute_output --partial $'\a'
    refute_output --partial $'\u202e'
}
