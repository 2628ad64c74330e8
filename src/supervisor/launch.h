/* The launch description: all that hvsh-supervisor is told about a domain. It is one JSON object, written to the socket that is
 * the supervisor's descriptor 3 (LAUNCH_FD) and kept as run/qemu/NAME/launch.json, from which another supervisor can go on.
 *
 *   {"version":1, "name":"web", "uuid":"…", "id":3,
 *    "argv":["/usr/bin/qemu-system-x86_64","-name","guest=web",…], "env":["PATH=…"], "cwd":"/",
 *    "run_dir":"/run/hvsh/qemu/web", "log":"/var/log/hvsh/qemu/web.log",
 *    "dump_dir":"/var/lib/hvsh/qemu/dump",
 *    "monitor_fd":30, "fds":[31,32],
 *    "start":"running", "running_reason":1, "paused_reason":1, "handshake_ms":30000, "term_ms":10000,
 *    "on_poweroff":"destroy", "on_reboot":"restart", "on_crash":"destroy",
 *    "owner":{"pid":100,"start":8812300}, "holder":{"pid":100,"start":8812300},
 *    "helpers":[{"name":"swtpm","alias":"tpm0","argv":["/usr/bin/swtpm","socket",…],"log":"/var/log/hvsh/qemu/web-tpm0-swtpm.log",
 *                "fds":[3],"pid":4701,"start":8812340},
 *               {"name":"dbus-daemon",…,"socket":"/run/hvsh/qemu/web/dbus/dbus.sock",…}],
 *    "definition":"/etc/hvsh/qemu/web.xml",
 *    "release":{"taps":["vnet0"],"files":["/run/…"],"trees":["/var/lib/hvsh/swtpm/…"],
 *               "hooks":[["/etc/hvsh/hooks/qemu","web","release"]]}}
 *
 * The argv must hold `-S`, `-no-shutdown` and a monitor in control mode on
 * `-chardev socket,id=charmonitor,fd=MONITOR_FD,server=on,wait=off`: the supervisor makes the listening socket
 * run/qemu/NAME/monitor.sock and QEMU finds it under that number.
 *
 * Descriptors that the shell has opened (taps, vhost, logs) come over the same socket, each along with a blank before the
 * text, and are put under the numbers fds[i] in QEMU; those of the helpers follow, in their order. The supervisor keeps none of
 * them once QEMU runs. The process of a helper is known when it has been started. Strings that are not UTF-8 are carried as
 * U+0001 "bytes:" and one character per byte. */
#pragma once

#include <glib.h>
#include <jansson.h>
#include <sys/types.h>

G_BEGIN_DECLS

#define LAUNCH_VERSION 1
#define LAUNCH_MAX_SIZE (4 * 1024 * 1024)
#define LAUNCH_FILE "launch.json"
/* The file also holds what became of it: processes of helpers, what else is to be released. */
#define LAUNCH_FILE_MAX_SIZE (2 * LAUNCH_MAX_SIZE)

#define LAUNCH_FD 3             /* the description is read here, up to its end */
#define LAUNCH_ANSWER_FD 4      /* one JSON line goes out here: {"ready":…} or {"error":…} */
#define LAUNCH_MAX_FDS 256
#define LAUNCH_WAIT_MS 120000   /* so long the supervisor waits for its begin: the shell may have to ask a QEMU what it can do */

typedef enum {
    LAUNCH_START_RUNNING,       /* the supervisor lets the CPUs run before it answers */
    LAUNCH_START_PAUSED,        /* they stay stopped for the user: paused, paused_reason */
    LAUNCH_START_HOLD,          /* stopped for the shell, which has more to set up and then sends `cont`:
                                 * paused (starting up) until then, running_reason afterwards */
} LaunchStart;

/* libvirt's names in JSON: destroy, restart, preserve, rename-restart, coredump-destroy, coredump-restart. */
typedef enum {
    LAUNCH_ACTION_DESTROY,
    LAUNCH_ACTION_RESTART,
    LAUNCH_ACTION_PRESERVE,
    LAUNCH_ACTION_RENAME_RESTART,       /* acts like restart, as in libvirt's QEMU driver */
    LAUNCH_ACTION_COREDUMP_DESTROY,
    LAUNCH_ACTION_COREDUMP_RESTART,
} LaunchAction;

/* A program that serves QEMU for one of the domain's devices: it is started before QEMU and ended after it. Its output
 * goes to @log_path. */
