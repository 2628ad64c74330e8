#include "backend/xml-host.h"

#include "model/document.h"

#define LABEL "(capabilities)"

static const xmlNode *
cells_of(const xmlDoc *doc)
{
    return node_child(node_child(node_child(document_root(doc), "host"), "topology"), "cells");
}

GArray *
xml_host_cells(const char *capabilities, GError **error)
{
    g_autoptr(xmlDoc) doc = document_parse(capabilities, -1, LABEL, error);
    GArray *cells;

    if (!doc)
        return NULL;
    cells = g_array_new(FALSE, FALSE, sizeof(guint));
    NODE_FOREACH(cell, cells_of(doc), "cell") {
        guint id = (guint)node_attr_uint(cell, "id", 0);

        g_array_append_val(cells, id);
    }
    return cells;
}

/* @sizes stays in order. */
static void
add_sizes(GArray *sizes, const xmlNode *parent)
{
    NODE_FOREACH(pages, parent, "pages") {
        guint64 size = node_attr_uint(pages, "size", 0);
        guint kib = (guint)size, at = 0;

        if (size == 0 || size > G_MAXUINT)
            continue;
        while (at < sizes->len && g_array_index(sizes, guint, at) < kib)
            at++;
        if (at == sizes->len || g_array_index(sizes, guint, at) != kib)
            g_array_insert_val(sizes, at, kib);
    }
}

GArray *
xml_host_page_sizes(const char *capabilities, GError **error)
{
    g_autoptr(xmlDoc) doc = document_parse(capabilities, -1, LABEL, error);
    GArray *sizes;

    if (!doc)
        return NULL;
    sizes = g_array_new(FALSE, FALSE, sizeof(guint));
    add_sizes(sizes, node_child(node_child(document_root(doc), "host"), "cpu"));
    if (sizes->len == 0)
        NODE_FOREACH(cell, cells_of(doc), "cell")
            add_sizes(sizes, cell);
    return sizes;
}

char **
xml_host_machines(const char *capabilities, const char *arch, GError **error)
{
    g_autoptr(xmlDoc) doc = document_parse(capabilities, -1, LABEL, error);
    g_autoptr(GPtrArray) machines = g_ptr_array_new_with_free_func(g_free);

    if (!doc)
        return NULL;
    NODE_FOREACH(guest, document_root(doc), "guest") {
        const xmlNode *node = node_child(guest, "arch");

        if (!node || !node_attr_is(node, "name", arch))
            continue;
        NODE_FOREACH(machine, node, "machine") {
            const char *name = node_text(machine);

            if (name && !g_ptr_array_find_with_equal_func(machines, name, g_str_equal, NULL))
                g_ptr_array_add(machines, g_strdup(name));
        }
    }
    g_ptr_array_add(machines, NULL);
    return (char **)g_ptr_array_steal(machines, NULL);
}
