/* Connection URIs: scheme[+transport]://[user@][host][:port]/path[?name=value&…] */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

typedef struct {
    char *text;                 /* as libvirt writes it: //, and no needless escape in the path */
    char *scheme;               /* "qemu" */
    char *transport;            /* "ssh", or NULL */
    char *user;
    char *host;                 /* NULL when local */
    int port;                   /* -1 when not given */
    char *path;                 /* "/system", "" when absent; decoded */
    GHashTable *query;          /* decoded name → decoded value */
} Uri;

/* NULL and INVALID_ARG or XML-free libvirt messages on malformed input. */
Uri *uri_parse(const char *text, GError **error);
void uri_free(Uri *uri);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Uri, uri_free)

/* The URI to use when -c gave none: HVSH_DEFAULT_URI, VIRSH_DEFAULT_CONNECT_URI, LIBVIRT_DEFAULT_URI,
 * uri_default of the client configuration, then qemu:///system for root and qemu:///session for others. @of_library: without
 * the variables of the programs, as an empty URI means it. New string. */
char *uri_default(gboolean of_library);

G_END_DECLS
