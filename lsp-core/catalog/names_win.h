/* Names of the form "@dll,-id" as the running Windows says them, in the user's language. */
#ifndef WSPLSP_CORE_CATALOG_NAMES_WIN_H
#define WSPLSP_CORE_CATALOG_NAMES_WIN_H

/* The text that the reference stands for, new; NULL where the system can't tell or the reference is of another form. */
char *names_win_resolve(const char *raw);

#endif
