#!/usr/bin/env bats
# Plans carried out on Windows, under Wine: by the WSC* functions of the host, which change a private catalog as those
# of Windows change the system's, with each of them failing in turn, and with the process killed at every moment.

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
    catalog=$BATS_TEST_TMPDIR/catalog.reg
    wsplsp catalog new "$catalog" --from windows10
}

# usage: test_change ARGUMENT…; outside of a host
test_change()
{
    local status=0
    "$PROJECT/scripts/wine" "$X64/tests/test_change.exe" "$@" >"$BATS_TEST_TMPDIR/out" || status=$?
    tr -d '\r' <"$BATS_TEST_TMPDIR/out"
    return "$status"
}

# The same with the private catalog.
hosted()
{
    local status=0
    wsplsp_wine run --catalog "Z:${catalog//\//\\}" -- "$X64/tests/test_change.exe" "$@" >"$BATS_TEST_TMPDIR/out" ||
        status=$?
    tr -d '\r' <"$BATS_TEST_TMPDIR/out"
    return "$status"
}

add_layers()
{
    local dll="Z:${X64//\//\\}\\tests\\run_layer.dll"
    hosted add First "$dll"
    hosted add Second "$dll"
}

assert_tap()
{
    assert_success
    refute_line --regexp '^not ok'
    local count
    count=$(grep -c '^ok ' <<<"$output")
    assert_line "1..$count"
    assert [ "$count" -gt 0 ]
}

@test "traces and backups live side by side; rights are put right, and a journal is found" {
    local folder="$WINE_HOME/prefix/drive_c/ProgramData/wsplsp"
    rm -rf "$folder" "$folder".untrusted-*
    run test_change folders "Z:${catalog//\//\\}"
    assert_tap
    rm -rf "$folder" "$folder".untrusted-*
}

@test "the WSC* functions do what plans say, and each that fails is undone" {
    add_layers
    run hosted hosted
    assert_tap
}

@test "backups, rights and Wine's own catalog, outside of any host" {
    run test_change system
    assert_tap
    assert_line --partial 'DLL_UNKNOWN'
}

@test "a backup of a private catalog is beside its file" {
    hosted add First "Z:${X64//\//\\}\\tests\\run_layer.dll"
    run compgen -G "$catalog.wsplsp-backups/*-test.reg"
    assert_success
    assert_equal "${#lines[@]}" 1
    run wsplsp list --catalog "${lines[0]}" --json
    assert_success
    assert_jq '[.entries[] | select(.kind != "base")] == []'
}

# Each chain's members exist, and its last is a base entry; no base entry is missing.
# usage: assert_network COUNT-OF-BASE-ENTRIES
assert_network()
{
    output=$(wsplsp list --catalog "$catalog" --json)
    assert_jq '.entries as $all | all($all[] | select(.kind == "chain");
        . as $chain | [.chain[] | . as $id | $all[] | select(.catalog == $chain.catalog and .catalog_id == $id)] as $members
        | ($members | length) == (.chain | length) and $members[-1].kind == "base")'
    assert_jq '[.entries[] | select(.kind == "base")] | length == $count' --argjson count "$1"
}

# A catalog without what the system makes up anew each time: the ids of what has been installed.
meaning()
{
    wsplsp list --catalog "$1" --json | jq -c '.entries | map([.catalog, .kind, .name, .dll])'
}

# Kills a change at its first event, its second, and so on; what recover makes of each is $ends.
# usage: kill_everywhere EVERY KILL-COMMAND [DLL]; EVERY 1: each event, 3: each third
kill_everywhere()
{
    local old=$BATS_TEST_TMPDIR/old.reg new=$BATS_TEST_TMPDIR/new.reg event=0 end bases
    cp "$catalog" "$old"
    hosted "$2" -1 "${@:3}"
    cp "$catalog" "$new"
    bases=$(wsplsp list --catalog "$old" --json | jq '[.entries[] | select(.kind == "base")] | length')
    ends=
    while cp "$old" "$catalog" && ! hosted "$2" "$event" "${@:3}"; do
        assert_network "$bases"
        end=$(hosted recover)
        if [[ $end == 'done' || ($end == nothing && $ends == *d*) ]]; then
            assert_equal "$(meaning "$catalog")" "$(meaning "$new")"
        else
            run wsplsp diff "$old" "$catalog"
            assert_success
        fi
        ends+=${end:0:1}
        event=$((event + $1))
    done
}

@test "killed at any moment of a removal, recover brings back the old state or completes the new one" {
    hosted add First "Z:${X64//\//\\}\\tests\\run_layer.dll"
    kill_everywhere 1 kill
    assert_regex "$ends" '^nn(u+)dddn$'
}

@test "killed at any moment of an installation, too" {
    kill_everywhere 3 install-kill "Z:${X64//\//\\}\\tests\\run_layer.dll"
    assert_regex "$ends" '^n(u+)d?n?$'
}

@test "who wants to change what another process is changing is told, after a while" {
    coproc HOLD { "$PROJECT/scripts/wine" "$X64/tests/test_change.exe" hold "Z:${catalog//\//\\}"; }
    exec {input}>&"${HOLD[1]}" {from}<&"${HOLD[0]}"
    local held=$HOLD_PID line
    read -r -t 60 line <&"$from"
    assert_equal "${line%$'\r'}" locked
    run test_change busy "Z:${catalog//\//\\}"
    assert_failure
    assert_output --partial 'BUSY: another wsplsp is changing'
    eval "exec $input>&- ${HOLD[1]}>&-"
    wait "$held"
    run wsplsp list --catalog "$catalog"
    assert_output --partial Third
}
