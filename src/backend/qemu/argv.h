/* The QEMU command line of a domain, made from its live document: normalised, with every alias and
 * address assigned, and with what the host chooses filled in (qemu_prepare_live()).
 *
 * Nothing here opens or creates anything but what qemu_prepare_live() looks for (free ports); the command
 * says what the launcher has to do before it runs it. The spelling of the options is that of
 * libvirt 9.0.0 with QEMU 7.2, so that guests see the same hardware. */
#pragma once

#include <glib.h>
#include <jansson.h>

#include "backend/qemu/capabilities.h"
#include "backend/qemu/host-files.h"

G_BEGIN_DECLS

struct _xmlNode;

/* The descriptor numbers that the command line names begin here in QEMU. */
#define QEMU_FIRST_FD 3

typedef enum {
    QEMU_FD_MONITOR,    /* a listening unix socket at .path: the monitor */
    QEMU_FD_LISTEN,     /* a listening unix socket at .path: a character device's */
    QEMU_FD_FILE,       /* .path opened for writing, created 0600; .append or else emptied */
    QEMU_FD_DEVICE,     /* .path, a device node, opened for reading and writing */
    QEMU_FD_HELPER,     /* a connection to the helper of .alias */
    QEMU_FD_TAP,        /* one queue of the tap .ifname, put into the bridge .bridge: tap_open() */
} QemuFdKind;

typedef struct {
    QemuFdKind kind;
    int number;         /* which descriptor it has to be in QEMU */
    char *path;
    gboolean append;
    char *ifname;       /* QEMU_FD_TAP: the name wanted; "vnet%d" lets the kernel number it */
    char *bridge;       /* QEMU_FD_TAP: NULL for none */
    char *lower;        /* QEMU_FD_TAP: a macvtap on this interface of the host; NULL: a tap */
    char *mode;         /* QEMU_FD_TAP: of a macvtap */
    char *script;       /* QEMU_FD_TAP: run with the name when the tap has been made; NULL for none */
    char *downscript;   /* QEMU_FD_TAP: the same when QEMU has ended */
    gboolean unmanaged; /* QEMU_FD_TAP: somebody else's, used as it is */
    char *mac;          /* QEMU_FD_TAP: the guest's */
    guint mtu;          /* QEMU_FD_TAP: 0 is the bridge's */
    guint queue;        /* QEMU_FD_TAP: 0 for the first of an interface */
    guint n_queues;     /* QEMU_FD_TAP: so many entries follow one another for one interface */
    gboolean vnet_header; /* QEMU_FD_TAP: virtio models want one */
    char *alias;        /* the device it belongs to; NULL for the monitor */
} QemuFd;

typedef struct {
    char *path;
    char *alias;        /* the device that needs it, or NULL (kernel, firmware) */
    char *target;       /* disk target, or NULL */
    gboolean writable;
    gboolean optional;  /* startupPolicy: the device starts empty when the file is missing */
} QemuFile;

/* A character device whose QEMU end has to be asked for after the start (query-chardev). */
typedef struct {
    char *alias;        /* of the device: "serial0" */
    char *chardev;      /* QEMU's id: "charserial0" */
    char *type;         /* of the source: "pty", "unix", "tcp", "file" … */
} QemuChardev;

/* The numbers of a helper's descriptors in it: its socket, and twice the value of its secret, to be read to the end. */
#define QEMU_HELPER_FD 3
#define QEMU_HELPER_SECRET_FD 4
#define QEMU_HELPER_SECRET_FD_2 5

typedef enum {
    QEMU_HELPER_LISTENS,    /* it makes the unix socket .socket itself, and is ready when it listens there */
    QEMU_HELPER_TAKES_FD,   /* it is given that socket, which listens already, as QEMU_HELPER_FD */
    QEMU_HELPER_PAIR,       /* it is given one end of a pair as QEMU_HELPER_FD; the other one is QEMU's descriptor of the kind
                             * QEMU_FD_HELPER with the same .alias */
} QemuHelperKind;

/* A program that has to run beside QEMU: started before it, watched and ended with it. */
typedef struct {
    QemuHelperKind kind;
    char *name;         /* "swtpm" */
    char *alias;        /* the device that it belongs to */
    char **argv;        /* argv[0] is the program's path, or a name to look up in PATH; NULL-terminated */
    char *socket;       /* where QEMU finds it; NULL for a pair */
    char *secret;       /* uuid of the secret (of usage "vtpm") that it gets, NULL for none */
    char *folder;       /* what it shows to the guest, NULL for nothing */
} QemuHelper;

