/* What commands read from a capabilities document: the cells of the host and its sizes of pages. Kept apart from the lists of a
 * domain (xml.h). Errors are those of reading a document. */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* Numbers of the NUMA cells in the document's order: an array of guint, empty where it shows none. */
GArray *xml_host_cells(const char *capabilities, GError **error) G_GNUC_WARN_UNUSED_RESULT;
/* Sizes of pages in KiB, ascending, each once: an array of guint. Those of the CPU, or where it names none those of the cells. */
GArray *xml_host_page_sizes(const char *capabilities, GError **error) G_GNUC_WARN_UNUSED_RESULT;
/* Machine types of guests of @arch, each once; NULL-terminated. */
char **xml_host_machines(const char *capabilities, const char *arch, GError **error) G_GNUC_WARN_UNUSED_RESULT;

G_END_DECLS
