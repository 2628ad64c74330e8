/* Printing a document, or what an XPath expression selects of it. */
#pragma once

#include "shell/command.h"

G_BEGIN_DECLS

/* The options of every command that prints XML. @newer: CMD_OPT_NEWER where virsh 9.0.0 does not have them. */
#define CMD_DOCUMENT(newer) \
    { .name = "xpath", .type = CMD_OPT_STRING, .flags = CMD_OPT_NAMED_ONLY | (newer), \
      .help = "only the nodes that this XPath expression selects" }, \
    { .name = "wrap", .type = CMD_OPT_BOOL, .flags = (newer), .help = "put the selected nodes into one root element" }

/* Prints @xml, or the nodes of --xpath in it. A wrong expression selects nothing, and what libxml2 says about it stands on
 * standard error as it is; that is what virsh does, so only the structured forms make a failure of it. @gap: a document that is
 * shown whole has an empty line after it. */
gboolean cmd_print_document(CmdContext *ctx, const char *xml, gboolean gap, GError **error) G_GNUC_WARN_UNUSED_RESULT;

G_END_DECLS
