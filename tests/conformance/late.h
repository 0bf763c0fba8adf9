/* The interface of the DLL that a case loads late. */
#ifndef CONFORMANCE_LATE_H
#define CONFORMANCE_LATE_H

#include <winsock2.h>

#define LATE_DLL "conformance-late.dll"

/* Sends back so many bytes that come on the socket. 0, or the error. */
typedef int (*late_echo_function)(SOCKET s, int bytes);
/* Connects a socket of its own, sends "late", and hands it over. 0, or the error. */
typedef int (*late_talk_function)(const struct sockaddr *to, int length, SOCKET *s);

struct late_functions {
    HMODULE module;
    late_echo_function echo;
    late_talk_function talk;
};

#endif
