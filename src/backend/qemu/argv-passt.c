/* passt, which gives one guest the host's network without privileges: its command line. */
#include "config.h"

#include "backend/qemu/argv-builder.h"

static void
add_words(GPtrArray *argv, const char *option, const char *value)
{
    g_ptr_array_add(argv, g_strdup(option));
    if (value)
        g_ptr_array_add(argv, g_strdup(value));
}

/* One --tcp-ports or --udp-ports: "ADDRESS%DEV/22:2022,80-90:8080-8090,~85" (passt(1)). */
static char *
port_forward(const xmlNode *forward)
{
    GString *text = g_string_new(node_attr(forward, "address"));

    if (node_attr(forward, "dev"))
        g_string_append_printf(text, "%%%s", node_attr(forward, "dev"));
    if (text->len)
        g_string_append_c(text, '/');
    if (!node_child(forward, "range"))
        g_string_append(text, "all");
    NODE_FOREACH(range, forward, "range") {
        guint64 start = node_attr_uint(range, "start", 0), end = node_attr_uint(range, "end", start);
        guint64 to = node_attr_uint(range, "to", start);

        if (range != node_child(forward, "range"))
            g_string_append_c(text, ',');
        if (node_attr_yes(range, "exclude", FALSE))
            g_string_append_c(text, '~');
        g_string_append_printf(text, "%u", (guint)start);
        if (end > start)
            g_string_append_printf(text, "-%u", (guint)end);
        if (to == start)
            continue;
        g_string_append_printf(text, ":%u", (guint)to);
        if (end > start)
            g_string_append_printf(text, "-%u", (guint)(to + end - start));
    }
    return g_string_free(text, FALSE);
}

void
passt_add_helper(ArgvBuilder *b, const xmlNode *interface)
{
    const char *dev = node_child_attr(interface, "source", "dev");
    GPtrArray *argv = g_ptr_array_new();

    add_words(argv, "passt", "--one-off");
    add_words(argv, "--foreground", NULL);
    add_words(argv, "--fd", G_STRINGIFY(QEMU_HELPER_FD));
    if (node_child_attr(interface, "mtu", "size"))
        add_words(argv, "--mtu", node_child_attr(interface, "mtu", "size"));
    if (dev)
        add_words(argv, "--interface", dev);
    if (node_child_attr(interface, "backend", "logFile"))
        add_words(argv, "--log-file", node_child_attr(interface, "backend", "logFile"));
    NODE_FOREACH(ip, interface, "ip") {
        add_words(argv, "--address", node_attr(ip, "address"));
        if (node_attr(ip, "prefix") && !node_attr_is(ip, "family", "ipv6"))
            add_words(argv, "--netmask", node_attr(ip, "prefix"));
    }
    NODE_FOREACH(forward, interface, "portForward") {
        g_autofree char *ports = port_forward(forward);

        add_words(argv, node_attr_is(forward, "proto", "udp") ? "--udp-ports" : "--tcp-ports", ports);
    }
    g_ptr_array_add(argv, NULL);
    argv_add_helper_fd(b, "passt", (char **)g_ptr_array_free(argv, FALSE), NULL, interface);
}
