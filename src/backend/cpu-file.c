#include "config.h"

#include "backend/cpu-file.h"

#include "model/cpu-description.h"

char **
cpu_file_extract(const char *text, const char *label, GError **error)
{
    g_autoptr(GPtrArray) cpus = cpu_description_extract(text, label, error);
    GStrvBuilder *builder;
    char **list;

    if (!cpus)
        return NULL;
    builder = g_strv_builder_new();
    for (guint i = 0; i < cpus->len; i++)
        g_strv_builder_add(builder, g_ptr_array_index(cpus, i));
    list = g_strv_builder_end(builder);
    g_strv_builder_unref(builder);
    return list;
}

char **
cpu_file_models(const char *capabilities, gboolean all, GError **error)
{
    g_autoptr(xmlDoc) doc = document_parse(capabilities, -1, "(domain_capabilities)", error);
    GStrvBuilder *builder;
    char **list;

    if (!doc)
        return NULL;
    builder = g_strv_builder_new();
    NODE_FOREACH(mode, node_child(document_root(doc), "cpu"), "mode") {
        if (!node_attr_is(mode, "name", "custom"))
            continue;
        NODE_FOREACH(model, mode, "model")
            if (all || node_attr_is(model, "usable", "yes"))
                g_strv_builder_add(builder, node_text(model));
    }
    list = g_strv_builder_end(builder);
    g_strv_builder_unref(builder);
    return list;
}
