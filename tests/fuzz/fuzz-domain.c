/* A domain as the user writes it: what was normalised once stays as it is. */
#include "fuzz.h"

#include <stdlib.h>
#include <string.h>

#include "model/domain.h"
#include "../unit/test-model-facts.h"

static char *
format(const xmlDoc *doc, DomainFormatFlags flags)
{
    g_autoptr(GError) error = NULL;
    char *text = domain_format(doc, flags, &error);

    FUZZ_CHECK(text || error);
    return text;
}

static int
compare_lines(const void *a, const void *b)
{
    return strcmp(*(char *const *)a, *(char *const *)b);
}

static char *
sorted_lines(const char *text)
{
    g_auto(GStrv) lines = g_strsplit(text, "\n", -1);

    qsort(lines, g_strv_length(lines), sizeof *lines, compare_lines);
    return g_strjoinv("\n", lines);
}

static char *
read_again(const char *text, const DomainFacts *facts)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(xmlDoc) again = domain_parse(text, -1, NULL, facts, DOMAIN_PARSE_DEFAULT, NULL, &error);

    /* libvirt numbers any number of serial ports that it is given, and then refuses its own numbers. */
    if (!again && strstr(error->message, "Maximum supported number of ISA serial ports"))
        return g_strdup(text);
    if (!again) {
        g_printerr("%s\n%s\n", error->message, text);
        FUZZ_CHECK(!"what was written can be read");
    }
    return document_format(again);
}

/* What libvirt writes of a 0 or rounds to 0 (the size of a <shmem>), and takes for something else when it reads that. */
static const char *const unsaid[] = { " heads='1'", "<size unit='M'>0</size>", "<size unit='M'>4</size>" };

/* libvirt numbers the consoles that it is given before it puts the one of the first serial port in front of them, and all of them
 * when it reads them again. */
static char *
without_console_numbers(const char *text)
{
    g_autoptr(GRegex) numbered = g_regex_new("(<target type='(virtio|xen|uml|lxc|openvz|sclp|sclplm)') port='[0-9]+'", 0, 0, NULL);

    return g_regex_replace(numbered, text, -1, 0, "\\1", 0, NULL);
}

static char *
settled_lines(const char *text)
{
    g_autofree char *unnumbered = without_console_numbers(text);
    g_autofree char *lines = sorted_lines(unnumbered);

    for (gsize i = 0; i < G_N_ELEMENTS(unsaid); i++) {
        g_auto(GStrv) parts = g_strsplit(lines, unsaid[i], -1);

        g_free(lines);
        lines = g_strjoinv("", parts);
    }
    return sorted_lines(lines);
}

/* libvirt adds the implied controllers behind those that are written and only sorts what it reads: their order may change
 * once more, and nothing else. */
static void
check_stable(const char *text, const DomainFacts *facts)
{
    g_autofree char *second = read_again(text, facts), *third = NULL, *lines = NULL, *second_lines = NULL;

    if (strcmp(text, second) == 0)
        return;
    third = read_again(second, facts);
    fuzz_same("domain", second, third);
    lines = settled_lines(text);
    second_lines = settled_lines(second);
    fuzz_same("lines of the domain", lines, second_lines);
}

static void
check_live(const xmlDoc *doc, const char *text, const DomainFacts *facts)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(xmlDoc) live = domain_make_live(doc, 7), inactive = NULL, again = NULL;
    g_autofree char *live_text = document_format(live), *inactive_text = NULL, *shown = NULL, *portable = NULL;

    FUZZ_CHECK(g_strcmp0(node_attr(document_root(live), "id"), "7") == 0);
    inactive = domain_make_inactive(live);
    inactive_text = document_format(inactive);
    fuzz_same("inactive again", text, inactive_text);
    shown = format(live, DOMAIN_FORMAT_INACTIVE | DOMAIN_FORMAT_UPDATE_CPU);
    portable = format(live, DOMAIN_FORMAT_MIGRATABLE | DOMAIN_FORMAT_SECURE);
    again = domain_parse(live_text, -1, NULL, facts, DOMAIN_PARSE_LIVE, NULL, &error);
    FUZZ_CHECK(again || error);
}

static void
take(const uint8_t *data, size_t size, const DomainFacts *facts, DomainParseFlags flags)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(GPtrArray) warnings = g_ptr_array_new_with_free_func(g_free);
    g_autoptr(xmlDoc) doc = domain_parse((const char *)data, (gssize)size, "fuzz.xml", facts, flags, warnings, &error);
    g_autofree char *text = NULL, *shown = NULL;

    FUZZ_CHECK(!doc == !!error);
    if (!doc)
        return;
    text = document_format(doc);
    shown = format(doc, DOMAIN_FORMAT_DEFAULT);
    if (flags & DOMAIN_PARSE_LIVE)
        return;
    check_stable(text, facts);
    check_live(doc, text, facts);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    take(data, size, &test_model_facts, DOMAIN_PARSE_DEFAULT);
    take(data, size, &test_model_facts, DOMAIN_PARSE_LIVE);
    take(data, size, NULL, DOMAIN_PARSE_VALIDATE);
    return 0;
}
