/* "Did you mean": the nearest known word by edit distance. */
#include "shell/internal.h"

#include <string.h>

#include "util/error.h"

#define MAX_WORD 64

/* Number of inserted, removed, changed or swapped neighbouring characters between two words. */
static guint
edit_distance(const char *a, gsize a_length, const char *b, gsize b_length)
{
    guint rows[3][MAX_WORD + 1];
    guint *before = rows[0], *above = rows[1], *row = rows[2];

    for (gsize j = 0; j <= b_length; j++)
        above[j] = j;
    memset(before, 0, sizeof rows[0]);
    for (gsize i = 1; i <= a_length; i++) {
        guint *spare = before;

        row[0] = i;
        for (gsize j = 1; j <= b_length; j++) {
            guint best = above[j - 1] + (a[i - 1] != b[j - 1]);

            best = MIN(best, above[j] + 1);
            best = MIN(best, row[j - 1] + 1);
            if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
                best = MIN(best, before[j - 2] + 1);
            row[j] = best;
        }
        before = above;
        above = row;
        row = spare;
    }
    return above[b_length];
}

const char *
suggest_nearest(const char *word, const char *const *candidates)
{
    gsize length = strlen(word);
    guint limit = MAX(1, length / 3), best = limit + 1;
    const char *nearest = NULL;

    if (length < 2 || length > MAX_WORD)
        return NULL;
    for (; *candidates; candidates++) {
        gsize other = strlen(*candidates);
        guint distance;

        if (other > MAX_WORD || other + limit < length || length + limit < other)
            continue;
        distance = edit_distance(word, length, *candidates, other);
        if (distance < best) {
            best = distance;
            nearest = *candidates;
        }
    }
    return nearest;
}

void
suggest_command(const ShellHost *host, const char *word, GError **error)
{
    g_autoptr(GPtrArray) names = g_ptr_array_new();
    const char *nearest;

    for (const CmdDef *const *def = host->commands; *def; def++)
        if (!((*def)->flags & CMD_HIDDEN))
            g_ptr_array_add(names, (gpointer)(*def)->name);
    g_ptr_array_add(names, NULL);
    nearest = suggest_nearest(word, (const char *const *)names->pdata);
    if (nearest)
        hv_error_set_hint(error, "did you mean '%s'?", nearest);
}

void
suggest_option(const CmdDef *def, const char *word, GError **error)
{
    g_autoptr(GPtrArray) names = g_ptr_array_new();
    const char *nearest;

    for (const CmdOpt *opt = def->opts; opt && opt->name; opt++)
        g_ptr_array_add(names, (gpointer)opt->name);
    g_ptr_array_add(names, (gpointer)"help");
    g_ptr_array_add(names, NULL);
    nearest = suggest_nearest(word, (const char *const *)names->pdata);
    if (nearest)
        hv_error_set_hint(error, "did you mean '--%s'?", nearest);
}
