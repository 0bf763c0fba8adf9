#!/usr/bin/env bats
# The conformance program: a user of the WS2 API that must get the same results bare, hosted, and over layers.

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
    [[ -x $X64/tests/conformance.exe ]] || skip 'the conformance program has not been built'
    cd "$X64/tests" || return
}

# The conformance program, behind the words of a wrapper if there are any before `::`.
# usage: conformance [WRAPPER…] :: ARGUMENTS…
conformance()
{
    local wrapper=()
    while [[ $1 != :: ]]; do
        wrapper+=("$1")
        shift
    done
    shift
    "$PROJECT/scripts/wine" "${wrapper[@]}" "$PROGRAM" "$@" | tr -d '\r'
    return "${PIPESTATUS[0]}"
}
PROGRAM="$X64/tests/conformance.exe"

# A line for each case, from TAP: its name and `ok`, `failed`, `skipped`, or `known`, which is a failure that the list of
# known differences has.
results()
{
    sed -nE -e 's/^ok [0-9]+ - ([^ ]+) # skip Wine 8:.*/\1 known/p;t' \
        -e 's/^ok [0-9]+ - ([^ ]+) # skip.*/\1 skipped/p;t' -e 's/^ok [0-9]+ - ([^ ]+).*/\1 ok/p;t' \
        -e 's/^not ok [0-9]+ - ([^ ]+).*/\1 failed/p'
}

# All cases have been reported, and none has failed. TAP on standard input; usage: complete LABEL <TAP
complete()
{
    local tap
    tap=$(cat)
    if grep -qE '^(not ok|Bail out!)' <<<"$tap"; then
        grep -E -A8 '^(not ok|Bail out!)' <<<"$tap" | head -n 60
        fail "$1: cases fail"
    fi
    assert_equal "$(head -n 1 <<<"$tap")" "1..$(results <<<"$tap" | wc -l)"
}

# The bare results, made once for all tests of this file.
bare_results()
{
    local file="$BATS_FILE_TMPDIR/bare" EXPECTED
    if [[ ! -e $file ]]; then
        expect_in bare
        conformance :: "${EXPECTED[@]}" >"$BATS_TEST_TMPDIR/bare" || true
        results <"$BATS_TEST_TMPDIR/bare" | sort >"$file"
    fi
    cat "$file"
}

# The program behind a wrapper command gets what it gets bare. Only where the system's own Winsock is known to be wrong may
# the host do better than it: and there it must, as the mode's list says.
# usage: conforms MODE WRAPPER…
conforms()
{
    local different status=0 EXPECTED
    expect_in "$1"
    shift
    conformance "$@" :: "${EXPECTED[@]}" >"$BATS_TEST_TMPDIR/tap" || status=$?
    complete "$*" <"$BATS_TEST_TMPDIR/tap"
    assert_equal "$status" 0
    results <"$BATS_TEST_TMPDIR/tap" | sort >"$BATS_TEST_TMPDIR/results"
    different=$(join <(bare_results) "$BATS_TEST_TMPDIR/results" | awk '$2 != $3 && !($2 ~ /known|skipped/ && $3 == "ok")')
    assert_equal "$different" ''
    assert_equal "$(wc -l <"$BATS_TEST_TMPDIR/results")" "$(bare_results | wc -l)"
}

skip_without_host()
{
    [[ -f $X64/wsplsp-host.dll ]] || skip 'the host has not been built'
}

skip_without_layer()
{
    skip_without_host
    [[ -f $X64/wsplsp-layer.dll ]] || skip 'the layer has not been built'
}

@test 'conformance: bare, 64 bits' {
    local status=0
    expect_in bare
    conformance :: "${EXPECTED[@]}" >"$BATS_TEST_TMPDIR/tap" || status=$?
    complete bare <"$BATS_TEST_TMPDIR/tap"
    assert_equal "$status" 0
    results <"$BATS_TEST_TMPDIR/tap" | sort >"$BATS_FILE_TMPDIR/bare"
    echo "# $(grep -c '# skip Wine 8:' "$BATS_TEST_TMPDIR/tap") of $(bare_results | wc -l) cases: Wine 8 differs from the reference" >&3
}

@test 'conformance: bare, 32 bits' {
    PROGRAM="$PROJECT/build/x86/tests/conformance.exe"
    [[ -x $PROGRAM ]] || skip 'the 32-bit program has not been built'
    "$PROJECT/scripts/wine" --can-run "$PROGRAM" || skip 'no 32-bit Wine'
    cd "${PROGRAM%/*}" || return
    expect_in bare
    # Without --strict: the list is that of 64-bit Wine, and what it gets right in 32 bits is not its subject.
    conformance :: "${EXPECTED[@]:1}" >"$BATS_TEST_TMPDIR/tap" || true
    complete 'bare, 32 bits' <"$BATS_TEST_TMPDIR/tap"
}

