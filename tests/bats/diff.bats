#!/usr/bin/env bats
# diff: what was added, removed, moved and changed between two sources, told by provider id and meaning; its statuses.

load common

# usage: diff_json A B: the changes in $output, the status in $status
diff_json()
{
    run_json diff "$(fixture "$1")" "$(fixture "$2")"
}

@test "equal catalogs differ in nothing, whatever form their files have" {
    local name style
    for name in windows7 windows10 windows11-two-lsps; do
        for style in regedit utf8 hivex regedit4; do
            run_json diff "$FIXTURES/$name.reg" "$(fixture "$name" "$style")"
            assert_equal "$status" 0
            assert_jq '.changes == []'
        done
    done
}

@test "an installed layer is seven added entries, and no other change though ids and positions shift" {
    diff_json windows7 windows7-one-lsp
    assert_equal "$status" 1
    assert_jq '[.changes[] | [.kind, .subject, .catalog]] | unique == [["added", "entry", 32]]'
    assert_jq '[.changes[].name] | sort == (["Contoso Web Filter"]
        + ["TCP/IP", "UDP/IP", "RAW/IP", "TCP/IPv6", "UDP/IPv6", "RAW/IPv6" | "Contoso Web Filter over [MSAFD Tcpip [\(.)]]"] | sort)'
}

@test "a removed layer is the reverse" {
    diff_json windows7-one-lsp windows7
    assert_equal "$status" 1
    assert_jq '.changes | length == 7'
    assert_jq '[.changes[] | [.kind, .subject]] | unique == [["removed", "entry"]]'
}

@test "a layer installed anew under other ids is no difference" {
    run_json diff "$(fixture windows7-one-lsp)" "$(fixture reinstalled)"
    assert_equal "$status" 0
    assert_jq '.changes == []'
}

@test "one entry put behind the others is one move" {
    diff_json windows7-one-lsp chain-behind-base
    assert_equal "$status" 1
    assert_jq '[.changes[] | [.kind, .name, .before, .after]]
        == [["moved", "Contoso Web Filter over [MSAFD Tcpip [TCP/IP]]", "1", "17"]]'
}

@test "a changed flag, path and chain are told field by field" {
    diff_json windows7-one-lsp ifs-flag-mismatch
    assert_equal "$status" 1
    assert_jq '[.changes[] | [.kind, .field, .before, .after]] == [["changed", "service_flags", "0x00020066", "0x00000066"]]'
    diff_json windows7-one-lsp dll-relative-path
    assert_jq '[.changes[] | [.kind, .field, .before, .after]]
        == [["changed", "dll", "C:\\Program Files\\Contoso\\Web Filter\\cwflsp.dll", "cwflsp.dll"]]'
    diff_json windows7-one-lsp chain-member-missing
    assert_jq '[.changes[] | [.kind, .field, .after]] == [["changed", "chain", "Contoso Web Filter > missing entry 1999"]]'
}

@test "a changed setting is told" {
    diff_json windows7 autodial-foreign
    assert_equal "$status" 1
    assert_jq '[.changes[] | [.kind, .subject, .catalog, .name, .before, .after]]
        == [["changed", "setting", null, "AutodialDLL", "rasadhlp.dll", "C:\\Program Files\\Contoso\\dial.dll"]]'
}

@test "changed name spaces and applications are told" {
    diff_json windows7 other-names
    assert_equal "$status" 1
    assert_jq '[.changes[] | [.kind, .subject, .name]] | sort == [
        ["added", "application", "C:\\Program Files\\Fabrikam\\meter.exe"],
        ["changed", "application", "C:\\Windows\\System32\\lsass.exe"],
        ["removed", "name_space", "NTDS"]]'
}

@test "the text form shows every change" {
    run wsplsp diff "$FIXTURES/windows7.reg" "$(fixture windows7-one-lsp)"
    assert_failure 1
    assert_output --partial 'Contoso Web Filter over [MSAFD Tcpip [UDP/IPv6]]'
    run wsplsp diff "$FIXTURES/windows7.reg" "$FIXTURES/windows7.reg"
    assert_success
}

@test "one side may be standard input" {
    run bash -c "'$NATIVE/wsplsp' diff '$FIXTURES/windows10.reg' - --json <'$FIXTURES/windows10.reg'"
    assert_success
    run bash -c "'$NATIVE/wsplsp' diff - '$FIXTURES/windows7.reg' --json <'$FIXTURES/windows10.reg'"
    assert_failure 1
    run wsplsp diff - -
    assert_failure 2
}

@test "a side that cannot be read is an error, not a difference" {
    run wsplsp diff "$FIXTURES/windows10.reg" "$BATS_TEST_TMPDIR/nowhere.reg"
    assert_failure 3
    run wsplsp diff
    assert_failure 2
    run wsplsp diff "$FIXTURES/windows10.reg"
    assert_failure 6
}
