/* The time as a part of a file's or a folder's name, which sorts by it. */
#ifndef WSPLSP_CORE_BASE_TIME_NAME_H
#define WSPLSP_CORE_BASE_TIME_NAME_H

#define TIME_NAME 21 /* "20261120T155640.123Z" and a NUL */

/* Now, in UTC. */
void time_name_now(char text[TIME_NAME]);

#endif
