/* What gcc's -fstack-protector-strong asks of the program: MinGW-w64 has it for user mode only. */
#ifndef WSPLSP_CORE_WSK_STACK_GUARD_H
#define WSPLSP_CORE_WSK_STACK_GUARD_H

/* Gives the guard a value that nobody can know beforehand. First of all, from the driver's entry function: functions
 * that were entered before must not return after it, unless they are without the protection. */
void stack_guard_init(void);

#endif
