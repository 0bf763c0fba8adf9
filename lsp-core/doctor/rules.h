/* The doctor's rules: one line each, from which the public table and the calls are made. A rule's function adds what it
 * finds, and skips what it can't look at, through part.h. */
#ifndef WSPLSP_CORE_DOCTOR_RULES_H
#define WSPLSP_CORE_DOCTOR_RULES_H

struct check;

/* X(code, function, usual severity, looks at DLLs, asks Windows itself, summary) */
#define CHECK_RULES(X)                                                                                                \
    X("chain-member-missing", check_chain_member_missing, CHECK_ERROR, false, false,                                  \
      "a chain refers to an entry that the catalog does not have")                                                    \
    X("chain-self", check_chain_self, CHECK_ERROR, false, false, "a chain refers to itself")                          \
    X("chain-circle", check_chain_circle, CHECK_ERROR, false, false, "chains refer to each other in a circle")        \
    X("chain-no-base", check_chain_no_base, CHECK_ERROR, false, false, "a chain does not end in a base provider")     \
    X("chain-too-long", check_chain_too_long, CHECK_ERROR, false, false,                                              \
      "a chain's length is over MAX_PROTOCOL_CHAIN (7) or below 0")                                                   \
    X("chain-without-layer", check_chain_without_layer, CHECK_ERROR, false, false,                                    \
      "a chain's top layer has no layer entry in the catalog")                                                        \
    X("layer-without-chain", check_layer_without_chain, CHECK_WARNING, false, false,                                  \
      "a layered provider stands in no chain, so it does nothing")                                                    \
    X("chain-behind-base", check_chain_behind_base, CHECK_WARNING, false, false,                                      \
      "a chain stands behind the base it covers, so it is never chosen")                                              \
    X("protocol-partly-layered", check_protocol_partly_layered, CHECK_WARNING, false, false,                          \
      "a layer covers TCP, UDP or RAW of a family, but not all of them")                                              \
    X("dll-missing", check_dll_missing, CHECK_ERROR, true, false, "a provider's DLL does not exist")                  \
    X("dll-wrong-architecture", check_dll_wrong_architecture, CHECK_ERROR, true, false,                               \
      "a provider's DLL is not for its catalog's programs, or is no DLL")                                             \
    X("dll-no-wspstartup", check_dll_no_wspstartup, CHECK_ERROR, true, false,                                         \
      "a provider's DLL does not export WSPStartup")                                                                  \
    X("dll-relative-path", check_dll_relative_path, CHECK_WARNING, false, false,                                      \
      "a provider's DLL is named without its folder or drive")                                                        \
    X("dll-folder-writable", check_dll_folder_writable, CHECK_ERROR, true, true,                                      \
      "others than administrators can replace a provider's DLL")                                                      \
    X("dll-unloadable", check_dll_unloadable, CHECK_ERROR, true, true, "some programs may not load a provider's DLL") \
    X("dll-misplaced", check_dll_misplaced, CHECK_WARNING, true, true,                                                \
      "a provider's DLL is in a profile, or on a network or removable drive")                                         \
    X("dll-unsigned", check_dll_unsigned, CHECK_WARNING, true, true, "a provider's DLL has no signature")             \
    X("dll-signature-invalid", check_dll_signature_invalid, CHECK_ERROR, true, true,                                  \
      "a provider's DLL has a signature that Windows does not accept")                                                \
    X("one-catalog-only", check_one_catalog_only, CHECK_WARNING, false, false,                                        \
      "a provider is in one of the two catalogs only")                                                                \
    X("non-ifs-layer", check_non_ifs_layer, CHECK_WARNING, false, false,                                              \
      "a layer's sockets are not file handles, which some programs need")                                             \
    X("ifs-flag-mismatch", check_ifs_flag_mismatch, CHECK_WARNING, false, false,                                      \
      "a chain's XP1_IFS_HANDLES flag contradicts its members'")                                                      \
    X("layer-without-category", check_layer_without_category, CHECK_INFO, false, false,                               \
      "a layered provider has no LSP category")                                                                       \
    X("duplicate-catalog-id", check_duplicate_catalog_id, CHECK_ERROR, false, false,                                  \
      "two entries have one catalog id")                                                                              \
    X("duplicate-provider-id", check_duplicate_provider_id, CHECK_ERROR, false, false,                                \
      "one provider id stands for several DLLs")                                                                      \
    X("count-mismatch", check_count_mismatch, CHECK_ERROR, false, false,                                              \
      "the stored number of entries is not the true one")                                                             \
    X("numbering-gap", check_numbering_gap, CHECK_ERROR, false, false,                                                \
      "the entries' registry keys are not numbered 1, 2, 3 and so on")                                                \
    X("next-id-too-low", check_next_id_too_low, CHECK_WARNING, false, false,                                          \
      "the next catalog id to be given out is in use already")                                                        \
    X("serial-zero", check_serial_zero, CHECK_ERROR, false, false,                                                    \
      "the catalog's serial number is 0, which reads as an empty catalog")                                            \
    X("catalog-locked", check_catalog_locked, CHECK_WARNING, false, false,                                            \
      "a writer's lock is on the catalog, in use or left behind")                                                     \
    X("item-undecodable", check_item_undecodable, CHECK_ERROR, false, false, "an entry cannot be decoded")            \
    X("no-base-tcp", check_no_base_tcp, CHECK_ERROR, false, false, "there is no base provider for TCP")               \
    X("no-base-udp", check_no_base_udp, CHECK_ERROR, false, false, "there is no base provider for UDP")               \
    X("ns-dll-missing", check_ns_dll_missing, CHECK_ERROR, true, false, "a name space provider's DLL does not exist") \
    X("ns-dll-no-nspstartup", check_ns_dll_no_nspstartup, CHECK_ERROR, true, false,                                   \
      "a name space provider's DLL does not export NSPStartup")                                                       \
    X("autodial-foreign", check_autodial_foreign, CHECK_WARNING, false, false,                                        \
      "AutodialDLL is not the system's own rasadhlp.dll")                                                             \
    X("callout-foreign", check_callout_foreign, CHECK_WARNING, false, false,                                          \
      "NameSpace_Callout is not the system's own fwpuclnt.dll")

#define CHECK_DECLARE(code, function, severity, files, windows, summary) void function(struct check *check);
CHECK_RULES(CHECK_DECLARE)
#undef CHECK_DECLARE

#endif
