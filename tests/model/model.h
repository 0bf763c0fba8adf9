/* A second opinion on what a layer owes to its neighbours: a model of Winsock (winsock.c) above it, and of a base
 * provider and of another vendor's layer (provider.c) below and between. Written from Microsoft's pages of WSPStartup,
 * WSPCleanup, WPUModifyIFSHandle and WPUCreateSocketHandle alone, and from what Microsoft's sample layers pass; it must
 * never take anything over from the layer, from the host or from their other test doubles, so that a mistake in those
 * is not repeated here. It refuses what Winsock refuses, and counts it in `wrongs`. */
#ifndef WSPLSP_TESTS_MODEL_H
#define WSPLSP_TESTS_MODEL_H

#include <winsock2.h>
#include <ws2spi.h>

#include <stdbool.h>

enum { LAYERS = MAX_PROTOCOL_CHAIN - 1, NOTES = 64 };

/* The catalog of one scenario: the layers' own entries, the base, the chain. */
struct model {
    int depth; /* layers in the chain */
    bool ifs[LAYERS];
    int witness; /* the place of the other vendor's layer, or -1 */
    WSAPROTOCOL_INFOW own[LAYERS], base, chain;
    wchar_t path[LAYERS][MAX_PATH];
};
extern struct model model;

/* What has happened since the last model_forget. */
enum note { NOTE_MODIFY, NOTE_CREATE };
struct notes {
    struct {
        enum note what;
        SOCKET handle;
        int table; /* the upcall table that was used */
    } note[NOTES];
    int count;
    int closed;                       /* handles of WPUCreateSocketHandle that were closed */
    int base_startups, base_cleanups; /* never forgotten, as the next line */
    int witness_startups, witness_cleanups;
    int base_closes;
    SOCKET base_socket, base_sent; /* what WSPSocket or WSPAccept gave, what WSPSend got */
};
extern struct notes notes;
void model_forget(void);

/* Rules that were broken: each is printed, and counted. */
extern int wrongs;
void wrong(const char *rule);

/* Winsock's part. */
bool model_is_handle(SOCKET s);
const WSPUPCALLTABLE *model_upcalls(int table); /* 0 or 1: two tables with the same functions */
void model_take_over(HMODULE layer);            /* its imports of the catalog's functions */
LPWSPSTARTUP model_startup_of(const wchar_t *path);

/* The provider's part: the base's handles. */
bool provider_is_handle(SOCKET s);

/* Same structure, but for dwProviderReserved, which is the way of a duplicate. */
bool same_info(const WSAPROTOCOL_INFOW *a, const WSAPROTOCOL_INFOW *b);

#endif
