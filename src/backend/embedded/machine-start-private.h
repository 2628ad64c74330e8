/* What the files of a start share: machine-start.c, which starts, and machine-plan.c, which only says what it would do. */
#pragma once

#include "backend/embedded/machine-qemu-private.h"
#include "backend/qemu/argv.h"
#include "util/lock.h"

G_BEGIN_DECLS

/* Everything that one start needs until QEMU has it. */
typedef struct {
    MachineQemu *machine;
    const MachineStart *start;
    char *run;
    char *monitor;
    char *log;
    const QemuCaps *caps;       /* borrowed */
    xmlDoc *doc;                /* what QEMU is told; the live document is what users see */
    QemuCommand *command;
    SupervisorStart *supervisor;
    SupervisorLaunch *launch;
    GArray *fds;                /* int, ours to close */
    FileLock *ports;            /* until QEMU listens on those it was given */
    char *nvram;                /* made for this start */
    char *tpm;                  /* the same */
} Starting;

typedef enum {
    BUILD_START,
    BUILD_PLAN,         /* for show: KVM need not work */
    BUILD_NATIVE,       /* for show: what is behind an interface need not exist either, and nothing is recorded */
} BuildPurpose;

void starting_init(Starting *starting, MachineQemu *machine, const MachineStart *start);
void starting_clear(Starting *starting);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Starting, starting_clear)

/* Fills in the live document, and makes the command. */
gboolean starting_build(Starting *starting, BuildPurpose purpose, GError **error);
/* Whether QEMU has to be asked for the ptys that it made. */
gboolean starting_has_ptys(const QemuCommand *command);

/* Gives @fd, which is @starting's from now on, to QEMU under @number. */
void starting_pass_fd(Starting *starting, int fd, int number);

/* machine-host.c */
/* They hold as long as the machine. */
QemuHostFiles machine_qemu_host_files(const MachineQemu *machine);

/* machine-interfaces.c */
/* Refuses what is asked of an interface and nothing here can do: better no guest than one without its filter. Errors in
 * libvirt's words. */
gboolean machine_qemu_check_interfaces(const xmlDoc *live, GError **error);
/* Makes the tap or macvtap of a QEMU_FD_TAP (the first of its queues), with all its settings, and passes it on. Its name goes into
 * the live document. */
gboolean machine_qemu_open_interface(Starting *starting, const QemuFd *wanted, GError **error);

/* machine-helpers.c */
/* Opens the sockets of the helpers (those here are added to @fds, int) and adds the helpers to @launch. @log is the domain's;
 * theirs lie beside it. */
gboolean machine_qemu_add_helpers(MachineQemu *machine, const QemuCommand *command, const char *log, SupervisorLaunch *launch,
                                  GArray *fds, GError **error);
/* The log of the helper @name of the device @alias: a new string. */
char *machine_qemu_helper_log(const char *log, const char *alias, const char *name);

/* machine-tpm.c */
/* STATE/swtpm: a new string. */
char *machine_qemu_tpm_dir(const MachineQemu *machine);
/* Makes the state of an emulated TPM where there is none, by swtpm_setup, and sets its PCR banks. *@made: the folder that was
 * not there before; a new string. */
gboolean machine_qemu_make_tpm(MachineQemu *machine, const MachineStart *start, char **made, GError **error);
/* A file in memory, open for reading at its begin, with the value of the secret @uuid, whose usage has to be "vtpm". -1 with
 * NO_SECRET or INVALID_ARG. */
int machine_qemu_tpm_secret(MachineQemu *machine, const char *uuid, GError **error);
/* NULL does nothing. */
void machine_qemu_undo_tpm(const char *made);
/* The state ends with a domain that is not defined (any more). */
void machine_qemu_release_tpm(MachineQemu *machine, const MachineStart *start, SupervisorLaunch *launch);

G_END_DECLS
