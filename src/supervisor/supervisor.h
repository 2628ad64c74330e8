/* Inside hvsh-supervisor: one domain, one thread, one main loop. Every file of this folder that is not shared with the shell
 * works on this one structure; who writes which part is said below. */
#pragma once

#include "supervisor/journal.h"
#include "supervisor/launch.h"
#include "supervisor/peer.h"
#include "supervisor/scan.h"
#include "supervisor/status.h"

G_BEGIN_DECLS

#define QMP_SOCKET "qmp.sock"
#define CONTROL_SOCKET "supervisor.sock"
#define MONITOR_SOCKET "monitor.sock"
#define LIVE_FILE "live.xml"
#define CONSOLE_FILE "console.log"

typedef struct Supervisor Supervisor;
typedef struct Client Client;
typedef struct Helper Helper;

/* @reply is NULL when the link to QEMU was lost before the answer came. */
typedef void (*MonitorReply)(Supervisor *sup, const ScanMessage *reply, gpointer data);

typedef enum {
    MONITOR_DOWN,
    MONITOR_GREETING,           /* connected, QEMU has not said anything */
    MONITOR_NEGOTIATING,
    MONITOR_READY,
} MonitorState;

struct Supervisor {
    SupervisorLaunch *launch;
    RunStatus status;
    struct stat status_file;    /* the status file as last written */
    GMainLoop *loop;
    int answer_fd;              /* to the shell that started or adopts; -1 once answered */
    guint answer_source;        /* tells when that shell ends before it */
    gboolean adopted;           /* QEMU is not our child */
    gboolean answered;          /* ready: from now on the domain lives without a shell */
    gboolean finished;          /* QEMU is gone, or was never there; the main loop ends */

    /* folder.c */
    int lock_fd;
    int dir_fd;
    int qmp_listener;
    int control_listener;
    guint qmp_source;
    guint control_source;
    int inotify_fd;
    int live_fd;                /* the live document as it was last put there, to bring it back */
    guint inotify_source;
    guint restore_timer;
    guint restore_attempts;

    /* log.c */
    int log_fd;
    gint64 log_start;           /* where this QEMU's words begin */

    /* journal-writer.c */
    int journal_fd;
    guint64 seq;                /* of the last entry */
    gsize journal_size;
    guint64 journal_lost;       /* entries that could not be written since one could */
    guint64 journal_lost_total;

    /* monitor.c */
    MonitorState monitor_state;
    int monitor_fd;
    guint monitor_in;
    guint monitor_out;
    ScanStream monitor_stream;
    GQueue monitor_queue;       /* messages on their way to QEMU */
    gsize monitor_queued;       /* bytes in it */
    GQueue pending;             /* commands that QEMU has not answered */
    guint64 next_id;
    char *greeting;             /* QEMU's own, with a line end */
    guint monitor_timer;        /* handshake */

    /* proxy.c, control.c */
    GPtrArray *clients;
    GPtrArray *controls;

    /* console.c */
    int console_fd;
    int console_notify;
    goffset console_hole;       /* where the hole at its beginning ends */
    guint console_timer;

    /* qemu.c */
    int pidfd;
    int owner_pidfd;
    guint owner_source;
    int holder_pidfd;
    guint holder_source;
    gboolean ending;            /* QEMU was told to end */
    gboolean end_graceful;
    int end_reason;             /* ShutoffReason it was told to end for; -1 */
    guint end_timer;

    /* helper.c */
    GPtrArray *helpers;         /* Helper */

    /* guest.c */
    int expect_stop;            /* announced reasons; -1 */
    int expect_resume;
    int expect_end;
    int pause_hint;             /* PausedReason that QEMU's events gave for the STOP that follows; -1 */
    gboolean got_shutdown;
    gboolean panicked;
    gboolean resetting;         /* a reset of ours is on its way, the CPUs go on after it */
    int reset_reason;           /* RunningReason then */
    guint reset_timer;
};

/* --- main.c: answers to the shell --- */
void supervisor_answer_ready(Supervisor *sup);
/* Takes @error. */
void supervisor_answer_error(Supervisor *sup, GError *error);

/* --- folder.c: run/qemu/NAME --- */
gboolean folder_open(Supervisor *sup, const char *run_dir, gboolean create, gint64 deadline, GError **error);
gboolean folder_listen(Supervisor *sup, GError **error);
void folder_watch(Supervisor *sup);
gboolean folder_write_launch(Supervisor *sup, GError **error);
/* Writes sup->status. */
gboolean folder_put_status(Supervisor *sup, GError **error);
/* The same; a failure is noted in the log and repaired when that is possible. */
void folder_write_status(Supervisor *sup);
/* Looks whether something of the folder is gone, and brings it back. */
void folder_restore(Supervisor *sup);
/* Removes it; it may be another supervisor's at once. */
void folder_remove(Supervisor *sup);

