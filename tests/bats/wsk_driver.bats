#!/usr/bin/env bats
# wsplsp-wsk.sys under Wine: the driver is loaded by the service control manager and connects for real.
load common

setup_file()
{
    wine_start
    # The session that has just created a prefix has two of Wine's service control managers, which do not know of each
    # other's services.
    if [[ -n ${WSPLSP_WINE_KEEP-} ]] && "$PROJECT/scripts/wine" cmd /c exit; then
        "$PROJECT/scripts/wine" --stop
    fi
}

teardown_file()
{
    [[ -z ${WSPLSP_WINE_KEEP-} ]] || "$PROJECT/scripts/wine" sc delete wsplsp-wsk >/dev/null 2>&1 || true
    wine_stop
}

@test 'the driver connects, echoes, refuses nonsense, and can be unloaded at any time' {
    skip_without_wine
    # 20 scenarios take 10 s; each wait inside has a limit of its own. Status 3 is a race of Wine's own, which the
    # program explains; one in three that is not is enough to tell.
    local left
    for left in 2 1 0; do
        run timeout 120 "$PROJECT/scripts/wine" "$X64/tests/test_wsk_driver.exe" "$X64/wsplsp-wsk.sys"
        echo "$output"
        ((status == 3 && left > 0)) || break
        "$PROJECT/scripts/wine" --stop
    done
    assert_success
    refute_line --regexp '^not ok'
    assert_output --partial '1..20'
}

# Neither the service control manager nor the registry, where it keeps services, knows of the driver's service.
no_service()
{
    ! timeout 60 "$PROJECT/scripts/wine" sc query wsplsp-wsk &&
        ! timeout 60 "$PROJECT/scripts/wine" reg query 'HKLM\System\CurrentControlSet\Services\wsplsp-wsk'
}

@test 'no service is left behind, and one that were would be seen' {
    skip_without_wine
    run no_service
    assert_success
    # The control: a service of that name, as a test that ends too early would leave it.
    timeout 60 "$PROJECT/scripts/wine" sc create wsplsp-wsk type= kernel binPath= 'C:\none.sys'
    run timeout 60 "$PROJECT/scripts/wine" sc query wsplsp-wsk
    assert_success
    assert_output --partial STOPPED
    run no_service
    assert_failure
    timeout 60 "$PROJECT/scripts/wine" sc delete wsplsp-wsk
    run no_service
    assert_success
}

@test 'the driver imports nothing but the kernel, the HAL and NETIO, and has what Windows asks of a driver' {
    [[ -e "$X64/wsplsp-wsk.sys" ]] || skip 'the driver has not been built'
    run x86_64-w64-mingw32-objdump -p "$X64/wsplsp-wsk.sys"
    assert_success
    headers=$output
    run -0 grep -oiP 'DLL Name: \K.*' <<<"$headers"
    assert_equal "$(sort -f <<<"$output" | tr '[:upper:]' '[:lower:]' | tr '\n' ' ')" 'hal.dll netio.sys ntoskrnl.exe '
    grep -q 'Subsystem.*(NT native)' <<<"$headers"
    grep -q 'DYNAMIC_BASE' <<<"$headers"
    grep -q 'NX_COMPAT' <<<"$headers"
    grep -q 'Base Relocation Directory \[.reloc\]' <<<"$headers"
    # The loader of Windows checks a driver's checksum.
    run ! grep -qP '^CheckSum\s+0+$' <<<"$headers"
}