typedef struct {
    char *name;                 /* "virtiofsd" */
    char *alias;                /* of the device */
    char **argv;                /* argv[0] by its path */
    char *log_path;             /* NULL: nowhere */
    GArray *fds;                /* LaunchFd: its descriptors */
    char *socket;               /* it is ready when it listens there; NULL: at once */
    pid_t pid;                  /* 0: it was not started yet */
    guint64 pid_start;
} LaunchHelper;

/* What is undone when QEMU and its helpers have ended, in this order: hooks are run, taps deleted, files unlinked, folders
 * removed with all that is in them. */
typedef struct {
    GPtrArray *taps;            /* char *: names of interfaces */
    GPtrArray *files;           /* char *: paths */
    GPtrArray *trees;           /* char *: absolute paths; they stay while SupervisorLaunch.definition exists */
    GPtrArray *hooks;           /* char **: argv, run without a shell, 30 s each */
} LaunchRelease;

/* All members are owned by it, except that @fds are only borrowed. */
typedef struct {
    char *name;                 /* required */
    char *uuid;                 /* required */
    int id;
    char **argv;                /* required */
    char **env;                 /* NULL: the launcher's environment */
    char *cwd;                  /* NULL: / */
    char *run_dir;              /* required, absolute */
    char *log_path;             /* NULL: QEMU's output goes to /dev/null, and its last words are lost */
    char *dump_dir;             /* where on_crash=coredump-… puts the guest's memory; NULL: nowhere */
    int monitor_fd;             /* required, above 2 */
    GArray *fds;                /* LaunchFd */
    LaunchStart start;
    int running_reason;         /* RunningReason once it runs; BOOTED by launch_new() */
    int paused_reason;          /* PausedReason for LAUNCH_START_PAUSED; USER by launch_new() */
    int handshake_ms;           /* how long QEMU may take to its first answer; 30 s by launch_new() */
    int term_ms;                /* how long after SIGTERM it is killed; libvirt's 10 s by launch_new() */
    LaunchAction on_poweroff;   /* destroy */
    LaunchAction on_reboot;     /* restart */
    LaunchAction on_crash;      /* destroy */
    pid_t owner_pid;            /* the domain is destroyed when this process ends; 0: nobody */
    guint64 owner_start;
    pid_t holder_pid;           /* with LAUNCH_START_HOLD: the shell. When it ends before `cont` (or "set-state"), the domain
                                 * ends as failed. supervisor_start() fills it in. */
    guint64 holder_start;
    GPtrArray *helpers;         /* LaunchHelper */
    char *definition;           /* the file that says that the domain is persistent; NULL: release.trees always go */
    LaunchRelease release;
} SupervisorLaunch;

typedef struct {
    int fd;                     /* of this process, borrowed; -1 in what was read from JSON */
    int target;                 /* its number in QEMU */
} LaunchFd;

SupervisorLaunch *launch_new(const char *name, const char *uuid, int id);
void launch_free(SupervisorLaunch *launch);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(SupervisorLaunch, launch_free)

void launch_add_fd(SupervisorLaunch *launch, int fd, int target);
void launch_add_file(SupervisorLaunch *launch, const char *path);
/* Copies everything; the helper is the launch description's. */
LaunchHelper *launch_add_helper(SupervisorLaunch *launch, const char *name, const char *alias,
                                const char *const *argv, const char *log_path);
void launch_helper_add_fd(LaunchHelper *helper, int fd, int target);
/* QEMU's and the helpers': an array of LaunchFd in the order in which the supervisor gets them. */
GArray *launch_all_fds(const SupervisorLaunch *launch);

/* Says which descriptors those of a launch description that was read are, in the order of launch_all_fds(). INTERNAL_ERROR when
 * there are not as many of both. */
gboolean launch_set_fds(SupervisorLaunch *launch, const int *fds, guint n_fds, GError **error);

/* A new reference. */
json_t *launch_to_json(const SupervisorLaunch *launch);
/* NULL with INTERNAL_ERROR "launch description: …" that names the member at fault. */
SupervisorLaunch *launch_from_json(const json_t *json, GError **error);
/* The one that is kept in the runtime folder @run_dir, which is open as @dir_fd. NULL with the cause. */
SupervisorLaunch *launch_read(int dir_fd, const char *run_dir, GError **error);

/* {"taps":…,"files":…,"trees":…,"hooks":…} added to or (where equal) taken from what is released. */
gboolean launch_release_add(LaunchRelease *release, const json_t *json, GError **error);
gboolean launch_release_remove(LaunchRelease *release, const json_t *json, GError **error);

const char *launch_action_name(LaunchAction action);
gboolean launch_action_parse(const char *name, LaunchAction *action);

G_END_DECLS