@test 'conformance: no case stands there twice, and every line of a list is about one that is there' {
    local names mode file known
    names=$(conformance :: --list)
    assert_equal "$(sort <<<"$names" | uniq -d)" ''
    for mode in bare hosted ifs non-ifs-foreign non-ifs; do
        expect_in "$mode"
        run conformance :: --list "${EXPECTED[@]}"
        assert_success
        assert_equal "$output" "$names"
    done
    # Each file is of some mode.
    known=$(<"$PROJECT/tests/conformance/known.h")
    for file in "$PROJECT"/tests/conformance/*.expected; do
        file=${file##*/}
        assert_regex "$known" "  wine8.* ${file%.expected}|  ${file%.expected}"
    done
}

@test 'conformance: a list with a line that says nothing is refused' {
    local list="$BATS_TEST_TMPDIR/list" later="$BATS_TEST_TMPDIR/later"
    echo 'tcp/nosuch/* a reason' >"$list"
    run conformance :: --only 'tcp/echo/*' --expected "$list"
    assert_output 'Bail out! no case that tcp/nosuch/* says anything of'
    assert_equal "$status" 2
    # Nothing to take back; and a line that a later one replaces.
    echo '+tcp/echo/* a reason' >"$list"
    run conformance :: --list --expected "$list"
    assert_output 'Bail out! no case that tcp/echo/* says anything of'
    printf '%s\n' 'tcp/echo/4 a reason' 'tcp/echo/* a reason' >"$list"
    run conformance :: --list --expected "$list"
    assert_output 'Bail out! no case that tcp/echo/4 says anything of'
    echo 'tcp/echo/*' >"$list"
    run conformance :: --list --expected "$list"
    assert_output "Bail out! cannot read $list"
    # One file after the other.
    echo 'tcp/echo/* a reason' >"$list"
    echo '+tcp/echo/6 another reason' >"$later"
    run conformance :: --only 'tcp/echo/*' --list --expected "$list" --expected "$later"
    assert_success
}

@test 'conformance: what is listed and passes is a failure, where it is run' {
    local list="$BATS_TEST_TMPDIR/list" later="$BATS_TEST_TMPDIR/later"
    echo 'tcp/echo/* a reason' >"$list"
    echo '+tcp/echo/6 another reason' >"$later"
    run conformance :: --strict --only 'tcp/echo/*' --expected "$list"
    assert_equal "$status" 1
    assert_line 'not ok 1 - tcp/echo/4'
    assert_line 'not ok 2 - tcp/echo/6'
    assert_line '# is listed as failing (a reason), and passes'
    run conformance :: --strict --only 'tcp/echo/*' --expected "$list" --expected "$later"
    assert_equal "$status" 1
    assert_line 'not ok 1 - tcp/echo/4'
    assert_line 'ok 2 - tcp/echo/6'
    run conformance :: --strict --only 'tcp/echo/*' --family 6 --expected "$list" --expected "$later"
    assert_success
    run conformance :: --only 'tcp/echo/*' --expected "$list"
    assert_success
    run conformance :: --strict --only 'select/no-sets' --expected "$list"
    assert_success
}

# Each by itself, as it ends the program; and once more as the others are run, in its mode.
@test 'conformance: what is listed as not to be run does not pass' {
    local pattern rest found=0
    expect_in bare
    while read -r pattern rest; do
        [[ $pattern == !* ]] || continue
        found=1
        run conformance :: --only "${pattern#!}"
        assert_failure
        refute_line --regexp '^ok '
        run conformance :: --only "${pattern#!}" "${EXPECTED[@]}"
        assert_success
        assert_line --regexp '^ok 1 - .* # skip Wine 8: '
    done < <(cat "$PROJECT"/tests/conformance/{wine8,bare}.expected)
    assert_equal "$found" 1
    # Hosted there is none: the host answers what Wine would stumble over.
    run grep -l '^!' "$PROJECT"/tests/conformance/{wine8,nonifs,nonifs_own}.expected
    assert_output ''
}

@test 'conformance: hosted, no layer' {
    skip_without_host
    conforms hosted "$X64/wsplsp.exe" run --strict
}

# Sockets of two providers in one call: a layer over one kind alone.
@test 'conformance: a layer over TCP or UDP alone' {
    local over mode
    skip_without_layer
    for mode in ifs non-ifs; do
        expect_in "$mode"
        for over in tcp udp; do
            run timeout 300 "$PROJECT/scripts/wine" "$X64/wsplsp.exe" run --strict \
                --layer "$X64/wsplsp-layer.dll,mode=$mode,over=$over" -- "$PROGRAM" --keep "${EXPECTED[@]}" --only 'mixed/*'
            refute_line --partial 'not ok'
            assert_success
        done
    done
    # Two layers, each over the other's kind.
    for mode in ifs non-ifs; do
        run timeout 300 "$PROJECT/scripts/wine" "$X64/wsplsp.exe" run --strict \
            --layer "$X64/wsplsp-layer.dll,name=Datagrams,mode=$mode,over=udp" \
            --layer "$X64/wsplsp-layer.dll,name=Streams,over=tcp" -- "$PROGRAM" --keep --strict --only 'mixed/*'
        refute_line --partial 'not ok'
        assert_success
    done
}

