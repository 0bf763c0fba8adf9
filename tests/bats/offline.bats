#!/usr/bin/env bats
# Offline sources in the native build: list, ns list, app list, show and tree on .reg files and hives, their filters, and
# bad input. What a catalog should show comes from tests/tools/regparse.py, which reads the file by its own code.

load common

COMMITTED=(windows7 windows10 windows11 windows10-one-lsp windows11-two-lsps)
STYLES=(regedit utf8 hivex regedit4)

# The ids that `wsplsp list` shows with these options, as "64:1001 64:1002 …".
ids()
{
    wsplsp list --json "$@" | jq -r '[.entries[] | "\(.catalog):\(.catalog_id)"] | join(" ")'
}

# What regparse.py reads in a file, read once.
expected()
{
    local known="$BATS_FILE_TMPDIR/${1//\//_}.json"
    [[ -e $known ]] || python3 "$TOOLS/regparse.py" catalog "$1" >"$known"
    cat "$known"
}

# The ids in it of the entries that a jq condition selects.
# usage: expected_ids FILE CONDITION
expected_ids()
{
    expected "$1" | jq -r "[.entries[] | select($2) | \"\\(.catalog):\\(.catalog_id)\"] | join(\" \")"
}

# `list` with the options shows exactly the entries for which the condition holds, and there is at least one.
# usage: assert_filter FILE CONDITION OPTION …
assert_filter()
{
    local file=$1 condition=$2 expected
    shift 2
    expected=$(expected_ids "$file" "$condition")
    [[ -n $expected ]]
    assert_equal "$(ids --from "$file" "$@")" "$expected"
}

# Fails with the status, one error line on standard error, nothing on standard output; with --json an error object.
# usage: assert_refused STATUS ARGUMENT …
assert_refused()
{
    local status_wanted=$1
    shift
    run --separate-stderr wsplsp "$@" </dev/null
    assert_equal "$status" "$status_wanted"
    assert_equal "$output" ''
    [[ ${stderr_lines[0]} == 'wsplsp: '* ]] || fail "no error line but: $stderr"
    run --separate-stderr wsplsp "$@" --json </dev/null
    assert_equal "$status" "$status_wanted"
    assert_jq '.schema == "wsplsp/error/1" and .error.status == $status and (.error.message | length > 0)' \
        --argjson status "$status_wanted"
}

@test "the committed catalogs are what make.py makes" {
    local name
    for name in "${COMMITTED[@]}"; do
        run cmp "$FIXTURES/$name.reg" "$(fixture "$name")"
        assert_success
    done
}

@test "list shows each committed catalog entry by entry as an independent reader does" {
    local name
    for name in "${COMMITTED[@]}"; do
        run bash -c "'$NATIVE/wsplsp' list --json --from '$FIXTURES/$name.reg' | python3 '$TOOLS/regparse.py' compare '$FIXTURES/$name.reg' -"
        assert_output equal
    done
}

@test "list reads all forms of .reg file alike" {
    local style
    for style in "${STYLES[@]}"; do
        wsplsp list --json --from "$(fixture windows11-two-lsps "$style")" | jq .entries >"$BATS_TEST_TMPDIR/$style.json"
        run cmp "$BATS_TEST_TMPDIR/$style.json" "$BATS_TEST_TMPDIR/regedit.json"
        assert_success
    done
    run jq length "$BATS_TEST_TMPDIR/regedit.json"
    assert_output 52
}

@test "list takes the order from the keys' numbers, wherever the keys stand in the file" {
    python3 - "$(fixture windows7-one-lsp)" "$BATS_TEST_TMPDIR/shuffled.reg" <<'PYTHON'
import random, sys
blocks = open(sys.argv[1], encoding="utf-8").read().split("\n\n")
keys = blocks[1:]
random.Random(7).shuffle(keys)
open(sys.argv[2], "w", encoding="utf-8").write("\n\n".join(blocks[:1] + keys))
PYTHON
    assert_equal "$(ids --from "$BATS_TEST_TMPDIR/shuffled.reg")" "$(expected_ids "$(fixture windows7-one-lsp)" true)"
}

