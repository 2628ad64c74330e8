/* Shared by qmp.c and qmp-input.c; nobody else includes it. */
#pragma once

#include "backend/qemu/qmp.h"

G_BEGIN_DECLS

typedef struct {
    char *command;
    gint64 sent_us;         /* monotonic */
} QmpPending;

struct QmpConn {
    int fd;
    char *peer;
    int timeout_ms;
    guint version;
    guint64 last_id;
    GByteArray *input;
    gsize scanned;          /* so much of the input has no newline in it */
    GHashTable *pending;    /* id → QmpPending, sent and not yet collected */
    GHashTable *replies;    /* id → reply object, not yet collected */
    json_t *greeting;
    char *error_class;
    GError *lost;           /* why the connection can no longer be used */
};

/* Reads what is there without waiting, and sorts out the replies. */
gboolean qmp_read(QmpConn *conn, GError **error);
/* Marks the connection as unusable; every later call fails with @cause, which is taken. Returns FALSE. */
gboolean qmp_lose(QmpConn *conn, GError **error, GError *cause);

G_END_DECLS
