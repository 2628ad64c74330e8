/* screenshot: a picture of what a domain shows. */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "backend/xml.h"
#include "commands/common.h"
#include "util/process.h"

/* More of them nobody picks from a list. */
#define SCREENS_MAX 64

static char **
complete_screens(CmdContext *ctx, unsigned flags)
{
    g_autofree char *xml = complete_domain_xml(ctx);
    g_autoptr(GPtrArray) words = g_ptr_array_new_with_free_func(g_free);
    guint screens = 0;

    if (!xml || !xml_domain_screens(xml, &screens, NULL))
        return NULL;
    for (guint i = 0; i < MIN(screens, SCREENS_MAX); i++)
        g_ptr_array_add(words, g_strdup_printf("%u", i));
    g_ptr_array_add(words, NULL);
    return (char **)g_ptr_array_steal(words, NULL);
}

static const CmdOpt screenshot_opts[] = {
    CMD_DOMAIN_ACTIVE,
    { .name = "file", .type = CMD_OPT_STRING, .flags = CMD_OPT_FILE,
      .help = "where to write the picture; named after domain and time if not given" },
    { .name = "screen", .type = CMD_OPT_NUMBER, .complete = complete_screens, .help = "number of the screen, 0 being the first" },
    CMD_OPT_END
};

/* NAME-2026-11-21-06:14:27.png */
static char *
default_file(const DomainRef *dom, const char *mime)
{
    g_autoptr(GDateTime) now = g_date_time_new_now_local();
    g_autofree char *time = g_date_time_format(now, "%Y-%m-%d-%H:%M:%S");
    const char *extension = "";

    if (g_strcmp0(mime, "image/x-portable-pixmap") == 0)
        extension = ".ppm";
    else if (g_strcmp0(mime, "image/png") == 0)
        extension = ".png";
    return g_strdup_printf("%s-%s%s", dom->name, time, extension);
}

/* A descriptor of @path; *@created tells whether it is a new file. */
static int
open_target(const char *path, gboolean *created)
{
    int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);

    *created = fd >= 0;
    if (fd < 0 && errno == EEXIST)
        fd = open(path, O_WRONLY | O_TRUNC | O_CLOEXEC);
    return fd;
}

static gboolean
write_all(int fd, const char *path, const char *bytes, gsize length, GError **error)
{
    while (length > 0) {
        gssize written = write(fd, bytes, length);

        if (written < 0 && errno == EINTR)
            continue;
        if (written < 0)
            return hv_throw_errno(error, errno, "cannot write file '%s'", path);
        bytes += written;
        length -= (gsize)written;
    }
    return TRUE;
}

static gboolean
copy_stream(Stream *stream, int fd, const char *path, GError **error)
{
    for (;;) {
        char bytes[65536];
        gssize got = stream_read(stream, bytes, sizeof bytes, error);

        if (got <= 0)
            return got == 0 || (got == -2 && hv_throw(error, HV_ERR_INTERNAL_ERROR, "the screenshot is incomplete"));
        if (!write_all(fd, path, bytes, (gsize)got, error))
            return FALSE;
    }
}

static gboolean
save_picture(const DomainRef *dom, Stream *stream, const char *path, GError **error)
{
    gboolean created = FALSE;
    hv_autofd int fd = open_target(path, &created);

    if (fd < 0) {
        hv_throw_errno(error, errno, "open");
        hv_error_hide_message(error);
        return hv_error_add_sentence(error, "cannot create file %s", path);
    }
    if (copy_stream(stream, fd, path, error))
        return TRUE;
    if (created)
        unlink(path);
    return hv_error_add_sentence(error, "could not receive data from domain '%s'", dom->name);
}

static gboolean
screenshot_run(CmdContext *ctx, GError **error)
{
    g_auto(DomainRef) dom = { 0 };
    g_auto(domain_screenshot_result) result = { 0 };
    domain_screenshot_args args = { 0 };
    g_autoptr(Stream) stream = NULL;
    CallExtra extra = { .stream = &stream };
    const char *file = NULL;
    g_autofree char *path = NULL;

    if (!cmd_string(ctx, "file", &file, error) || !cmd_uint(ctx, "screen", &args.screen, error) ||
        !cmd_domain(ctx, &dom, error))
        return FALSE;
    args.dom = dom;
    if (!conn_call_extra(cmd_connection(ctx), OP_DOMAIN_SCREENSHOT, &args, &result, &extra, error))
        return hv_error_add_sentence(error, "could not take a screenshot of %s", dom.name);
    path = file ? g_strdup(file) : default_file(&dom, result.mime);
    if (!save_picture(&dom, stream, path, error))
        return FALSE;
    out_note_inline(cmd_out(ctx), "Screenshot saved to %s, with type of %s", path, result.mime ? result.mime : "(null)");
    return TRUE;
}

const CmdDef cmd_screenshot = {
    .name = "screenshot",
    .group = "domain",
    .help = "write a picture of what a domain shows into a file",
    .desc = "Take a picture of a screen of a domain and write it into a file.",
    .opts = screenshot_opts,
    .run = screenshot_run,
};
