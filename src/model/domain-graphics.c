/* Displays: where they listen, ports, passwords. */
#include "model/normalise.h"

#include <stdlib.h>
#include <string.h>

#include "util/error.h"
#include "util/sizes.h"

/* QEMU reads no more of a VNC password: RFB's authentication is DES with one key of 8 bytes. */
#define VNC_PASSWORD_MAX 8

/* --- listens --------------------------------------------------------------------------------------------- */

static gboolean
is_listening_kind(const xmlNode *graphics)
{
    return node_attr_is(graphics, "type", "vnc") || node_attr_is(graphics, "type", "spice") || node_attr_is(graphics, "type", "rdp");
}

/* The old attributes listen= and socket= (VNC only) of <graphics> speak for its first <listen>. */
static gboolean
merge_old_listen(xmlNode *listen, const char *address, const char *socket, GError **error)
{
    const char *own_address = node_attr(listen, "address"), *own_socket = node_attr(listen, "socket");

    /* An empty one is compared, but says nothing. */
    if (own_address && address && strcmp(own_address, address) != 0)
        return node_throw(listen, error, HV_ERR_CONFIG_UNSUPPORTED,
                          "graphics 'listen' attribute '%s' must match 'address' attribute of first listen element (found '%s')",
                          address, own_address);
    if (!own_address && address && *address)
        node_set_attr(listen, "address", address);
    if (own_socket && socket && strcmp(own_socket, socket) != 0)
        return node_throw(listen, error, HV_ERR_CONFIG_UNSUPPORTED,
                          "graphics 'socket' attribute '%s' must match 'socket' attribute of first listen element (found '%s')",
                          socket, own_socket);
    if (!own_socket && socket) {
        node_set_attr(listen, "type", "socket");
        node_set_attr(listen, "socket", socket);
    }
    return TRUE;
}

static gboolean
normalise_listen(const Normalise *n, xmlNode *listen, GError **error)
{
    gboolean network = node_attr_is(listen, "type", "network"), live = (n->flags & DOMAIN_PARSE_LIVE) != 0;

    if (network && !node_attr(listen, "network"))
        return node_throw(listen, error, HV_ERR_XML_ERROR, "'network' attribute is required for listen type 'network'");
    if (!network && node_attr(listen, "network"))
        return node_throw(listen, error, HV_ERR_XML_ERROR, "'network' attribute is valid only for listen type 'network'");
    if (!node_attr_is(listen, "type", "socket") && node_attr(listen, "socket"))
        return node_throw(listen, error, HV_ERR_XML_ERROR, "'socket' attribute is valid only for listen type 'socket'");
    if (!node_attr_is(listen, "type", "address") && !(network && live))
        node_set_attr(listen, "address", NULL);
    return TRUE;
}

static gboolean
normalise_listens(const Normalise *n, xmlNode *graphics, GError **error)
{
    g_autofree char *address = g_strdup(node_attr(graphics, "listen"));
    g_autofree char *socket = node_attr_is(graphics, "type", "vnc") ? g_strdup(node_attr(graphics, "socket")) : NULL;
    xmlNode *first = node_child(graphics, "listen");

    NODE_FOREACH(listen, graphics, "listen") {
        if ((listen == first && !merge_old_listen(listen, address, socket, error)) || !normalise_listen(n, listen, error))
            return node_blame(listen, error);
        if (node_attr(listen, "address") && !*node_attr(listen, "address"))
            node_set_attr(listen, "address", NULL);
    }
    if (first)
        return TRUE;
    first = domain_add_child(graphics, "listen");
    node_set_attr(first, "type", socket ? "socket" : "address");
    if (socket)
        node_set_attr(first, "socket", socket);
    else if (address && *address)
        node_set_attr(first, "address", address);
    return TRUE;
}

static gboolean
has_ports(const xmlNode *graphics)
{
    const char *type = node_child_attr(graphics, "listen", "type");

    return strcmp(type, "address") == 0 || strcmp(type, "network") == 0;
}

static void
set_old_listen(xmlNode *graphics)
{
    const xmlNode *first = node_child(graphics, "listen");

    node_set_attr(graphics, "listen", has_ports(graphics) ? node_attr(first, "address") : NULL);
    node_set_attr(graphics, "socket",
                  node_attr_is(graphics, "type", "vnc") && node_attr_is(first, "type", "socket") ? node_attr(first, "socket") : NULL);
}

/* --- passwords ------------------------------------------------------------------------------------------- */

static gboolean
is_date(const char *text)
{
    static const char form[] = "dddd-dd-ddTdd:dd:dd";

    if (strlen(text) != strlen(form))
        return FALSE;
    for (gsize i = 0; form[i]; i++)
        if (form[i] == 'd' ? !g_ascii_isdigit(text[i]) : text[i] != form[i])
            return FALSE;
    return TRUE;
}

