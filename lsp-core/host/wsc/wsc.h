/* The WSC* functions and the name space functions over the private catalog: each has the name and type of the one it
 * stands for, with wsc_ before it. They touch nothing of the system's own catalog. */
#ifndef WSPLSP_CORE_HOST_WSC_WSC_H
#define WSPLSP_CORE_HOST_WSC_WSC_H

#include <stddef.h>

#include "lsp-core/host/redirect/redirect.h"
#include "lsp-core/win/winsock.h"

/* clang-format off */
#define WSC_FUNCTIONS(X) \
    X(WSCEnumProtocols) X(WSCGetProviderPath) X(WSCInstallProvider) X(WSCUpdateProvider) X(WSCDeinstallProvider) \
    X(WSCWriteProviderOrder) X(WSCSetProviderInfo) X(WSCGetProviderInfo) X(WSCSetApplicationCategory) \
    X(WSCGetApplicationCategory) X(WSCInstallNameSpace) X(WSCInstallNameSpaceEx) X(WSCUnInstallNameSpace) \
    X(WSCEnableNSProvider) X(WSCWriteNameSpaceOrder) X(WSAEnumNameSpaceProvidersA) X(WSAEnumNameSpaceProvidersW) \
    X(WSAEnumNameSpaceProvidersExA) X(WSAEnumNameSpaceProvidersExW) X(WSAProviderConfigChange) \
    WSC_FUNCTIONS_BITS(X)

/* As on Windows, a 32-bit process has its own catalog only. WSCInstallProviderAndChains is on 32-bit Windows alone;
 * "on 64-bit platforms, there is no WSCInstallProviderAndChains". */
#ifdef _WIN64
#define WSC_FUNCTIONS_BITS(X) \
    X(WSCEnumProtocols32) X(WSCGetProviderPath32) X(WSCInstallProvider64_32) X(WSCInstallProviderAndChains64_32) \
    X(WSCUpdateProvider32) X(WSCDeinstallProvider32) X(WSCWriteProviderOrder32) X(WSCSetProviderInfo32) \
    X(WSCGetProviderInfo32) X(WSCInstallNameSpace32) X(WSCInstallNameSpaceEx32) X(WSCUnInstallNameSpace32) \
    X(WSCEnableNSProvider32) X(WSCWriteNameSpaceOrder32) X(WSCEnumNameSpaceProviders32) \
    X(WSCEnumNameSpaceProvidersEx32)
#else
#define WSC_FUNCTIONS_BITS(X) X(WSCInstallProviderAndChains)
#endif
/* clang-format on */

#define WSC_PROTOTYPE(name) __typeof__(name) wsc_##name;
WSC_FUNCTIONS(WSC_PROTOTYPE)
#undef WSC_PROTOTYPE

/* To be redirected with the others. */
extern const struct redirect_export wsc_exports[];
extern const size_t wsc_export_count;

#endif
