#include "backend/uri.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "util/error.h"
#include "util/files.h"

/* A client configuration is a handful of lines. */
#define CLIENT_CONF_MAX (64 * 1024)

/* What RFC 2396 reserves but a path may hold as it is, beside letters, digits and "-._~". */
#define PATH_RESERVED "/;@&=+$,!*'()"

void
uri_free(Uri *uri)
{
    if (!uri)
        return;
    g_free(uri->text);
    g_free(uri->scheme);
    g_free(uri->transport);
    g_free(uri->user);
    g_free(uri->host);
    g_free(uri->path);
    g_clear_pointer(&uri->query, g_hash_table_unref);
    g_free(uri);
}

static gboolean
percent_is_sound(const char *text)
{
    for (; *text; text++)
        if (*text == '%' && !(g_ascii_isxdigit(text[1]) && g_ascii_isxdigit(text[2])))
            return FALSE;
    return TRUE;
}

static gboolean
scheme_is_sound(const char *text, gsize length)
{
    if (length == 0 || !g_ascii_isalpha(text[0]))
        return FALSE;
    for (gsize i = 1; i < length; i++)
        if (!g_ascii_isalnum(text[i]) && !strchr("+-.", text[i]))
            return FALSE;
    return TRUE;
}

static gboolean
port_parse(const char *text, int *port)
{
    char *end;
    long value;

    if (!*text)
        return TRUE;            /* "host:" is a host with the default port */
    if (!g_ascii_isdigit(*text))
        return FALSE;
    value = strtol(text, &end, 10);
    if (*end || value > G_MAXINT)
        return FALSE;
    *port = (int)value;
    return TRUE;
}

/* [user@]host[:port], the host possibly an IPv6 address in brackets */
static gboolean
authority_parse(Uri *uri, const char *text)
{
    const char *at = strrchr(text, '@'), *host = at ? at + 1 : text, *colon;

    if (at) {
        g_autofree char *user = g_strndup(text, at - text);

        uri->user = g_uri_unescape_string(user, NULL);
    }
    if (*host == '[') {
        const char *close = strchr(host, ']');

        if (!close || (close[1] && close[1] != ':'))
            return FALSE;
        uri->host = g_strndup(host + 1, close - host - 1);
        return close[1] ? port_parse(close + 2, &uri->port) : TRUE;
    }
    colon = strchr(host, ':');
    if (*host && host != colon)
        uri->host = colon ? g_strndup(host, colon - host) : g_strdup(host);
    return colon ? port_parse(colon + 1, &uri->port) : TRUE;
}

static void
query_parse(Uri *uri, const char *text)
{
    g_auto(GStrv) pairs = g_strsplit_set(text, "&;", -1);

    for (guint i = 0; pairs[i]; i++) {
        char *equals = strchr(pairs[i], '=');
        char *name, *value;

        if (!*pairs[i])
            continue;
        if (equals)
            *equals++ = '\0';
        name = g_uri_unescape_string(pairs[i], NULL);
        value = g_uri_unescape_string(equals ? equals : "", NULL);
        if (name && value)
            g_hash_table_replace(uri->query, g_steal_pointer(&name), g_steal_pointer(&value));
        g_free(name);
        g_free(value);
    }
}

/* Schemes are drivers' names, whose case counts; that of a transport does not. */
static void
scheme_parse(Uri *uri, const char *text, gsize length)
{
    const char *plus = memchr(text, '+', length);

    uri->scheme = g_strndup(text, plus ? (gsize)(plus - text) : length);
    if (plus)
        uri->transport = g_ascii_strdown(plus + 1, text + length - plus - 1);
}

