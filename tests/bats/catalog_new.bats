#!/usr/bin/env bats
# wsplsp catalog new: what is in the catalog that it makes, and that it harms no file. Expected values are those of the
# fixtures, which share no code with the program.

load common

setup()
{
    cd "$BATS_TEST_TMPDIR" || return
}

@test "catalog new --from windows10 makes Windows 10's entries and name spaces" {
    run wsplsp catalog new lab.reg --from windows10
    assert_success
    assert_output 'lab.reg: 11 entries in the 64-bit catalog, 11 entries in the 32-bit catalog'
    local command
    for command in list 'ns list'; do
        # shellcheck disable=SC2086 # "ns list" is two words
        wsplsp $command --json --from lab.reg | jq 'del(.source, .notes)' >made
        # shellcheck disable=SC2086
        wsplsp $command --json --from "$FIXTURES/windows10.reg" | jq 'del(.source, .notes)' >wanted
        run diff wanted made
        assert_success
    done
}

@test "a catalog made by catalog new has no findings" {
    wsplsp catalog new lab.reg --from windows10
    run wsplsp doctor --from lab.reg
    assert_success
    assert_output --partial 'No findings'
}

@test "catalog new --from FILE takes the whole catalog" {
    run wsplsp catalog new lab.reg --from "$FIXTURES/windows11-two-lsps.reg"
    assert_success
    run wsplsp diff lab.reg "$FIXTURES/windows11-two-lsps.reg"
    assert_success
    assert_output 'No differences.'
}

@test "catalog new never overwrites a file" {
    echo mine >lab.reg
    run wsplsp catalog new lab.reg --from windows10
    assert_failure 5
    assert_output --partial "'lab.reg' is there already"
    assert_equal "$(cat lab.reg)" mine
}

@test "catalog new leaves no file behind when it fails" {
    run wsplsp catalog new lab.reg --from nowhere.reg
    assert_failure 3
    [[ ! -e lab.reg ]]
    run wsplsp catalog new no/such/folder.reg --from windows10
    assert_failure 3
    run wsplsp catalog new
    assert_failure 2
}

@test "catalog new --json and --quiet" {
    run_json catalog new lab.reg --from windows10
    assert_jq '.schema == "wsplsp/catalog-new/1" and .file == "lab.reg" and (.catalogs | map(.catalog) == [64, 32])'
    run wsplsp catalog new other.reg --from windows10 --quiet
    assert_success
    assert_output ''
    [[ -s other.reg ]]
}
