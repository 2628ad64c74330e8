/* The options of a finished command line, and what each names. */
#include "config.h"

#include "backend/qemu/explain-private.h"

#include <string.h>

/* Options without a value; every other one has one. */
static const char *const bare[] = {
    "-S", "-no-acpi", "-no-fd-bootchk", "-no-hpet", "-no-reboot", "-no-shutdown", "-no-user-config", "-nodefaults",
    "-nographic", NULL,
};

/* "virtio,id=a,b=c,,d": a comma that is part of a value is doubled. The first word without "=" is "kind". */
static json_t *
read_keys(const char *text)
{
    json_t *props = json_object();
    g_autoptr(GString) word = g_string_new(NULL);
    gboolean first = TRUE;

    for (const char *p = text;; p++) {
        if (*p && (*p != ',' || p[1] == ',')) {
            g_string_append_c(word, *p);
            p += *p == ',';
            continue;
        }
        char *equals = strchr(word->str, '=');

        if (equals)
            *equals = '\0';
        if (equals)
            json_object_set_new(props, word->str, json_string(equals + 1));
        else if (first)
            json_object_set_new(props, "kind", json_string(word->str));
        first = FALSE;
        g_string_truncate(word, 0);
        if (!*p)
            return props;
    }
}

const char *
explain_option_string(const ExplainOption *option, const char *key)
{
    return json_string_value(json_object_get(option->props, key));
}

static void
option_read(ExplainOption *option)
{
    static const char *const kinds[] = { "driver", "qom-type", "type", "kind" };
    static const char *const ids[] = { "id", "node-name" };

    if (!option->value)
        return;
    option->props = *option->value == '{' ? json_loads(option->value, 0, NULL) : read_keys(option->value);
    for (gsize i = 0; i < G_N_ELEMENTS(kinds) && !option->kind; i++)
        option->kind = explain_option_string(option, kinds[i]);
    for (gsize i = 0; i < G_N_ELEMENTS(ids) && !option->id; i++)
        option->id = explain_option_string(option, ids[i]);
}

/* Where the words of <qemu:commandline> begin: they stand together, and words of hvsh follow. */
static guint
native_words(const xmlNode *domain, char **argv, guint *count)
{
    g_autoptr(GPtrArray) words = g_ptr_array_new();
    guint total = g_strv_length(argv);

    NODE_FOREACH(child, domain, NULL)
        if (g_str_equal((const char *)child->name, "commandline"))
            NODE_FOREACH(arg, child, NULL)
                if (g_str_equal((const char *)arg->name, "arg"))
                    g_ptr_array_add(words, (gpointer)(node_attr(arg, "value") ? node_attr(arg, "value") : ""));
    *count = words->len;
    for (guint start = total; words->len > 0 && start > 0; start--) {
        guint same = 0;

        while (same < words->len && start - 1 + same < total && strcmp(argv[start - 1 + same], words->pdata[same]) == 0)
            same++;
        if (same == words->len)
            return start - 1;
    }
    *count = 0;
    return total;
}

void
explain_read_options(Explainer *explainer, char **argv)
{
    guint n_native, first_native = native_words(explainer->domain, argv, &n_native);

    for (guint i = 1; argv[i]; i++) {
        ExplainOption option = { .name = argv[i], .native = i >= first_native && i < first_native + n_native };
        gboolean alone = option.native ? !argv[i + 1] || *argv[i + 1] == '-' || i + 1 == first_native + n_native
                                       : g_strv_contains(bare, argv[i]);

        if (!alone && argv[i + 1])
            option.value = argv[++i];
        if (!option.native)
            option_read(&option);
        g_array_append_val(explainer->options, option);
        if (option.id && strcmp(option.name, "-device") != 0)
            g_hash_table_insert(explainer->by_id, (gpointer)option.id, GUINT_TO_POINTER(explainer->options->len));
    }
}