static gboolean
parse_into(Uri *uri, const char *text)
{
    const char *colon = strchr(text, ':'), *rest, *end;
    const char *first_special = text + strcspn(text, "/?#:");
    g_autofree char *authority = NULL, *path = NULL, *escaped = NULL;
    gsize scheme_length;

    if (!percent_is_sound(text))
        return FALSE;
    for (const char *c = text; *c; c++)
        if (g_ascii_iscntrl(*c) || *c == ' ')
            return FALSE;
    if (!colon || colon != first_special) {
        uri->path = g_strdup(text);
        return TRUE;
    }
    scheme_length = colon - text;
    if (!scheme_is_sound(text, scheme_length))
        return FALSE;
    scheme_parse(uri, text, scheme_length);

    rest = colon + 1;
    if (g_str_has_prefix(rest, "//")) {
        rest += 2;
        end = rest + strcspn(rest, "/?#");
        authority = g_strndup(rest, end - rest);
        if (!authority_parse(uri, authority))
            return FALSE;
        rest = end;
    }
    end = rest + strcspn(rest, "?#");
    path = g_strndup(rest, end - rest);
    uri->path = g_uri_unescape_string(path, NULL);
    if (!uri->path)
        return FALSE;
    escaped = g_uri_escape_string(uri->path, PATH_RESERVED, FALSE);
    /* An authority without a host is none, whatever its port. */
    uri->text = g_strdup_printf("%.*s://%s%s%s", (int)scheme_length, text, uri->host || uri->user ? authority : "", escaped, end);
    if (*end == '?') {
        g_autofree char *query = g_strndup(end + 1, strcspn(end + 1, "#"));

        query_parse(uri, query);
    }
    return TRUE;
}

Uri *
uri_parse(const char *text, GError **error)
{
    g_autoptr(Uri) uri = g_new0(Uri, 1);

    uri->port = -1;
    uri->query = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free);
    if (!parse_into(uri, text)) {
        hv_throw(error, HV_ERR_INTERNAL_ERROR, "Unable to parse URI %s", text);
        hv_error_set_source(error, HV_FROM_URI);
        return NULL;
    }
    if (!uri->scheme) {
        hv_throw(error, HV_ERR_NO_CONNECT, "URI '%s' does not include a driver name", text);
        hv_error_set_hint(error, "a URI looks like qemu:///system");
        return NULL;
    }
    return g_steal_pointer(&uri);
}

/* One line `uri_default = "URI"` of a client configuration in libvirt's format; other settings are not ours. */
static char *
conf_uri_default(const char *path)
{
    g_autofree char *text = NULL;
    g_auto(GStrv) lines = NULL;

    text = file_read(AT_FDCWD, path, NULL, CLIENT_CONF_MAX, NULL, NULL, NULL);
    if (!text)
        return NULL;
    lines = g_strsplit(text, "\n", -1);
    for (guint i = 0; lines[i]; i++) {
        char *line = g_strstrip(lines[i]), *value, *end;

        if (!g_str_has_prefix(line, "uri_default"))
            continue;
        value = g_strchug(line + strlen("uri_default"));
        if (*value != '=')
            continue;
        value = g_strchug(value + 1);
        if (*value != '"' && *value != '\'')
            continue;
        end = strchr(value + 1, *value);
        if (end && end > value + 1)
            return g_strndup(value + 1, end - value - 1);
    }
    return NULL;
}

static char *
conf_path(void)
{
    const char *base = g_getenv("XDG_CONFIG_HOME");

    if (geteuid() == 0)
        return g_strdup("/etc/hvsh/hvsh.conf");
    if (base && *base == '/')
        return g_build_filename(base, "hvsh", "hvsh.conf", NULL);
    return g_build_filename(g_get_home_dir(), ".config", "hvsh", "hvsh.conf", NULL);
}

char *
uri_default(gboolean of_library)
{
    static const char *const names[] = { "HVSH_DEFAULT_URI", "VIRSH_DEFAULT_CONNECT_URI", "LIBVIRT_DEFAULT_URI" };
    g_autofree char *path = NULL;
    char *uri;

    for (gsize i = of_library ? G_N_ELEMENTS(names) - 1 : 0; i < G_N_ELEMENTS(names); i++) {
        const char *value = g_getenv(names[i]);

        if (value && *value)
            return g_strdup(value);
    }
    path = conf_path();
    uri = conf_uri_default(path);
    if (uri)
        return uri;
    return g_strdup(geteuid() == 0 ? "qemu:///system" : "qemu:///session");
}