@test "list shows two real catalogs as an independent reader does" {
    skip_without_real_catalogs
    local file
    for file in "$REAL_CATALOGS"/*.reg; do
        run bash -c "'$NATIVE/wsplsp' list --json --from '$file' | python3 '$TOOLS/regparse.py' compare '$file' -"
        assert_output equal
    done
}

@test "list reads a SYSTEM hive as it reads the .reg file the hive was made from" {
    local name
    for name in "${COMMITTED[@]}"; do
        python3 "$PROJECT/tests/make_hive.py" "$FIXTURES/$name.reg" "$BATS_TEST_TMPDIR/$name.hive"
        assert_equal "$(wsplsp list --json --from "$BATS_TEST_TMPDIR/$name.hive" | jq .entries)" \
            "$(wsplsp list --json --from "$FIXTURES/$name.reg" | jq .entries)"
        assert_equal "$(wsplsp ns list --json --from "$BATS_TEST_TMPDIR/$name.hive" | jq .name_spaces)" \
            "$(wsplsp ns list --json --from "$FIXTURES/$name.reg" | jq .name_spaces)"
        assert_equal "$(wsplsp app list --json --from "$BATS_TEST_TMPDIR/$name.hive" | jq .applications)" \
            "$(wsplsp app list --json --from "$FIXTURES/$name.reg" | jq .applications)"
    done
}

@test "list takes the source from standard input, --from and --catalog alike" {
    local file="$FIXTURES/windows10.reg" expected
    expected=$(expected_ids "$file" true)
    assert_equal "$(ids --from "$file")" "$expected"
    assert_equal "$(ids --from - <"$file")" "$expected"
    assert_equal "$(ids --catalog "$file")" "$expected"
    assert_equal "$(wsplsp --catalog "$file" --json list | jq -r '[.entries[] | "\(.catalog):\(.catalog_id)"] | join(" ")')" "$expected"
    assert_equal "$(python3 "$FIXTURES/make.py" windows10 | ids --from -)" "$expected"
}

@test "list --64 and --32 show one catalog" {
    local file="$FIXTURES/windows11-two-lsps.reg"
    assert_filter "$file" '.catalog == 64' --64
    assert_filter "$file" '.catalog == 32' --32
}

@test "list --base, --layered and --hidden select by kind" {
    local file="$FIXTURES/windows11-two-lsps.reg"
    assert_filter "$file" '.kind == "base"' --base
    assert_filter "$file" '.kind != "base"' --layered
    assert_filter "$file" '.provider_flags.names | index("PFL_HIDDEN")' --hidden
}

@test "list --protocol selects by name and by number" {
    local file="$FIXTURES/windows11-two-lsps.reg"
    assert_filter "$file" '.protocol == 6 and (.family == 2 or .family == 23)' --protocol tcp
    assert_filter "$file" '.protocol == 17' --protocol udp
    # Hyper-V's only protocol is called HV_PROTOCOL_RAW.
    assert_filter "$file" '.socket_type == 3 or .family == 34' --protocol raw
    assert_filter "$file" '.protocol == 17' --protocol 17
    assert_filter "$file" '.protocol == 6 and (.family == 2 or .family == 23)' --protocol TCP
}

@test "list filters combine" {
    assert_filter "$FIXTURES/windows11-two-lsps.reg" '.catalog == 32 and .kind == "base" and .protocol == 17' \
        --32 --base --protocol udp
}

@test "list on 32-bit Windows has one catalog and says why there is no other" {
    run_json list --from "$FIXTURES/windows7.reg"
    assert_success
    assert_jq '[.entries[].catalog] | unique == [32]'
    assert_jq '.catalogs[] | select(.catalog == 64) | .present == false'
}

@test "list cuts no id, however narrow its table" {
    local id
    for id in 1001 1012 1013 1027 1040; do
        run bash -c "'$NATIVE/wsplsp' list --from '$FIXTURES/windows11-two-lsps.reg'"
        assert_success
        assert_line --regexp "(^|[^0-9])$id([^0-9]|\$)"
    done
}

@test "everything printed on a pipe fits 80 columns" {
    local command
    for command in list tree doctor 'ns list' 'app list' 'show 1031' "diff $FIXTURES/windows10.reg"; do
        # shellcheck disable=SC2086 # the command's words
        case $command in
            diff*) run wsplsp $command "$FIXTURES/windows11-two-lsps.reg" ;;
            *) run wsplsp $command --from "$FIXTURES/windows11-two-lsps.reg" ;;
        esac
        assert_equal "$command: $(python3 -c 'import sys; print([l for l in sys.argv[1].split("\n") if len(l) > 80])' "$output")" \
            "$command: []"
    done
}

@test "ns list shows the name space providers of both catalogs" {
    run_json ns list --from "$FIXTURES/windows10.reg"
    assert_success
    local expected
    expected=$(expected "$FIXTURES/windows10.reg" | jq -c '[.name_spaces[] | [.catalog, .position, .provider_id, .name_raw, .dll]]')
    assert_equal "$(jq -c '[.name_spaces[] | [.catalog, .position, .provider_id, .name_raw, .dll]]' <<<"$output")" "$expected"
}

@test "app list shows the application categories" {
    run_json app list --from "$FIXTURES/windows10.reg"
    assert_success
    local expected
    expected=$(expected "$FIXTURES/windows10.reg" | jq -c '[.applications[] | [.path, .arguments, .categories]]')
    assert_equal "$(jq -c '[.applications[] | [.path, .arguments, .categories.value]]' <<<"$output")" "$expected"
    assert_jq '.applications[] | select(.path | endswith("lsass.exe")) | .categories.names == ["LSP_SYSTEM"]'
    assert_jq '.applications[0].categories.names == ["LSP_CRYPTO_COMPRESS", "LSP_SYSTEM"]'
}

@test "show finds an entry by its id, in both catalogs unless narrowed" {
    run_json show 1007 --from "$FIXTURES/windows10.reg"
    assert_success
    assert_jq '[.entries[] | [.catalog, .catalog_id, .name]] == [[64, 1007, "MSAFD Tcpip [UDP/IP]"], [32, 1007, "MSAFD Tcpip [UDP/IP]"]]'
    run_json show 1007 --64 --from "$FIXTURES/windows10.reg"
    assert_jq '[.entries[].catalog] == [64]'
}

@test "show finds an entry by its provider id, with and without braces, in either case" {
    local id=1234191B-4BF7-4CA7-86E0-DFD7C32B5445 form
    for form in "{$id}" "$id" "${id,,}" "{${id,,}}"; do
        run_json show "$form" --from "$FIXTURES/windows10.reg"
        assert_success
        assert_jq '[.entries[] | [.catalog, .catalog_id]] == [[64, 1001], [32, 1001]]'
    done
}

@test "show finds an entry by its name" {
    run_json show 'Contoso Web Filter' --from "$FIXTURES/windows10-one-lsp.reg"
    assert_success
    assert_jq '[.entries[] | [.catalog, .catalog_id, .kind]] == [[64, 1012, "layer"], [32, 1019, "layer"]]'
}

@test "show explains each flag by name" {
    run wsplsp show 1006 --64 --from "$FIXTURES/windows10.reg"
    assert_success
    local flag
    for flag in XP1_GUARANTEED_DELIVERY XP1_GUARANTEED_ORDER XP1_GRACEFUL_CLOSE XP1_EXPEDITED_DATA XP1_IFS_HANDLES PFL_MATCHES_PROTOCOL_ZERO; do
        assert_line --partial "$flag"
    done
    refute_output --partial XP1_CONNECTIONLESS
    refute_output --partial PFL_HIDDEN
}

@test "show lists the candidates of an ambiguous name and ends with 3" {
    run --separate-stderr wsplsp show RSVP --from "$FIXTURES/windows10.reg"
    assert_equal "$status" 3
    assert_equal "$output" ''
    local name
    for name in 'RSVP TCPv6 Service Provider' 'RSVP TCP Service Provider' 'RSVP UDPv6 Service Provider' 'RSVP UDP Service Provider'; do
        [[ $stderr == *"$name"* ]] || fail "no candidate $name in: $stderr"
    done
    run_json show RSVP --from "$FIXTURES/windows10.reg"
    assert_equal "$status" 3
    assert_jq '.schema == "wsplsp/error/1" and .error.status == 3'
}

@test "show of something the catalog has not ends with 3" {
    assert_refused 3 show 4711 --from "$FIXTURES/windows10.reg"
    assert_refused 3 show '{00000000-0000-0000-0000-000000000001}' --from "$FIXTURES/windows10.reg"
    assert_refused 3 show 'No Such Provider' --from "$FIXTURES/windows10.reg"
    assert_refused 3 show 1012 --32 --from "$FIXTURES/windows10-one-lsp.reg"
}

@test "tree walks each chain from the top layer down to its base" {
    run_json tree --from "$FIXTURES/windows11-two-lsps.reg"
    assert_success
    assert_jq '[.chains[] | select(.catalog == 64 and .catalog_id == 1031) | .members[] | [.catalog_id, .state, .kind]]
        == [[1027, "ok", "layer"], [1013, "ok", "layer"], [1004, "ok", "base"]]'
    assert_jq '[.chains[] | select(.catalog == 64 and .catalog_id == 1031) | .members[].dll] == ["%SystemRoot%\\system32\\fabmeter64.dll",
        "%ProgramFiles%\\Contoso\\Web Filter\\cwflsp.dll", "%SystemRoot%\\system32\\mswsock.dll"]'
    assert_jq '[.chains[] | select(.members | length == 3)] | length == 12'
    run wsplsp tree --64 --from "$FIXTURES/windows11-two-lsps.reg"
    assert_success
    assert_output --partial fabmeter64.dll
    assert_output --partial cwflsp.dll
}

@test "tree marks a link to an entry that is not there" {
    local file
    file=$(fixture chain-member-missing)
    run_json tree --from "$file"
    assert_success
    assert_jq '[.chains[].members[] | select(.state == "missing") | .catalog_id] == [1999]'
    run wsplsp tree --from "$file"
    assert_line --regexp 'missing.*1999|1999.*missing'
}

@test "an entry that cannot be decoded keeps its place and its bytes" {
    local file
    file=$(fixture item-undecodable)
    run_json list --from "$file"
    assert_success
    assert_jq '.undecoded | length == 1'
    assert_jq '.undecoded[0] | .size == 300 and (.raw | length == 600) and (.reason | length > 0)'
    assert_jq '.entries | length == 9'
    assert_equal "$(jq '.undecoded[0].position' <<<"$output")" "$(expected "$file" | jq '.undecoded[0].position')"
}

@test "no file, a directory, and a file nobody may read are told apart" {
    assert_refused 3 list --from "$BATS_TEST_TMPDIR/nowhere.reg"
    assert_refused 6 list --from "$BATS_TEST_TMPDIR"
    cp "$FIXTURES/windows10.reg" "$BATS_TEST_TMPDIR/secret.reg"
    chmod 0 "$BATS_TEST_TMPDIR/secret.reg"
    if [[ $(id -u) == 0 ]]; then
        chmod 711 "$BATS_RUN_TMPDIR" "$BATS_FILE_TMPDIR" "$BATS_TEST_TMPDIR" "$(dirname "$BATS_TEST_TMPDIR")"
        cp "$NATIVE/wsplsp" "$BATS_TEST_TMPDIR/program"
        run setpriv --reuid=65534 --regid=65534 --clear-groups "$BATS_TEST_TMPDIR/program" list --from "$BATS_TEST_TMPDIR/secret.reg"
        assert_failure 4
        assert_line --regexp '^wsplsp: .*EACCES'
    else
        assert_refused 4 list --from "$BATS_TEST_TMPDIR/secret.reg"
    fi
}

@test "an empty file, a text without a catalog and random bytes are refused with a reason" {
    : >"$BATS_TEST_TMPDIR/empty"
    assert_refused 6 list --from "$BATS_TEST_TMPDIR/empty"
    printf 'Windows Registry Editor Version 5.00\n\n[HKEY_LOCAL_MACHINE\\SOFTWARE]\n"a"="b"\n' >"$BATS_TEST_TMPDIR/other.reg"
    assert_refused 3 list --from "$BATS_TEST_TMPDIR/other.reg"
    local seed
    python3 - "$BATS_TEST_TMPDIR" <<'PYTHON'
import random, sys
source = random.Random(1)
for number in range(8):
    with open(f"{sys.argv[1]}/random{number}", "wb") as file:
        file.write(source.randbytes(5000))
PYTHON
    for seed in {0..7}; do
        assert_refused 6 list --from "$BATS_TEST_TMPDIR/random$seed"
    done
}

@test "a damaged .reg file is read or refused, never more" {
    run python3 "$TOOLS/damage.py" "$NATIVE/wsplsp" "$FIXTURES/windows11.reg" 150 150
    assert_output '300 in good order'
    run python3 "$TOOLS/damage.py" "$NATIVE/wsplsp" "$FIXTURES/windows7.reg" 100 100 --code-page 1252
    assert_output '200 in good order'
}

@test "a damaged hive is read or refused, never more" {
    python3 "$PROJECT/tests/make_hive.py" "$FIXTURES/windows10.reg" "$BATS_TEST_TMPDIR/SYSTEM"
    run python3 "$TOOLS/damage.py" "$NATIVE/wsplsp" "$BATS_TEST_TMPDIR/SYSTEM" 100 300
    assert_output '400 in good order'
}

@test "no command changes the file it reads" {
    local command file="$BATS_TEST_TMPDIR/copy.reg" hive="$BATS_TEST_TMPDIR/SYSTEM" before
    cp "$FIXTURES/windows10-one-lsp.reg" "$file"
    python3 "$PROJECT/tests/make_hive.py" "$file" "$hive"
    before=$(cd "$BATS_TEST_TMPDIR" && ls && sha256sum copy.reg SYSTEM)
    for command in list 'ns list' 'app list' tree doctor 'show 1012'; do
        # shellcheck disable=SC2086 # a command may be two words
        run wsplsp $command --from "$file"
        # shellcheck disable=SC2086
        run wsplsp $command --from "$hive"
    done
    run wsplsp diff "$file" "$hive"
    assert_equal "$(cd "$BATS_TEST_TMPDIR" && ls && sha256sum copy.reg SYSTEM)" "$before"
}

@test "a catalog of 5,000 entries is listed, drawn and examined in seconds" {
    local file command
    file=$(fixture 5000-entries)
    run_json list --from "$file"
    assert_success
    assert_jq '.entries | length == 5000'
    for command in list tree doctor; do
        run timeout 5 "$NATIVE/wsplsp" "$command" --from "$file"
        [[ $status == 0 || $status == 1 ]] || fail "$command: status $status"
    done
}

@test "a closed pipe ends the program quietly" {
    local line command
    for line in list tree doctor 'list --json'; do
        read -ra command <<<"$line"
        run python3 -c '
import os, subprocess, sys
read_end, write_end = os.pipe()
os.close(read_end)
done = subprocess.run(sys.argv[1:], stdout=write_end, stderr=subprocess.PIPE, text=True)
print(done.returncode >= 0, repr(done.stderr))' "$NATIVE/wsplsp" "${command[@]}" --from "$FIXTURES/windows11-two-lsps.reg"
        assert_output "True ''"
    done
}

@test "a full disk is an error with status 6" {
    [[ -w /dev/full ]] || skip 'this system has no /dev/full'
    local command
    for command in list tree doctor 'list --json'; do
        run --separate-stderr bash -c "'$NATIVE/wsplsp' $command --from '$FIXTURES/windows10.reg' >/dev/full"
        assert_equal "$status" 6
        [[ $stderr == *ENOSPC* ]] || fail "no ENOSPC in: $stderr"
    done
}
