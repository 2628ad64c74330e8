#include "config.h"

#include "backend/qemu/explain-private.h"

#include <string.h>

#include "model/domain.h"

static char *
object_name(const ExplainOption *option)
{
    if (!option->id)
        return NULL;
    if (strcmp(option->name, "-device") == 0)
        return g_strconcat("/machine/peripheral/", option->id, NULL);
    if (strcmp(option->name, "-object") == 0)
        return g_strconcat("/objects/", option->id, NULL);
    if (strcmp(option->name, "-chardev") == 0)
        return g_strconcat("/chardevs/", option->id, NULL);
    return g_strdup(option->id);
}

/* "devices/disk[2]"; the number only where there are several. */
static char *
element_path(const Explainer *explainer, const xmlNode *node)
{
    const char *name = node->ns && node->ns->prefix ? NULL : node_name(node);
    g_autofree char *qualified = name ? g_strdup(name) : g_strdup_printf("%s:%s", node->ns->prefix, node->name);
    g_autofree char *parent = NULL, *step = NULL;
    guint count = 0, position = 0;

    if (node == explainer->domain)
        return g_strdup(".");
    NODE_FOREACH(sibling, node->parent, NULL) {
        count += strcmp((const char *)sibling->name, (const char *)node->name) == 0;
        if (sibling == node)
            position = count;
    }
    step = count > 1 ? g_strdup_printf("%s[%u]", qualified, position) : g_steal_pointer(&qualified);
    if (node->parent == explainer->domain)
        return g_steal_pointer(&step);
    parent = element_path(explainer, node->parent);
    return g_strconcat(parent, "/", step, NULL);
}

static void
explanation_free(gpointer data)
{
    QemuExplanation *explanation = data;

    g_free(explanation->element);
    g_free(explanation->alias);
    g_free(explanation->argument);
    g_free(explanation->object);
    g_free(explanation);
}

static void
add_explanation(const Explainer *explainer, GPtrArray *answer, const xmlNode *node, const ExplainOption *option)
{
    QemuExplanation *explanation = g_new0(QemuExplanation, 1);

    explanation->element = node ? element_path(explainer, node) : NULL;
    explanation->alias = node && node->parent && node_is(node->parent, "devices") ? g_strdup(device_alias(node)) : NULL;
    if (option) {
        explanation->argument = *option->name == '{' ? g_strdup(option->name)
                                                     : qemu_option_format(option->name, option->value);
        explanation->object = object_name(option);
    }
    g_ptr_array_add(answer, explanation);
}

static guint
add_options_of(const Explainer *explainer, GPtrArray *answer, const xmlNode *node)
{
    guint count = 0;

    for (guint i = 0; i < explainer->options->len; i++) {
        const ExplainOption *option = &g_array_index(explainer->options, ExplainOption, i);

        if (option->owner == node) {
            add_explanation(explainer, answer, node, option);
            count++;
        }
    }
    return count;
}

/* What stands below @node comes after it. TRUE when any of it is QEMU's. */
static gboolean
add_element(const Explainer *explainer, GPtrArray *answer, const xmlNode *node)
{
    gboolean inner = node_is(node, "devices") || node_is(node, "os");
    guint before = answer->len;
    guint count = add_options_of(explainer, answer, node);

    if (node_is(node, "metadata"))
        return FALSE;
    NODE_FOREACH(child, node, NULL)
        count += add_element(explainer, answer, child);
    /* One line for a whole that QEMU is told nothing of; the parts of <os> and <devices> each have theirs. */
    if (count == 0 && !inner) {
        g_ptr_array_set_size(answer, (gint)before);
        if (node->parent == explainer->domain || node_is(node->parent, "devices") || node_is(node->parent, "os"))
            add_explanation(explainer, answer, node, NULL);
    }
    return count > 0;
}

GPtrArray *
qemu_explain(const xmlNode *domain, const QemuCommand *command)
{
    g_autoptr(GArray) options = g_array_new(FALSE, FALSE, sizeof(ExplainOption));
    g_autoptr(GHashTable) by_id = g_hash_table_new(g_str_hash, g_str_equal);
    g_autoptr(GPtrArray) texts = g_ptr_array_new_with_free_func(g_free);
    Explainer explainer = { .domain = domain, .options = options, .by_id = by_id };
    GPtrArray *answer = g_ptr_array_new_with_free_func(explanation_free);

    explain_read_options(&explainer, command->argv);
    explain_find_owners(&explainer);
    explain_read_setup(&explainer, command->setup, texts);
    add_options_of(&explainer, answer, domain);
    NODE_FOREACH(child, domain, NULL)
        add_element(&explainer, answer, child);
    add_options_of(&explainer, answer, NULL);
    for (guint i = 0; i < options->len; i++)
        json_decref(g_array_index(options, ExplainOption, i).props);
    return answer;
}
