/* What the running case has opened. The functions that add to it are in harness.h. */
#ifndef CONFORMANCE_OWNED_H
#define CONFORMANCE_OWNED_H

#include <stdbool.h>

/* Closes everything; false if a thread does not end. */
bool owned_close(void);

#endif
