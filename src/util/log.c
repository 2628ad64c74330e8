#include "util/log.h"

#include <errno.h>
#include <fcntl.h>
#include <fnmatch.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/un.h>
#include <syslog.h>
#include <unistd.h>

#include "util/error.h"

/* The socket of systemd's journal and its datagram format: https://systemd.io/JOURNAL_NATIVE_PROTOCOL */
#define JOURNALD_SOCKET "/run/systemd/journal/socket"

typedef struct {
    LogLevel level;
    char *match;                /* pattern of fnmatch(3) */
} LogFilter;

typedef enum { OUTPUT_STDERR, OUTPUT_FILE, OUTPUT_SYSLOG, OUTPUT_JOURNALD } OutputKind;

typedef struct {
    LogLevel level;
    OutputKind kind;
    char *name;                 /* file path or syslog name */
    int fd;
} LogOutput;

static struct {
    gboolean ready;
    int lowest;                 /* no filter lets a lower level through */
    int default_level;
    GArray *filters;
    GArray *outputs;
} state = { .lowest = LOG_LEVEL_ERROR + 1 };

/* What an environment variable says, and the name that it was found under. */
typedef struct {
    const char *name;
    const char *text;           /* NULL: not set, or empty */
} Setting;

static Setting
setting_from_env(const char *ours, const char *theirs)
{
    Setting setting = { ours, g_getenv(ours) };

    if (!setting.text)
        setting = (Setting){ theirs, g_getenv(theirs) };
    if (setting.text && !*setting.text)
        setting.text = NULL;
    return setting;
}

static gboolean
level_parse(const char **word, LogLevel *level, GError **error)
{
    const char *text = *word;

    if (text[0] < '1' || text[0] > '4' || text[1] != ':')
        return hv_throw(error, HV_ERR_USAGE, "'%s' does not begin with a level from 1 to 4 and a colon", text);
    *level = text[0] - '0';
    *word = text + 2;
    return TRUE;
}

static void
filter_clear(gpointer data)
{
    g_free(((LogFilter *)data)->match);
}

static void
output_clear(gpointer data)
{
    LogOutput *output = data;

    g_free(output->name);
    if (output->fd > 2)
        close(output->fd);
}

static GArray *
filters_parse(const char *text, GError **error)
{
    g_auto(GStrv) words = g_strsplit_set(text, " \t\n", -1);
    g_autoptr(GArray) filters = g_array_new(FALSE, TRUE, sizeof(LogFilter));

    g_array_set_clear_func(filters, filter_clear);
    for (guint i = 0; words[i]; i++) {
        const char *word = words[i];
        LogFilter filter = { 0 };

        if (!*word)
            continue;
        if (!level_parse(&word, &filter.level, error))
            return NULL;
        if (*word == '+')       /* libvirt once asked for stack traces so */
            word++;
        if (!*word) {
            hv_throw(error, HV_ERR_USAGE, "log filter '%s' names no module", words[i]);
            return NULL;
        }
        /* As in libvirt: "qemu" is any module with these letters in it, and shell patterns may be used. */
        filter.match = g_strconcat(*word == '*' ? "" : "*", word, "*", NULL);
        g_array_append_val(filters, filter);
    }
    return g_steal_pointer(&filters);
}

static int
journald_open(void)
{
    struct sockaddr_un address = { .sun_family = AF_UNIX, .sun_path = JOURNALD_SOCKET };
    int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);

    if (fd >= 0 && connect(fd, (struct sockaddr *)&address, sizeof address) < 0) {
        int saved = errno;

        close(fd);
        errno = saved;
        return -1;
    }
    return fd;
}

