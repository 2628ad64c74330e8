#include "supervisor/status.h"

#include "util/error.h"
#include "util/files.h"
#include "util/process.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#define MAGIC "hvsh-status 1"

typedef struct {
    const char *key;
    gint64 min;
    gint64 max;
} NumberKey;

enum { KEY_ID, KEY_PID, KEY_PID_START, KEY_STATE, KEY_REASON, KEY_SINCE, KEY_SUPERVISOR_PID, KEY_SUPERVISOR_START, KEY_REBOOT,
       N_KEYS };

static const NumberKey number_keys[N_KEYS] = {
    [KEY_ID] = { "id", -1, G_MAXINT32 },
    [KEY_PID] = { "pid", 0, G_MAXINT32 },
    [KEY_PID_START] = { "pid-start", 0, G_MAXINT64 },
    [KEY_STATE] = { "state", 0, STATE_PMSUSPENDED },
    [KEY_REASON] = { "reason", 0, 100 },
    [KEY_SINCE] = { "since", 0, G_MAXINT64 },
    [KEY_SUPERVISOR_PID] = { "supervisor-pid", 0, G_MAXINT32 },
    [KEY_SUPERVISOR_START] = { "supervisor-start", 0, G_MAXINT64 },
    [KEY_REBOOT] = { "reboot", 0, 1 },
};

static gboolean
parse_line(const char *line, gint64 numbers[N_KEYS], guint *seen, char uuid[37], GError **error)
{
    const char *equals = strchr(line, '=');
    gsize length;

    if (!equals)
        return hv_throw(error, HV_ERR_INTERNAL_ERROR, "status file: a line is not of the form key=value");
    length = (gsize)(equals - line);
    if (length == 4 && memcmp(line, "uuid", 4) == 0) {
        if (strlen(equals + 1) > 36)
            return hv_throw(error, HV_ERR_INTERNAL_ERROR, "status file: the value of 'uuid' is too long");
        strcpy(uuid, equals + 1);
        return TRUE;
    }
    for (int i = 0; i < N_KEYS; i++) {
        const NumberKey *key = &number_keys[i];

        if (strlen(key->key) != length || memcmp(line, key->key, length) != 0)
            continue;
        if (!g_ascii_string_to_signed(equals + 1, 10, key->min, key->max, &numbers[i], NULL))
            return hv_throw(error, HV_ERR_INTERNAL_ERROR, "status file: '%s' has the value '%s'", key->key, equals + 1);
        *seen |= 1u << i;
        return TRUE;
    }
    return TRUE;
}

gboolean
status_parse(const char *text, gsize length, RunStatus *status, GError **error)
{
    const guint required = 1u << KEY_ID | 1u << KEY_PID | 1u << KEY_PID_START | 1u << KEY_STATE | 1u << KEY_REASON;
    char buffer[STATUS_MAX_SIZE + 1], uuid[37] = "", *line = buffer;
    gint64 numbers[N_KEYS] = { 0 };
    guint seen = 0;

    if (length > STATUS_MAX_SIZE)
        return hv_throw(error, HV_ERR_INTERNAL_ERROR, "status file: larger than %d bytes", STATUS_MAX_SIZE);
    if (memchr(text, '\0', length))
        return hv_throw(error, HV_ERR_INTERNAL_ERROR, "status file: it holds a zero byte");
    if (length < strlen(MAGIC) + 1 || memcmp(text, MAGIC "\n", strlen(MAGIC) + 1) != 0)
        return hv_throw(error, HV_ERR_INTERNAL_ERROR, "status file: it does not begin with '%s'", MAGIC);
    memcpy(buffer, text, length);
    buffer[length] = '\0';

    line += strlen(MAGIC) + 1;
    while (*line) {
        char *end = strchr(line, '\n');

        if (!end)
            return hv_throw(error, HV_ERR_INTERNAL_ERROR, "status file: its last line is cut off");
        *end = '\0';
        if (!parse_line(line, numbers, &seen, uuid, error))
            return FALSE;
        line = end + 1;
    }
    for (int i = 0; i < N_KEYS; i++)
        if ((required & ~seen) & 1u << i)
            return hv_throw(error, HV_ERR_INTERNAL_ERROR, "status file: '%s' is missing", number_keys[i].key);

    *status = (RunStatus){
        .id = (int)numbers[KEY_ID],
        .pid = (pid_t)numbers[KEY_PID],
        .pid_start = (guint64)numbers[KEY_PID_START],
        .state = (int)numbers[KEY_STATE],
        .reason = (int)numbers[KEY_REASON],
        .since = numbers[KEY_SINCE],
        .supervisor_pid = (pid_t)numbers[KEY_SUPERVISOR_PID],
        .supervisor_start = (guint64)numbers[KEY_SUPERVISOR_START],
        .reboot = numbers[KEY_REBOOT] != 0,
    };
    memcpy(status->uuid, uuid, sizeof uuid);
    return TRUE;
}

