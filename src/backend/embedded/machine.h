/* What holds running guests: a table of functions. machine-qemu.c does it with hvsh-supervisor and QEMU's monitor,
 * src/backend/test/ with a simulated QEMU.
 *
 * The caller holds the domain's lock for everything that changes the guest. The machine keeps the
 * store's status of the domain true (running, paused, reasons, shut off) and tells the watchers what happened to
 * the guest; the operations above it do neither. @domain is what the store says about a running domain. A NULL slot is
 * an operation that this kind of machine does not have. */
#pragma once

#include "backend/embedded/store.h"
#include "model/domain.h"

G_BEGIN_DECLS

typedef struct Machine Machine;

typedef struct {
    const char *name;
    const char *uuid;
    int id;
    xmlDoc *live;               /* made by domain_make_live(); the machine fills in what the host chooses (ports, ptys) */
    gboolean paused;            /* do not let the CPUs run */
    gboolean autodestroy;       /* the guest ends with this process */
    gboolean reset_nvram;
    const int *fds;             /* from the user: START with files */
    gsize n_fds;
} MachineStart;

typedef struct {
    char *alias;                /* of the device: "serial0" */
    char *path;                 /* of its pty */
} MachinePty;

typedef struct {
    /* On success the guest runs (or waits, with paused), the store says so, and @start->live has been saved as the
     * live document. On failure nothing is left behind. */
    gboolean (*start)(Machine *machine, const MachineStart *start, GError **error);
    /* What start() would do, as text. @start->id is -1. */
    char *(*plan)(Machine *machine, const MachineStart *start, GError **error);
    /* The command that start() would run, as text for a shell. Networks need not exist. */
    char *(*native)(Machine *machine, const MachineStart *start, GError **error);
    /* Which element of the domain becomes which part of that command: an array of QemuExplanation. */
    GPtrArray *(*explain)(Machine *machine, const MachineStart *start, GError **error);
    /* @graceful: fails when the emulator does not go by itself. @reason: SHUTOFF_…. On return nothing runs any more. */
    gboolean (*destroy)(Machine *machine, const StoreDomain *domain, gboolean graceful, int reason, GError **error);

    gboolean (*suspend)(Machine *machine, const StoreDomain *domain, GError **error);
    gboolean (*resume)(Machine *machine, const StoreDomain *domain, GError **error);
    /* The power button. @reboot: the guest's next shutdown makes it start again. */
    gboolean (*power_button)(Machine *machine, const StoreDomain *domain, gboolean reboot, GError **error);
    gboolean (*reset)(Machine *machine, const StoreDomain *domain, GError **error);
    gboolean (*inject_nmi)(Machine *machine, const StoreDomain *domain, GError **error);
    gboolean (*send_key)(Machine *machine, const StoreDomain *domain, guint codeset, guint holdtime_ms,
                         const UintList *keys, GError **error);
    /* @event: LIFECYCLE_TYPE_…; @action: libvirt's name. Tells the guest's holder only. */
    gboolean (*set_action)(Machine *machine, const StoreDomain *domain, guint event, const char *action, GError **error);

    /* Of all its processors, ns. */
    gboolean (*cpu_time)(Machine *machine, const StoreDomain *domain, guint64 *ns, GError **error);
    /* The ptys that its character devices got: an array of MachinePty. The caller holds the lock. */
    GPtrArray *(*ptys)(Machine *machine, const StoreDomain *domain, GError **error);

    /* The guest as it is, told by events of QEMU as they would have brought it there: a new JSON array. The caller holds the
     * lock. */
    json_t *(*observe)(Machine *machine, const StoreDomain *domain, GError **error);

    /* @device is an alias of a video device or NULL, @head one of its heads. *@mime: static string. */
    GBytes *(*screenshot)(Machine *machine, const StoreDomain *domain, const char *device, guint head,
                          const char **mime, GError **error);
    /* A descriptor for the character device @device of the live document; non-blocking. @force breaks another's session,
     * @safe insists on exclusive use. */
    int (*console)(Machine *machine, const StoreDomain *domain, const xmlNode *device, gboolean force, gboolean safe,
                   GError **error);
    /* Where the output of the first serial console is recorded: a new string, NULL without an error when nowhere.
     * *@offset: where that of this run begins. */
    char *(*console_log)(Machine *machine, const StoreDomain *domain, xmlDoc *live, guint64 *offset, GError **error);
    /* What a command to QEMU's monitor answers, as text. */
    char *(*monitor_command)(Machine *machine, const StoreDomain *domain, const char *command, gboolean human,
                             const int *fds, gsize n_fds, GError **error);
    /* CONTROL_… and how long (ms) it has been so. */
    gboolean (*control)(Machine *machine, const StoreDomain *domain, guint *state, guint *details, guint64 *since_ms,
                        GError **error);
    /* The paths (new strings) of the logs of a domain that runs: its emulator's and those of the programs beside it. */
    GPtrArray *(*logs)(Machine *machine, const StoreDomain *domain);
    /* The emulator's version: major * 1000000 + minor * 1000 + micro. */
    gboolean (*version)(Machine *machine, guint64 *version, GError **error);
    /* TRUE, and its path (a new string), when the domain has a variable store for UEFI. */
    gboolean (*nvram_exists)(Machine *machine, const xmlDoc *doc, char **path);
    /* The domain is about to be undefined. What its emulated TPM keeps is to go with the definition unless it is to stay (@keep;
     * persistent_state without @remove): then *@folder is where it lies, a new string. Who holds a running guest is told
     * the same, and removes it when the guest ends without a definition. */
    gboolean (*forget_tpm)(Machine *machine, const StoreDomain *domain, const xmlDoc *doc, gboolean keep, gboolean remove,
                           char **folder, GError **error);
    /* Adds to a definition what depends on where its domain lives (the path of its variable store). */
    void (*complete)(Machine *machine, xmlDoc *doc);

    void (*free)(Machine *machine);
} MachineFuncs;

/* Implementations begin with this. */
struct Machine {
    const MachineFuncs *funcs;
};

void machine_pty_free(MachinePty *pty);
/* Writes the paths of @ptys (MachinePty) into the live document. TRUE when that changed it. */
gboolean machine_set_ptys(xmlDoc *live, const GPtrArray *ptys);
/* Whether a character device of the live document waits for the path of its pty. */
gboolean machine_lacks_ptys(const xmlDoc *live);
void machine_free(Machine *machine);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Machine, machine_free)

G_END_DECLS