static gboolean
normalise_password(xmlNode *graphics, GError **error)
{
    const char *until = node_attr(graphics, "passwdValidTo"), *connected = node_attr(graphics, "connected");

    if (!node_attr(graphics, "passwd")) {
        node_set_attr(graphics, "passwdValidTo", NULL);
        node_set_attr(graphics, "connected", NULL);
        return TRUE;
    }
    if (until && !is_date(until))
        return hv_throw(error, HV_ERR_INTERNAL_ERROR, "cannot parse password validity time '%s', expect YYYY-MM-DDTHH:MM:SS",
                        until) ||
               node_expect(graphics, error, "YYYY-MM-DDTHH:MM:SS as 'passwdValidTo'");
    if (!connected)
        return TRUE;
    if (strcmp(connected, "fail") != 0 && strcmp(connected, "disconnect") != 0 && strcmp(connected, "keep") != 0)
        return node_throw(graphics, error, HV_ERR_CONFIG_UNSUPPORTED, "unknown connected value %s", connected);
    /* QEMU cannot throw out VNC clients for a new password. */
    if (node_attr_is(graphics, "type", "vnc") && strcmp(connected, "keep") != 0)
        return node_throw(graphics, error, HV_ERR_CONFIG_UNSUPPORTED, "VNC supports connected='keep' only");
    return TRUE;
}

/* --- the kinds ------------------------------------------------------------------------------------------- */

static gboolean
parse_port(const char *text, long *port)
{
    char *end;

    *port = strtol(text, &end, 10);
    return *text && !*end && *port >= G_MININT && *port <= G_MAXINT;
}

/* -1 is an old way of saying autoport; 0 is the same as nothing. */
static gboolean
normalise_vnc(xmlNode *graphics, gboolean live, GError **error)
{
    const char *text = node_attr(graphics, "port");
    gboolean automatic = !text;
    long port = 0;

    if (text && !parse_port(text, &port))
        return hv_throw(error, HV_ERR_INTERNAL_ERROR, "cannot parse vnc port %s", text) ||
               node_expect(graphics, error, "an integer as 'port'");
    automatic |= port == -1;
    automatic = node_attr_yes(graphics, "autoport", automatic);
    if (automatic && (!live || port == -1))
        port = 0;
    node_set_attr(graphics, "port", NULL);
    if (has_ports(graphics) && (port || automatic))
        node_set_attrf(graphics, "port", "%ld", port ? port : -1);
    node_set_attr(graphics, "autoport", has_ports(graphics) ? (automatic ? "yes" : "no") : NULL);
    if (!live)
        node_set_attr(graphics, "wsGenerated", NULL);
    if (!has_ports(graphics) || node_attr_is(graphics, "websocket", "0"))
        node_set_attr(graphics, "websocket", NULL);
    return TRUE;
}

/* Channels are listed in the order of the protocol, those that may go either way not at all. */
static void
normalise_spice_channels(xmlNode *graphics)
{
    static const char *const names[] = { "main", "display", "inputs", "cursor", "playback", "record", "smartcard", "usbredir" };
    const char *modes[G_N_ELEMENTS(names)] = { NULL };

    for (gsize i = 0; i < G_N_ELEMENTS(names); i++)
        NODE_FOREACH(channel, graphics, "channel")
            if (node_attr_is(channel, "name", names[i]))
                modes[i] = node_attr_is(channel, "mode", "secure") ? "secure" : node_attr_is(channel, "mode", "insecure") ? "insecure" : NULL;
    node_remove_children(graphics, "channel");
    for (gsize i = 0; i < G_N_ELEMENTS(names); i++) {
        xmlNode *channel;

        if (!modes[i])
            continue;
        channel = domain_add_child(graphics, "channel");
        node_set_attr(channel, "name", names[i]);
        node_set_attr(channel, "mode", modes[i]);
    }
}

static void
normalise_spice(xmlNode *graphics, gboolean live)
{
    static const char *const ports[] = { "port", "tlsPort" };
    xmlNode *listen = node_child(graphics, "listen");
    gboolean automatic = node_attr_yes(graphics, "autoport", FALSE);

    if (node_attr_is(graphics, "port", "-1") && node_attr_is(graphics, "tlsPort", "-1"))
        automatic = TRUE;
    for (gsize i = 0; i < G_N_ELEMENTS(ports); i++)
        if ((automatic && !live) || node_attr_is(graphics, ports[i], "0"))
            node_set_attr(graphics, ports[i], NULL);
    /* Nothing to listen on: a display for local use. */
    if (node_attr_is(listen, "type", "address") && !automatic && !node_attr(graphics, "port") && !node_attr(graphics, "tlsPort")) {
        node_set_attr(listen, "type", "none");
        node_set_attr(listen, "address", NULL);
    }
    for (gsize i = 0; i < G_N_ELEMENTS(ports); i++)
        if (!has_ports(graphics))
            node_set_attr(graphics, ports[i], NULL);
    node_set_attr(graphics, "autoport", has_ports(graphics) ? (automatic ? "yes" : "no") : NULL);
    if (node_attr_is(graphics, "defaultMode", "any"))
        node_set_attr(graphics, "defaultMode", NULL);
    normalise_spice_channels(graphics);
}