/* --- log.c: the domain's log --- */
gboolean log_open(Supervisor *sup, GError **error);
void log_note(Supervisor *sup, const char *format, ...) G_GNUC_PRINTF(2, 3);
void log_command(Supervisor *sup);
/* What is written from here on is QEMU's. */
void log_mark(Supervisor *sup);
/* What QEMU has written to it since it was started, the end of it; a new string, "" for nothing. */
char *log_last_words(Supervisor *sup);
/* The same of another log that is open for reading (-1: ""). */
char *log_words_since(int fd, goffset begin);

/* --- console.c: the record of the guest's console --- */
void console_watch(Supervisor *sup);

/* --- journal-writer.c --- */
void journal_open(Supervisor *sup);
/* @members is what stands in the object besides seq and t: `"event":{…}`. */
void journal_append(Supervisor *sup, const char *members, gsize length);
/* Copies the journal into the new folder @dir_fd. */
void journal_move(Supervisor *sup, int dir_fd);

/* --- monitor.c: the one connection to QEMU --- */
gboolean monitor_connect(Supervisor *sup, GError **error);
void monitor_close(Supervisor *sup);
/* A command of the supervisor's own; @arguments is JSON text or NULL. @func may be NULL. */
void monitor_call(Supervisor *sup, const char *command, const char *arguments, MonitorReply func, gpointer data);
/* Passes @text, a checked command, on under an id of its own; @fd (-1: none) goes with it and is closed. */
void monitor_forward(Supervisor *sup, Client *client, const ScanMessage *command, const char *text, gsize length, int fd);
void monitor_forget_client(Supervisor *sup, Client *client);
/* Whether a client's command of that name is waiting for its answer. */
gboolean monitor_is_pending(Supervisor *sup, const char *command);
/* Reads what QEMU sent before it went. */
void monitor_drain(Supervisor *sup);

/* --- proxy.c: qmp.sock --- */
void proxy_init(Supervisor *sup);
void proxy_accept(Supervisor *sup);
void proxy_reply(Client *client, const char *client_id, const ScanMessage *reply, const char *text, gsize length);
/* The command got no answer, and will get none. */
void proxy_lost(Client *client, const char *client_id);
void proxy_event(Supervisor *sup, const char *text, gsize length);
void proxy_greet(Supervisor *sup);
void proxy_close(Supervisor *sup);
void proxy_set_reading(Supervisor *sup, gboolean reading);

/* --- control.c: supervisor.sock --- */
void control_init(Supervisor *sup);
void control_accept(Supervisor *sup);
/* Answers those who asked for QEMU's end; NULL: it has ended. */
void control_ended(Supervisor *sup, const GError *error);
void control_close(Supervisor *sup, gint64 deadline);

/* --- helper.c: the programs beside QEMU --- */
void helper_free(Helper *helper);
/* Starts those of the launch description. One that ends before QEMU is ready makes the start fail. */
gboolean helper_start_all(Supervisor *sup, GError **error);
/* QEMU is ready. */
void helper_ready_all(Supervisor *sup);
/* Watches those that an earlier supervisor has started. */
void helper_adopt_all(Supervisor *sup);
/* QEMU does not start: TRUE, and an error, when a helper is the cause of that. */
gboolean helper_blame(Supervisor *sup, GError **error);
/* After release_all(), which ends them. */
void helper_close(Supervisor *sup);

/* --- guest.c: what the guest does, and what follows from it --- */
void guest_init(Supervisor *sup);
void guest_event(Supervisor *sup, const ScanMessage *event);
/* Records it, when it is a change, and journals it; @lifecycle -1 for none. */
void guest_set_state(Supervisor *sup, int state, int reason, int lifecycle, int detail);
/* The guest was let run for the first time, or was left stopped for the user. */
void guest_started(Supervisor *sup);
/* Takes over what QEMU says of its run state (after adoption). */
void guest_sync(Supervisor *sup, const char *run_state, gboolean running);
int guest_end_reason(Supervisor *sup);
void guest_ended(Supervisor *sup, int reason);

/* --- qemu.c: the process --- */
gboolean qemu_start(Supervisor *sup, GError **error);
gboolean qemu_adopt(Supervisor *sup, GError **error);
/* The monitor is there: go on to "ready". */
void qemu_monitor_ready(Supervisor *sup);
/* The monitor cannot be had, or was @closed by QEMU; takes @error. */
void qemu_monitor_failed(Supervisor *sup, gboolean closed, GError *error);
void qemu_end(Supervisor *sup, gboolean graceful, int reason);
void qemu_watch_owner(Supervisor *sup);
void qemu_release_holder(Supervisor *sup);
/* The start, or the adoption, failed before the main loop ran; takes @error. An adopted QEMU is left alone. */
void qemu_abandon(Supervisor *sup, GError *error);

G_END_DECLS