static gboolean
output_open(LogOutput *output, const char *word, GError **error)
{
    output->fd = -1;
    if (!strcmp(word, "stderr")) {
        output->kind = OUTPUT_STDERR;
        output->fd = STDERR_FILENO;
    } else if (g_str_has_prefix(word, "file:") && word[5] == '/') {
        output->kind = OUTPUT_FILE;
        output->name = g_strdup(word + 5);
        output->fd = open(output->name, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC | O_NOCTTY, 0600);
        if (output->fd < 0)
            return hv_throw_errno(error, errno, "cannot open log file '%s'", output->name);
    } else if (g_str_has_prefix(word, "syslog:") && word[7]) {
        output->kind = OUTPUT_SYSLOG;
        output->name = g_strdup(word + 7);
        openlog(output->name, LOG_PID, LOG_USER);
    } else if (!strcmp(word, "journald")) {
        output->kind = OUTPUT_JOURNALD;
        output->fd = journald_open();
        if (output->fd < 0)
            return hv_throw_errno(error, errno, "cannot connect to the journal at '%s'", JOURNALD_SOCKET);
    } else {
        return hv_throw(error, HV_ERR_USAGE,
                        "log output '%s' is not stderr, file:/PATH, syslog:NAME or journald", word);
    }
    return TRUE;
}

static GArray *
outputs_parse(const char *text, GError **error)
{
    g_auto(GStrv) words = g_strsplit_set(text, " \t\n", -1);
    g_autoptr(GArray) outputs = g_array_new(FALSE, TRUE, sizeof(LogOutput));

    g_array_set_clear_func(outputs, output_clear);
    for (guint i = 0; words[i]; i++) {
        const char *word = words[i];
        LogOutput output = { 0 };

        if (!*word)
            continue;
        if (!level_parse(&word, &output.level, error))
            return NULL;
        if (!output_open(&output, word, error)) {
            g_free(output.name);
            return NULL;
        }
        g_array_append_val(outputs, output);
    }
    return g_steal_pointer(&outputs);
}

/* Takes both. */
static void
install(GArray *filters, GArray *outputs, int default_level)
{
    if (outputs->len == 0) {
        LogOutput output = { .level = LOG_LEVEL_DEBUG, .kind = OUTPUT_STDERR, .fd = STDERR_FILENO };

        g_array_append_val(outputs, output);
    }
    g_clear_pointer(&state.filters, g_array_unref);
    g_clear_pointer(&state.outputs, g_array_unref);
    state.default_level = default_level ? default_level : LOG_LEVEL_ERROR + 1;
    state.lowest = state.default_level;
    for (guint i = 0; i < filters->len; i++)
        state.lowest = MIN(state.lowest, (int)g_array_index(filters, LogFilter, i).level);
    state.filters = filters;
    state.outputs = outputs;
    state.ready = TRUE;
}

gboolean
log_configure(const char *filters, const char *outputs, int default_level, GError **error)
{
    g_autoptr(GArray) new_filters = filters_parse(filters ? filters : "", error);
    g_autoptr(GArray) new_outputs = new_filters ? outputs_parse(outputs ? outputs : "", error) : NULL;

    if (!new_outputs)
        return FALSE;
    install(g_steal_pointer(&new_filters), g_steal_pointer(&new_outputs), default_level);
    return TRUE;
}

/* 0 when none is set. */
static gboolean
level_from_text(const char *text, int *level, GError **error)
{
    static const char *const names[] = { "debug", "info", "warning", "error" };

    *level = 0;
    if (!text)
        return TRUE;
    if (text[0] >= '1' && text[0] <= '4' && !text[1])
        *level = text[0] - '0';
    for (guint i = 0; i < G_N_ELEMENTS(names); i++)
        if (!g_ascii_strcasecmp(text, names[i]))
            *level = (int)i + 1;
    return *level || hv_throw(error, HV_ERR_USAGE, "'%s' is not a level from 1 to 4, debug, info, warning or error", text);
}

/* Takes @problem, which may be NULL. */
static void
add_problem(GString *problems, const Setting *setting, GError *problem)
{
    if (problem)
        g_string_append_printf(problems, "%s%s is ignored: %s", problems->len ? "; " : "", setting->name, problem->message);
    g_clear_error(&problem);
}

