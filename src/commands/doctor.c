/* doctor: what this host needs before guests run on it. */
#include <string.h>

#include "commands/common.h"

static const char *
upper_level(const char *level)
{
    return strcmp(level, "pass") == 0 ? "PASS" : strcmp(level, "warn") == 0 ? "WARN" : "FAIL";
}

static void
show_check(Out *out, char **fields)
{
    const char *fix = *fields[3] ? fields[3] : NULL;

    if (!out_structured(out)) {
        out_text(out, "%s  %-15s %s\n", upper_level(fields[0]), fields[1], fields[2]);
        if (fix)
            out_text(out, "      %-15s -> %s\n", "", fix);
        return;
    }
    out_record_begin(out, 0);
    out_field(out, NULL, "check", OUT_STR(fields[1]));
    out_field(out, NULL, "result", OUT_STR(fields[0]));
    out_field(out, NULL, "finding", OUT_STR(fields[2]));
    out_field(out, NULL, "fix", fix ? OUT_STR(fix) : OUT_ABSENT(NULL));
    out_record_end(out);
}

static gboolean
doctor_run(CmdContext *ctx, GError **error)
{
    g_auto(connect_doctor_result) result = { 0 };
    Out *out = cmd_out(ctx);
    g_auto(GStrv) lines = NULL;
    guint failed = 0;

    if (!connect_doctor(cmd_connection(ctx), &(connect_doctor_args){ }, &result, error))
        return FALSE;
    lines = g_strsplit(result.checks, "\n", -1);
    out_records_begin(out);
    for (char **line = lines; *line && **line; line++) {
        g_auto(GStrv) fields = g_strsplit(*line, "\t", 4);

        if (g_strv_length(fields) != 4)
            continue;
        show_check(out, fields);
        failed += strcmp(fields[0], "fail") == 0;
    }
    out_records_end(out);
    return failed == 0 || cmd_fail_silently(error, HV_ERR_OPERATION_FAILED, "%u checks failed", failed);
}

const CmdDef cmd_doctor = {
    .name = "doctor",
    .group = "host",
    .help = "what this host needs to run guests",
    .desc = "Check what guests need of this host: KVM that works, control groups, devices, QEMU, firmware and helpers, limits. Each "
            "check is a line with PASS, WARN or FAIL; below what is not in order stands the command that mends it. Fails when "
            "a check does.",
    .flags = CMD_HVSH,
    .run = doctor_run,
};
