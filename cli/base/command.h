/* What each command is to the rest: a routine that commands.c names in its table. */
#ifndef WSPLSP_CLI_BASE_COMMAND_H
#define WSPLSP_CLI_BASE_COMMAND_H

#include "options.h"
#include "output.h"

/* Prints into `output`. Returns WSPLSP_OK or WSPLSP_FINDINGS with what to print, or fills `error`. */
typedef enum wsplsp_status command_routine(const struct options *options, struct output *output,
                                           struct wsplsp_error *error);

/* In the order of the table. */
command_routine cmd_list, cmd_show, cmd_tree, cmd_doctor, cmd_diff, cmd_install, cmd_remove, cmd_update, cmd_order,
    cmd_provider_category, cmd_backup, cmd_restore, cmd_reset, cmd_recover, cmd_history, cmd_ns_list, cmd_ns_install,
    cmd_ns_remove, cmd_ns_enable, cmd_ns_disable, cmd_ns_order, cmd_app_list, cmd_app_show, cmd_app_exempt,
    cmd_app_permit, cmd_app_clear, cmd_catalog_new, cmd_run, cmd_trace_show, cmd_trace_summary, cmd_trace_json,
    cmd_trace_on, cmd_trace_off, cmd_trace_status, cmd_probe, cmd_wsk_load, cmd_wsk_unload, cmd_wsk_status,
    cmd_wsk_transports, cmd_wsk_connect, cmd_schema, cmd_version, cmd_help;

#endif