gboolean
log_configure_from_env(GError **error)
{
    Setting filters = setting_from_env("HVSH_LOG_FILTERS", "LIBVIRT_LOG_FILTERS");
    Setting outputs = setting_from_env("HVSH_LOG_OUTPUTS", "LIBVIRT_LOG_OUTPUTS");
    Setting default_level = setting_from_env("HVSH_LOG_LEVEL", "LIBVIRT_DEBUG");
    g_autoptr(GString) problems = NULL;
    GArray *new_filters, *new_outputs;
    GError *problem = NULL;
    int level;

    state.ready = TRUE;
    if (!filters.text && !outputs.text && !default_level.text)
        return TRUE;

    problems = g_string_new(NULL);
    new_filters = filters_parse(filters.text ? filters.text : "", &problem);
    add_problem(problems, &filters, g_steal_pointer(&problem));
    new_outputs = outputs_parse(outputs.text ? outputs.text : "", &problem);
    add_problem(problems, &outputs, g_steal_pointer(&problem));
    level_from_text(default_level.text, &level, &problem);
    add_problem(problems, &default_level, g_steal_pointer(&problem));
    if (!new_filters)
        new_filters = g_array_new(FALSE, TRUE, sizeof(LogFilter));
    if (!new_outputs)
        new_outputs = g_array_new(FALSE, TRUE, sizeof(LogOutput));
    /* Outputs alone mean libvirt's default level: warnings and errors. */
    if (new_filters->len == 0 && new_outputs->len > 0 && !level)
        level = LOG_LEVEL_WARN;
    install(new_filters, new_outputs, level);
    return problems->len == 0 || hv_throw(error, HV_ERR_USAGE, "%s", problems->str);
}

gboolean
log_enabled(LogLevel level, const char *module)
{
    int wanted;

    if (!state.ready)
        log_configure_from_env(NULL);
    if ((int)level < state.lowest)
        return FALSE;
    if (!state.filters)
        return FALSE;
    wanted = state.default_level;
    for (guint i = 0; i < state.filters->len; i++) {
        const LogFilter *filter = &g_array_index(state.filters, LogFilter, i);

        if (fnmatch(filter->match, module, 0) == 0) {
            wanted = filter->level;
            break;
        }
    }
    return (int)level >= wanted;
}

static void
write_whole(int fd, const char *line, gsize length)
{
    while (length > 0) {
        ssize_t n = write(fd, line, length);

        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0)
            return;
        line += n;
        length -= n;
    }
}

static void
write_journald(int fd, LogLevel level, const char *module, const char *function, const char *message)
{
    static const int priorities[] = { LOG_DEBUG, LOG_DEBUG, LOG_INFO, LOG_WARNING, LOG_ERR };
    g_autoptr(GString) packet = g_string_new(NULL);
    guint64 length = GUINT64_TO_LE((guint64)strlen(message));

    g_string_append_printf(packet, "PRIORITY=%d\nSYSLOG_IDENTIFIER=hvsh\nHVSH_SOURCE=%s\nCODE_FUNC=%s\nMESSAGE\n",
                           priorities[level], module, function);
    g_string_append_len(packet, (const char *)&length, sizeof length);
    g_string_append(packet, message);
    g_string_append_c(packet, '\n');
    if (send(fd, packet->str, packet->len, MSG_NOSIGNAL | MSG_DONTWAIT) < 0)
        return;                 /* the journal is gone; there is nowhere to say so */
}

void
log_write(LogLevel level, const char *module, const char *function, const char *format, ...)
{
    static const char *const names[] = { "", "debug", "info", "warning", "error" };
    static const int priorities[] = { LOG_DEBUG, LOG_DEBUG, LOG_INFO, LOG_WARNING, LOG_ERR };
    g_autofree char *message = NULL, *line = NULL, *stamp = NULL;
    g_autoptr(GDateTime) now = g_date_time_new_now_utc();
    va_list args;
    int saved = errno;

    va_start(args, format);
    message = g_strdup_vprintf(format, args);
    va_end(args);
    stamp = g_date_time_format(now, "%Y-%m-%d %H:%M:%S");
    line = g_strdup_printf("%s.%03d+0000: %ld: %s : %s:%s : %s\n", stamp, g_date_time_get_microsecond(now) / 1000,
                           (long)syscall(SYS_gettid), names[level], module, function, message);

    for (guint i = 0; state.outputs && i < state.outputs->len; i++) {
        const LogOutput *output = &g_array_index(state.outputs, LogOutput, i);

        if (level < output->level)
            continue;
        if (output->kind == OUTPUT_SYSLOG)
            syslog(priorities[level], "%s:%s : %s", module, function, message);
        else if (output->kind == OUTPUT_JOURNALD)
            write_journald(output->fd, level, module, function, message);
        else
            write_whole(output->fd, line, strlen(line));
    }
    errno = saved;
}
