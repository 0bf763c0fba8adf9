/* The stack guard of the kernel side. */
#include "stack_guard.h"
#include "nt.h"

uintptr_t __stack_chk_guard = 0x5bd1e995ca6b27a9;
void __stack_chk_fail(void) __attribute__((noreturn));

void stack_guard_init(void)
{
    LARGE_INTEGER frequency;
    ULONGLONG ticks = (ULONGLONG)KeQueryPerformanceCounter(&frequency).QuadPart;
    /* The address is random (the kernel's layout is), and so are the counter's low bits. The lowest byte stays 0, so
     * that no string copied over the end gets past it. */
    __stack_chk_guard = (__stack_chk_guard ^ (uintptr_t)&frequency ^ ticks * 0x9e3779b97f4a7c15) & ~(uintptr_t)0xff;
}

void __stack_chk_fail(void)
{
    KeBugCheckEx(0xf7 /* DRIVER_OVERRAN_STACK_BUFFER */, 0, 0, 0, 0);
}