char *
status_format(const RunStatus *status)
{
    return g_strdup_printf(MAGIC "\nid=%d\nuuid=%s\npid=%d\npid-start=%" G_GUINT64_FORMAT "\nstate=%d\nreason=%d\n"
                           "since=%" G_GINT64_FORMAT "\nsupervisor-pid=%d\nsupervisor-start=%" G_GUINT64_FORMAT "\nreboot=%d\n",
                           status->id, status->uuid, (int)status->pid, status->pid_start, status->state, status->reason,
                           status->since, (int)status->supervisor_pid, status->supervisor_start, status->reboot ? 1 : 0);
}

gboolean
status_read(int dir_fd, const char *path, RunStatus *status, gboolean *missing, GError **error)
{
    hv_autofd int fd = openat(dir_fd, path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
    char text[STATUS_MAX_SIZE + 1];
    gssize got;

    if (missing)
        *missing = fd < 0 && errno == ENOENT;
    if (fd < 0) {
        if (missing && *missing)
            return FALSE;
        return hv_throw_errno(error, errno, "cannot read '%s'", path);
    }
    got = read(fd, text, sizeof text);
    if (got < 0)
        return hv_throw_errno(error, errno, "cannot read '%s'", path);
    if (!status_parse(text, (gsize)got, status, error)) {
        g_prefix_error(error, "%s: ", path);
        return FALSE;
    }
    return TRUE;
}

gboolean
status_read_folder(int dir_fd, const char *folder, RunStatus *status, gboolean *missing, GError **error)
{
    g_autofree char *path = g_build_filename(folder, STATUS_FILE, NULL);
    g_autofree char *first_path = g_build_filename(folder, STATUS_FIRST_FILE, NULL);
    g_autoptr(GError) problem = NULL;
    gboolean absent;
    RunStatus first;

    if (missing)
        *missing = FALSE;
    if (status_read(dir_fd, path, status, &absent, &problem))
        return TRUE;
    if (status_read(dir_fd, first_path, &first, NULL, NULL) && status_running(&first)) {
        first.state = STATE_NOSTATE;
        first.reason = 0;
        *status = first;
        return TRUE;
    }
    if (missing && absent)
        *missing = TRUE;
    else if (absent)
        hv_throw_errno(error, ENOENT, "cannot read '%s'", path);
    else
        g_propagate_error(error, g_steal_pointer(&problem));
    return FALSE;
}

gboolean
status_write(int dir_fd, const char *path, const RunStatus *status, GError **error)
{
    g_autofree char *text = status_format(status);

    return file_write(dir_fd, path, NULL, text, -1, FILE_WRITE_DEFAULT, error);
}

gboolean
status_running(const RunStatus *status)
{
    return process_alive(status->pid, status->pid_start);
}

gboolean
status_supervised(const RunStatus *status)
{
    return process_alive(status->supervisor_pid, status->supervisor_start);
}
