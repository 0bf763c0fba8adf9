/* The compiler's stack protector, without MinGW's library for it: that one opens the system's cryptographic provider
 * while the DLL is being loaded, in every process. */
#include "stack_guard.h"

#include <stdint.h>
#include <windows.h>

/* The names are the compiler's. */
uintptr_t __stack_chk_guard;

__attribute__((noreturn)) void __stack_chk_fail(void)
{
    TerminateProcess(GetCurrentProcess(), (UINT)STATUS_STACK_BUFFER_OVERRUN);
    __builtin_unreachable();
}

/* Hard to guess, not secret: what there is without a call that may fail or load a library. */
__attribute__((optimize("no-stack-protector"))) void stack_guard_initialize(void)
{
    LARGE_INTEGER counter;
    FILETIME now;
    QueryPerformanceCounter(&counter);
    GetSystemTimeAsFileTime(&now);
    uint64_t mixed = (uint64_t)counter.QuadPart * 0x9e3779b97f4a7c15u ^
                     ((uint64_t)now.dwHighDateTime << 32 | now.dwLowDateTime) ^ (uint64_t)GetCurrentProcessId() << 32 ^
                     GetCurrentThreadId() ^ (uintptr_t)&counter;
    /* A zero byte ends what a string function would copy over it. */
    __stack_chk_guard = (uintptr_t)(mixed ^ mixed >> 29) & ~(uintptr_t)0xff;
}
