/* The compiler's stack protector; see stack_guard.c. */
#ifndef WSPLSP_CORE_LAYER_STACK_GUARD_H
#define WSPLSP_CORE_LAYER_STACK_GUARD_H

/* For DllMain, first of all; from a function that is not protected itself. */
void stack_guard_initialize(void);

#endif
