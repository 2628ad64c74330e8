/* Text tables as virsh lays them out: a leading blank, three blanks between columns, the last
 * column not padded, a rule of dashes under the titles. */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

typedef struct Table Table;

Table *table_new(gsize n_columns);
void table_free(Table *table);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Table, table_free)

/* Adds a row of n_columns texts (copied). The first one is the titles. */
void table_add_row(Table *table, const char *const *cells);
/* Appends the table to @text. Without @titles the row of titles is left out and does not count for the widths. */
void table_format(const Table *table, gboolean titles, GString *text);

G_END_DECLS
