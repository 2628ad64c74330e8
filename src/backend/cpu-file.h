/* What commands about CPUs read from the user's files and from documents. Everything returned is new. */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* The CPUs in @text, each as a document: of one or many <cpu>, domains, capabilities, domain capabilities. Never empty.
 * @label names the file in errors, which are virsh's. */
char **cpu_file_extract(const char *text, const char *label, GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* The models of the mode "custom" of a <domainCapabilities>: those that are usable, or @all. Possibly empty. */
char **cpu_file_models(const char *capabilities, gboolean all, GError **error) G_GNUC_WARN_UNUSED_RESULT;

G_END_DECLS
