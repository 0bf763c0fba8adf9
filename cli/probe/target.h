/* What stands on the command lines of probe and wsk connect: whom to connect to, how long, how often, what to send. */
#ifndef WSPLSP_CLI_PROBE_TARGET_H
#define WSPLSP_CLI_PROBE_TARGET_H

#include <stddef.h>
#include <stdint.h>

#include "lsp-core/base/error.h"

enum {
    PROBE_TIMEOUT_USUAL = 5000,      /* milliseconds */
    PROBE_TIMEOUT_MAX = 600 * 1000,  /* the driver's limit too */
    PROBE_SEND_MAX = 64 * 1024,      /* the driver's limit too */
    PROBE_CONNECT_COUNT_MAX = 10000, /* the driver's limit */
    PROBE_COUNT_MAX = 1000,
};

/* "host:port", "[::1]:80", "[fe80::1%3]:80". `*host` is new, without brackets. */
enum wsplsp_status probe_read_target(const char *text, char **host, uint16_t *port, struct wsplsp_error *error);

/* A port's number, 1 to 65535. */
enum wsplsp_status probe_read_port(const char *text, uint16_t *port, struct wsplsp_error *error);

/* Milliseconds: "500", "500ms", "5s", "2m"; NULL: the usual time. */
enum wsplsp_status probe_read_timeout(const char *text, uint32_t *milliseconds, struct wsplsp_error *error);

/* 1 to `most`; NULL: 1. */
enum wsplsp_status probe_read_count(const char *text, uint32_t most, uint32_t *count, struct wsplsp_error *error);

/* The bytes of --send, new: \r \n \t \0 \\ and \xHH are one byte each. */
enum wsplsp_status probe_read_send(const char *text, unsigned char **bytes, size_t *size, struct wsplsp_error *error);

#endif