static gboolean
normalise_dbus(xmlNode *graphics, GError **error)
{
    if (node_attr_is(graphics, "p2p", "no"))
        node_set_attr(graphics, "p2p", NULL);
    if (node_attr(graphics, "p2p") && node_attr(graphics, "address"))
        return node_throw(graphics, error, HV_ERR_XML_ERROR, "D-Bus p2p with an address is not supported");
    return TRUE;
}

static gboolean
normalise_rdp(xmlNode *graphics, GError **error)
{
    const char *text = node_attr(graphics, "port");
    long port;

    if (text && !parse_port(text, &port))
        return hv_throw(error, HV_ERR_INTERNAL_ERROR, "cannot parse rdp port %s", text) ||
               node_expect(graphics, error, "an integer as 'port'");
    return TRUE;
}

gboolean
normalise_graphics(Normalise *n, GError **error)
{
    gboolean live = (n->flags & DOMAIN_PARSE_LIVE) != 0;

    NODE_FOREACH(graphics, n->devices, "graphics") {
        gboolean vnc = node_attr_is(graphics, "type", "vnc"), spice = node_attr_is(graphics, "type", "spice");

        if (is_listening_kind(graphics) && !normalise_listens(n, graphics, error))
            return node_blame(graphics, error);
        if ((vnc && !normalise_vnc(graphics, live, error)) || ((vnc || spice) && !normalise_password(graphics, error)) ||
            (node_attr_is(graphics, "type", "rdp") && !normalise_rdp(graphics, error)) ||
            (node_attr_is(graphics, "type", "dbus") && !normalise_dbus(graphics, error)))
            return node_blame(graphics, error);
        if (spice)
            normalise_spice(graphics, live);
        if (is_listening_kind(graphics))
            set_old_listen(graphics);
        if (node_attr_is(graphics, "fullscreen", "no"))
            node_set_attr(graphics, "fullscreen", NULL);
    }
    return TRUE;
}

/* --- checks ---------------------------------------------------------------------------------------------- */

static gboolean
check_audio_of(const Normalise *n, const xmlNode *graphics, GError **error)
{
    const char *id = node_child_attr(graphics, "audio", "id");
    gboolean vnc = node_attr_is(graphics, "type", "vnc");
    const xmlNode *audio = id ? domain_audio(n->devices, id) : NULL;

    if (!id)
        return TRUE;
    if (vnc && !audio)
        return node_throw(graphics, error, HV_ERR_XML_ERROR, "no audio device with ID %s", id);
    if (!vnc && audio && !node_attr_is(audio, "type", "dbus"))
        return node_throw(graphics, error, HV_ERR_CONFIG_UNSUPPORTED, "The associated audio is not of 'dbus' kind.");
    return TRUE;
}

gboolean
check_graphics(const Normalise *n, GError **error)
{
    NODE_FOREACH(graphics, n->devices, "graphics") {
        const char *type = node_attr(graphics, "type"), *password = node_attr(graphics, "passwd");

        if (!(n->flags & DOMAIN_PARSE_LIVE) && node_attr(graphics, "tlsPort") && !node_attr_is(graphics, "tlsPort", "-1"))
            return node_throw(graphics, error, HV_ERR_CONFIG_UNSUPPORTED,
                              "spice TLS port set in XML configuration, but TLS is disabled in qemu.conf");
        if (strcmp(type, "rdp") == 0 || strcmp(type, "desktop") == 0)
            return node_throw(graphics, error, HV_ERR_CONFIG_UNSUPPORTED, "%s graphics are not supported with this QEMU", type);
        if (strcmp(type, "vnc") == 0 && password && strlen(password) > VNC_PASSWORD_MAX)
            return node_throw(graphics, error, HV_ERR_CONFIG_UNSUPPORTED, "VNC password is %zu characters long, only %d permitted",
                              strlen(password), VNC_PASSWORD_MAX);
        if (!check_audio_of(n, graphics, error))
            return node_blame(graphics, error);
    }
    return TRUE;
}
