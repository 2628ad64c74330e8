/* The doctor's report. */
#include "config.h"

#include "backend/embedded/doctor/doctor.h"

#include <string.h>
#include <unistd.h>

#include "backend/embedded/domain/operations.h"

/* How the families of distributions install packages, and what those are called there. */
static const struct {
    const char *family;             /* ID or in ID_LIKE of os-release */
    const char *install;
    const char *qemu, *images, *firmware, *swtpm, *virtiofsd, *passt;
} distributions[] = {
    { "debian", "apt-get install", "qemu-system-x86", "qemu-utils", "ovmf", "swtpm-tools", "virtiofsd", "passt" },
    { "fedora", "dnf install", "qemu-kvm", "qemu-img", "edk2-ovmf", "swtpm-tools", "virtiofsd", "passt" },
    { "suse", "zypper install", "qemu", "qemu-img", "qemu-ovmf-x86_64", "swtpm", "virtiofsd", "passt" },
    { "arch", "pacman -S", "qemu-base", "qemu-img", "edk2-ovmf", "swtpm", "virtiofsd", "passt" },
};

static void G_GNUC_PRINTF(2, 0)
set_text(char **text, const char *format, va_list args)
{
    g_free(*text);
    *text = g_strdup_vprintf(format, args);
}

void
finding_set(Finding *finding, DoctorLevel level, const char *format, ...)
{
    va_list args;

    va_start(args, format);
    set_text(&finding->text, format, args);
    va_end(args);
    finding->level = level;
}

void
finding_fix(Finding *finding, const char *format, ...)
{
    g_autofree char *command = NULL;
    va_list args;

    va_start(args, format);
    set_text(&command, format, args);
    va_end(args);
    g_free(finding->fix);
    finding->fix = g_strconcat(geteuid() == 0 ? "" : "sudo ", command, NULL);
}

/* The value of a line KEY=value, quotes taken off; new, NULL for none. */
static char *
release_value(char **lines, const char *key)
{
    for (char **line = lines; *line; line++)
        if (g_str_has_prefix(*line, key) && (*line)[strlen(key)] == '=')
            return g_strdelimit(g_strdup(*line + strlen(key) + 1), "\"'", ' ');
    return NULL;
}

static gboolean
is_family(const char *words, const char *family)
{
    g_auto(GStrv) list = g_strsplit_set(words ? words : "", " ", -1);

    for (char **word = list; *word; word++)
        if (g_str_has_prefix(*word, family))
            return TRUE;
    return FALSE;
}

void
finding_fix_package(Finding *finding, const Capable *capable, const char *thing)
{
    g_autofree char *text = host_read_word(capable->host, "etc/os-release");
    g_auto(GStrv) lines = g_strsplit(text ? text : "", "\n", -1);
    g_autofree char *id = release_value(lines, "ID"), *like = release_value(lines, "ID_LIKE");

    for (gsize i = 0; i < G_N_ELEMENTS(distributions); i++) {
        const struct { const char *thing, *package; } packages[] = {
            { "qemu", distributions[i].qemu }, { "qemu-img", distributions[i].images },
            { "firmware", distributions[i].firmware }, { "swtpm", distributions[i].swtpm },
            { "virtiofsd", distributions[i].virtiofsd }, { "passt", distributions[i].passt },
        };

        if (!is_family(id, distributions[i].family) && !is_family(like, distributions[i].family))
            continue;
        for (gsize k = 0; k < G_N_ELEMENTS(packages); k++)
            if (g_str_equal(packages[k].thing, thing))
                finding_fix(finding, "%s %s", distributions[i].install, packages[k].package);
        return;
    }
    g_free(finding->fix);
    finding->fix = g_strdup_printf("install the package that brings %s", thing);
}

/* Tabs and newlines are what the report itself is made of. */
static void
append_text(GString *report, const char *text)
{
    g_autofree char *clean = g_strdelimit(g_strdup(text ? text : ""), "\t\n\r", ' ');

    g_string_append(report, clean);
}

static void
run_checks(const Capable *capable, const DoctorItem *items, GString *report)
{
    static const char *const levels[] = { "pass", "warn", "fail" };

    for (; items->subject; items++) {
        Finding finding = { 0 };

        items->run(capable, &finding);
        g_string_append_printf(report, "%s\t%s\t", levels[finding.level], items->subject);
        append_text(report, finding.text);
        g_string_append_c(report, '\t');
        append_text(report, finding.level == DOCTOR_PASS ? NULL : finding.fix);
        g_string_append_c(report, '\n');
        g_free(finding.text);
        g_free(finding.fix);
    }
}

gboolean
embedded_connect_doctor(const Call *call, const void *args G_GNUC_UNUSED, void *result, GError **error G_GNUC_UNUSED)
{
    DriverState *state = call->data;
    Capable capable = { .host = state->host, .qemu = state->qemu, .uuid_folder = state->uuid_folder };
    GString *report = g_string_new(NULL);

    run_checks(&capable, doctor_host_checks, report);
    run_checks(&capable, doctor_program_checks, report);
    ((connect_doctor_result *)result)->checks = g_string_free(report, FALSE);
    return TRUE;
}