# What has no provider in Wine's catalog, and is made all the same.
@test 'ping, hosted and over a layer' {
    skip_without_layer
    local wrapper
    for wrapper in '' "$X64/wsplsp.exe run --strict" "$X64/wsplsp.exe run --strict --layer $X64/wsplsp-layer.dll"; do
        # shellcheck disable=SC2086 # words
        run timeout 120 "$PROJECT/scripts/wine" $wrapper 'C:\windows\system32\ping.exe' 127.0.0.1 -n 1
        assert_success
        assert_line --partial 'Reply from 127.0.0.1'
    done
}

# Seven entries are what a chain holds (MAX_PROTOCOL_CHAIN), and the base provider's is one of them.
@test 'conformance: hosted, over one, two and six layers' {
    skip_without_layer
    local count layers
    for count in 1 2 6; do
        layers=()
        while ((${#layers[@]} < 2 * count)); do layers+=(--layer "$X64/wsplsp-layer.dll,name=Layer $((${#layers[@]} / 2 + 1))"); done
        conforms ifs "$X64/wsplsp.exe" run --strict "${layers[@]}"
    done
}

@test 'conformance: choices, and wrong usage' {
    run conformance :: --list --only 'tcp/echo/*'
    assert_success
    assert_equal "$output" $'tcp/echo/4\ntcp/echo/6'
    run conformance :: --list --only 'tcp/echo/*' --family 6
    assert_equal "$output" tcp/echo/6
    run conformance :: --only nosuch
    assert_equal "$status" 1
    for words in --nosuch --only '--family 5'; do
        # shellcheck disable=SC2086 # words
        run conformance :: $words
        assert_equal "$status" 2
    done
    run conformance :: --expected nosuch
    assert_output 'Bail out! cannot read nosuch'
    assert_equal "$status" 2
}

@test 'conformance: the bench prints a line for each measurement' {
    run conformance :: --bench --factor 0.01
    assert_success
    assert_equal "${#lines[@]}" 5
    for line in "${lines[@]}"; do
        assert_regex "$line" '^bench [a-z0-9-]+ family=4 operations=[0-9]+ seconds=[0-9.]+ per_second=[0-9.]+$'
    done
}

# A program that takes long in some rounds: the medians are known beforehand.
fake_bench()
{
    cat >"$BATS_TEST_TMPDIR/fake" <<'SH'
#!/bin/bash
echo "$1" >>"$0.order"
turn=$(grep -c "^$1$" "$0.order")
read -ra fast <<<"$2" && read -ra slow <<<"$3"
echo "bench quick family=4 operations=1 seconds=1 per_second=${fast[turn - 1]}"
echo "bench slow family=4 operations=1 seconds=1 per_second=${slow[turn - 1]}"
SH
    chmod +x "$BATS_TEST_TMPDIR/fake"
}

@test 'bench_modes: ratios are of medians, and modes take turns' {
    local fake="$BATS_TEST_TMPDIR/fake"
    fake_bench
    run python3 "$TOOLS/bench_modes.py" --rounds 3 "bare=$fake bare '100 1 200' '10 10 10'" \
        "hosted=$fake hosted '90 95 1' '5 20 20'" -- ignored
    assert_success
    assert_output "$(printf '%s\n' 'per second: the median of 3 runs of each mode, taking turns (least to most)' \
        "ratio: the mode's median through that of bare" quick \
        '  bare                        100.0  (1.0 to 200.0)' \
        '  hosted                       90.0  (1.0 to 95.0)  ratio 0.900' slow \
        '  bare                         10.0  (10.0 to 10.0)' \
        '  hosted                       20.0  (5.0 to 20.0)  ratio 2.000')"
    assert_equal "$(xargs <"$fake.order")" 'bare hosted hosted bare bare hosted'
}

@test 'bench_modes: a run that fails, other figures, and wrong usage' {
    run python3 "$TOOLS/bench_modes.py" 'bare=echo bench a per_second=1 ;' 'hosted=false' -- x
    assert_equal "$status" 1
    run python3 "$TOOLS/bench_modes.py" --rounds 1 'bare=printf "bench a x per_second=1\n"' 'hosted=printf "bench b x per_second=1\n"' -- x
    assert_equal "$status" 1
    assert_output --partial 'other figures'
    run python3 "$TOOLS/bench_modes.py" 'bare=true' -- x
    assert_equal "$status" 2
    run python3 "$TOOLS/bench_modes.py" 'bare=true' 'hosted=true'
    assert_equal "$status" 2
}