typedef struct {
    char **argv;        /* argv[0] is the emulator's path; NULL-terminated */
    char **env;         /* "NAME=value", only what the domain asks for and libvirt sets; NULL-terminated */
    QemuFd *fds;
    guint n_fds;
    QemuFile *files;
    guint n_files;
    QemuChardev *chardevs;
    guint n_chardevs;
    QemuHelper *helpers;
    guint n_helpers;
    char **folders;     /* to be made, mode 0700, before the start; NULL-terminated */
    guint8 *master_key; /* to be written to a private file before the start: what secrets are encrypted with; NULL: none */
    gsize master_key_length;
    char *master_key_path;
    json_t *setup;      /* QMP commands, {"execute":…,"arguments":…}, to run in order before the CPUs start */
} QemuCommand;

void qemu_command_free(QemuCommand *command);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(QemuCommand, qemu_command_free)

/* The value of the secret with @uuid, or (NULL) of the one of that kind ("volume") for @usage: new, the caller wipes and frees
 * it. NO_SECRET, INVALID_SECRET. */
typedef guint8 *(*QemuSecretFunc)(gconstpointer data, const char *uuid, const char *usage_type, const char *usage,
                                  gsize *length, GError **error);

/* Where the domain lives on this host. All strings are borrowed. */
typedef struct {
    const QemuCaps *caps;
    int id;                     /* of the domain; -1 when it has none (a dry run) */
    const char *state_dir;      /* private folder of the running domain: default places of sockets */
    const char *monitor_path;   /* of the listening monitor socket */
    QemuSecretFunc find_secret; /* NULL: there are none */
    gconstpointer find_secret_data;
    const QemuHostFiles *files; /* of the machine; NULL: it shows none */
    const char *kvm_device;     /* NULL: /dev/kvm */
    const char *cache_dir;      /* for kvm_require(); may be NULL */
    const char *tpm_dir;        /* where UUID/tpm2 and UUID/tpm1.2, the states of emulated TPMs, lie; NULL: state_dir */
    const char *nvram_dir;      /* where NAME_VARS.fd of a firmware that was chosen here lies; NULL: state_dir */
    gboolean no_kvm_check;      /* build the command line for show, whether KVM works or not */
    gboolean no_network_check;  /* the same for interfaces on virtual networks: they get a tap */
    gboolean by_name;           /* for people to run: sockets, files and taps by their names, no descriptors are passed */
    const char *incoming;       /* "defer", "fd:N" …; NULL for an ordinary start */
} QemuHost;

/* Fills in what only the host can choose, in the live document @domain (the root element): VNC and SPICE ports of
 * autoport, default paths of unix channels and of listening sockets, names of tap devices, the firmware of <os
 * firmware='efi'>, the images behind each disk (disk-chain.h). Idempotent. Errors: INTERNAL_ERROR when no port is
 * free. */
gboolean qemu_prepare_live(struct _xmlNode *domain, const QemuHost *host, GError **error);

/* Errors: CONFIG_UNSUPPORTED and libvirt's text for what this QEMU or this program cannot do;
 * NO_NETWORK for an interface on a virtual network that does not exist. */
QemuCommand *qemu_command_build(struct _xmlNode *domain, const QemuHost *host, GError **error)
    G_GNUC_WARN_UNUSED_RESULT;

/* The command as one text in the form of libvirt's logs and of domxml-to-native: environment and options each on a
 * line of its own behind " \\\n", words quoted for the shell where they need it. */
char *qemu_command_format(const QemuCommand *command);
/* One option in that form. */
char *qemu_option_format(const char *option, const char *value);
/* The QMP commands that are run before the CPUs start, one indented line each, for people: passwords are not shown. */
char *qemu_command_format_setup(const QemuCommand *command);
/* One of them: a new string without a newline. */
char *qemu_setup_format(const json_t *setup);

/* Checks that each file of the command can be used as it will be (system mode: by root). SYSTEM_ERROR
 * "Cannot access storage file '/x': No such file or directory"; the hint names the part of the path that
 * refuses, its owner and its mode. */
gboolean qemu_command_check_files(const QemuCommand *command, GError **error);
/* Checks that each helper can be run and has what it is to show. INTERNAL_ERROR, CONFIG_UNSUPPORTED or SYSTEM_ERROR with
 * libvirt's text, which names the program or the folder. */
gboolean qemu_command_check_helpers(const QemuCommand *command, GError **error);
/* For one path; @writable also asks for write access. */
gboolean qemu_check_file(const char *path, gboolean writable, GError **error);

G_END_DECLS
