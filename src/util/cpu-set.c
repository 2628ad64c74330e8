#include "util/cpu-set.h"

#define WORD_BITS 64

struct CpuSet {
    GArray *words;              /* of guint64; number N is bit N % 64 of word N / 64 */
};

CpuSet *
cpu_set_new(void)
{
    CpuSet *set = g_new0(CpuSet, 1);

    set->words = g_array_new(FALSE, TRUE, sizeof(guint64));
    return set;
}

void
cpu_set_free(CpuSet *set)
{
    if (!set)
        return;
    g_array_free(set->words, TRUE);
    g_free(set);
}

static guint64
word_at(const CpuSet *set, guint index)
{
    return index < set->words->len ? g_array_index(set->words, guint64, index) : 0;
}

void
cpu_set_add(CpuSet *set, guint number)
{
    guint index = number / WORD_BITS;

    g_return_if_fail(number < CPU_SET_LIMIT);
    if (index >= set->words->len)
        g_array_set_size(set->words, index + 1);
    g_array_index(set->words, guint64, index) |= G_GUINT64_CONSTANT(1) << (number % WORD_BITS);
}

gboolean
cpu_set_has(const CpuSet *set, guint number)
{
    return word_at(set, number / WORD_BITS) >> (number % WORD_BITS) & 1;
}

guint
cpu_set_count(const CpuSet *set)
{
    guint count = 0;

    for (guint i = 0; i < set->words->len; i++)
        count += __builtin_popcountll(word_at(set, i));
    return count;
}

int
cpu_set_next(const CpuSet *set, guint from)
{
    guint64 word = word_at(set, from / WORD_BITS) & (~G_GUINT64_CONSTANT(0) << (from % WORD_BITS));

    for (guint i = from / WORD_BITS; i < set->words->len; word = word_at(set, ++i))
        if (word)
            return (int)(i * WORD_BITS + __builtin_ctzll(word));
    return -1;
}

int
cpu_set_last(const CpuSet *set)
{
    for (guint i = set->words->len; i-- > 0;)
        if (word_at(set, i))
            return (int)(i * WORD_BITS + WORD_BITS - 1 - __builtin_clzll(word_at(set, i)));
    return -1;
}

/* A decimal number below CPU_SET_LIMIT; *@text moves behind it. */
static gboolean
read_number(const char **text, guint *number)
{
    guint value = 0;

    if (!g_ascii_isdigit(**text))
        return FALSE;
    for (; g_ascii_isdigit(**text); (*text)++) {
        value = value * 10 + (guint)(**text - '0');
        if (value >= CPU_SET_LIMIT)
            return FALSE;
    }
    *number = value;
    return TRUE;
}

static const char *
skip_space(const char *text)
{
    while (g_ascii_isspace(*text))
        text++;
    return text;
}

CpuSet *
cpu_set_parse_list(const char *text)
{
    g_autoptr(CpuSet) set = cpu_set_new();

    text = skip_space(text);
    while (*text) {
        guint first, last;

        if (!read_number(&text, &first))
            return NULL;
        last = first;
        if (*text == '-') {
            text++;
            if (!read_number(&text, &last) || last < first)
                return NULL;
        }
        for (guint number = first; number <= last; number++)
            cpu_set_add(set, number);
        if (*text == ',') {
            text++;
            if (!g_ascii_isdigit(*text))
                return NULL;
        } else if (*(text = skip_space(text))) {
            return NULL;
        }
    }
    return g_steal_pointer(&set);
}

char *
cpu_set_format(const CpuSet *set)
{
    GString *out = g_string_new(NULL);

    for (int first = cpu_set_next(set, 0); first >= 0;) {
        int last = first;

        while (cpu_set_has(set, (guint)last + 1))
            last++;
        g_string_append_printf(out, "%s%d", out->len ? "," : "", first);
        if (last > first)
            g_string_append_printf(out, "-%d", last);
        first = cpu_set_next(set, (guint)last + 1);
    }
    return g_string_free(out, FALSE);
}
