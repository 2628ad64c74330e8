/* What the files of the output layer share. */
#pragma once

#include <jansson.h>

#include "shell/internal.h"

G_BEGIN_DECLS

struct Out {
    OutFormat format;
    gboolean quiet;
    int fd;
    GString *buffer;
    int write_error;

    /* Structured forms: what the command has said so far. */
    json_t *main;               /* NULL: nothing yet */
    json_t *record;             /* the record that is being filled; owned by @main, or by itself inside an array */
    gboolean in_records;
    GPtrArray *columns;         /* of a table: keys */
    GString *notes;
    guint n_events;             /* streamed so far */

    int label_width;            /* of the text record that is open */
    void (*warn)(gpointer data, const char *text);
    void (*remark)(gpointer data, const char *text);
    gpointer warn_data;
};

json_t *out_json_of_text(const char *text);
json_t *out_json_of(OutValue value);
/* The array that elements go into; made by the first one. */
json_t *out_main_array(Out *out);

G_END_DECLS
