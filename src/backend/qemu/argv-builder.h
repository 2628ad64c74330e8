/* Shared by the files that build the command line (argv*.c); nobody else includes it. */
#pragma once

#include <glib.h>
#include <jansson.h>

#include "backend/qemu/argv.h"
#include "model/document.h"
#include "model/domain.h"

G_BEGIN_DECLS

typedef struct {
    const xmlNode *domain;
    const xmlNode *devices;
    const QemuHost *host;
    const QemuCaps *caps;
    const QemuMachine *machine;     /* NULL: not one of this binary's */
    const char *arch;
    const char *machine_name;
    gboolean x86;
    gboolean kvm;
    gboolean q35;
    GPtrArray *argv;
    GPtrArray *env;
    GPtrArray *folders;
    GArray *fds;                    /* of QemuFd */
    GArray *files;                  /* of QemuFile */
    GArray *chardevs;               /* of QemuChardev */
    GArray *helpers;                /* of QemuHelper */
    json_t *setup;
    guint8 *master_key;             /* of the secrets; NULL before the first */
    char *master_key_path;
    guint n_fdsets;
    /* Boot order of <os>, each used up by the first device of its class; 0: none. */
    guint boot_disk, boot_cdrom, boot_floppy, boot_network;
} ArgvBuilder;

/* --- options ---------------------------------------------------------------------------------- */

void argv_add(ArgvBuilder *b, const char *option, const char *value);
void argv_addf(ArgvBuilder *b, const char *option, const char *format, ...) G_GNUC_PRINTF(3, 4);
/* The option with @object as JSON; takes the reference. */
void argv_add_json(ArgvBuilder *b, const char *option, json_t *object);
/* ",key=VALUE" with commas doubled, as QEMU's option parser wants them; nothing for a NULL value. */
void argv_append(GString *options, const char *key, const char *value);
/* @value with commas doubled. */
void argv_append_escaped(GString *options, const char *value);
/* "yes"/"no" and "on"/"off" of the XML to QEMU's on/off; nothing when missing. */
void argv_append_switch(GString *options, const char *key, const char *value);

/* --- JSON properties: nothing is set for what is missing in the XML ---------------------------------- */

void props_str(json_t *props, const char *key, const char *value);
void props_uint(json_t *props, const char *key, guint64 value);
void props_bool(json_t *props, const char *key, gboolean value);
void props_attr_str(json_t *props, const char *key, const xmlNode *node, const char *attr);
void props_attr_uint(json_t *props, const char *key, const xmlNode *node, const char *attr);
void props_attr_bool(json_t *props, const char *key, const xmlNode *node, const char *attr);
void props_text_uint(json_t *props, const char *key, const xmlNode *parent, const char *child);

/* --- devices ----------------------------------------------------------------------------------- */

/* The properties of a -device @driver. */
json_t *device_props(const char *driver);
/* @base and the transport of its address and model ("virtio-net" → "virtio-net-pci-transitional"), with the
 * options of <driver> that every virtio device has. */
json_t *device_props_virtio(const xmlNode *device, const char *base);
/* The options of <driver> that every virtio device has. */
void device_add_virtio_options(json_t *props, const xmlNode *device);
/* INTERNAL_ERROR for an address that no virtio device can have. */
gboolean device_need_virtio_address(const xmlNode *device, const char *base, GError **error);
/* Bus and address on it. INTERNAL_ERROR when the controller named is not there. */
gboolean device_add_address(ArgvBuilder *b, json_t *props, const xmlNode *device, GError **error);
/* The address of @device and, with it, the option -device; takes the reference to @props. */
gboolean device_add(ArgvBuilder *b, json_t *props, const xmlNode *device, GError **error);
/* bootindex of <boot order>, the ROM of <rom>. */
void device_add_boot(json_t *props, const xmlNode *device);
void device_add_rom(json_t *props, const xmlNode *device);
/* The alias; INTERNAL_ERROR when the live document has none. */
const char *device_need_alias(const xmlNode *device, GError **error);
/* The controller of @type with @index, or NULL. */
const xmlNode *device_controller(const ArgvBuilder *b, const char *type, guint64 index);
/* CONFIG_UNSUPPORTED unless this QEMU has the device model. */
gboolean device_need_model(const ArgvBuilder *b, const char *model, GError **error);
gboolean device_unsupported(GError **error, const char *kind, const char *value);

/* --- what the launcher does ---------------------------------------------------------------------- */

/* Reserves the next descriptor number. */
int argv_add_fd(ArgvBuilder *b, QemuFd fd);
/* ",fd=N,server=on,wait=off" of a socket that the launcher makes at @path; its name where no descriptors are passed. */
void argv_append_listener(ArgvBuilder *b, GString *options, QemuFdKind kind, const char *path, const char *alias);
/* ",path=PATH" of the socket at which QEMU finds the helper of @alias; a descriptor where the path is longer than a socket's
 * address. */
void argv_append_helper(ArgvBuilder *b, GString *options, const char *path, const char *alias);
void argv_add_file(ArgvBuilder *b, const char *path, const xmlNode *device, gboolean writable, gboolean optional);
/* A program to run beside QEMU for @device; takes @argv. */
void argv_add_helper(ArgvBuilder *b, char **argv, const char *socket, const xmlNode *device);
/* One that is given its socket as QEMU_HELPER_FD, at @socket or (NULL) one end of a pair. Takes @argv. What is returned may be
 * given its other members until the next one is added. */
QemuHelper *argv_add_helper_fd(ArgvBuilder *b, const char *name, char **argv, const char *socket, const xmlNode *device);
/* A QMP command to run before the CPUs start; takes the reference to @args. */
void argv_add_setup(ArgvBuilder *b, const char *command, json_t *args);

/* --- the parts, in the order of the command line -------------------------------------------------- */

gboolean argv_add_firmware_nodes(ArgvBuilder *b, GError **error);
gboolean argv_add_machine(ArgvBuilder *b, GError **error);
gboolean argv_add_cpu(ArgvBuilder *b, GError **error);
gboolean argv_add_memory(ArgvBuilder *b, GError **error);
gboolean argv_add_memory_devices(ArgvBuilder *b, GError **error);
gboolean argv_add_virtio_memory(ArgvBuilder *b, GError **error);
gboolean argv_add_smp(ArgvBuilder *b, GError **error);
void argv_add_iothreads(ArgvBuilder *b);
/* The memory of a NUMA cell, as the object "ram-nodeID". */
gboolean argv_add_cell_memory(ArgvBuilder *b, const xmlNode *cell, GError **error);
gboolean argv_add_numa(ArgvBuilder *b, GError **error);
/* Whether the firmware tells the guest about caches and speeds of memory. */
gboolean argv_has_hmat(const ArgvBuilder *b);
gboolean argv_add_sysinfo(ArgvBuilder *b, GError **error);
gboolean argv_add_launch_security(ArgvBuilder *b, GError **error);
void argv_add_native(ArgvBuilder *b);
/* Changes the properties of a -device as <qemu:override> wants it. */
void argv_override_device(const ArgvBuilder *b, json_t *props);
void argv_add_clock(ArgvBuilder *b);
void argv_add_boot(ArgvBuilder *b);
gboolean argv_add_controllers(ArgvBuilder *b, GError **error);
/* The object for persistent reservations that disks share. */
void argv_add_pr_helper(ArgvBuilder *b);
gboolean argv_add_disks(ArgvBuilder *b, GError **error);
gboolean argv_add_filesystems(ArgvBuilder *b, GError **error);
gboolean argv_add_interfaces(ArgvBuilder *b, GError **error);
gboolean argv_add_character_devices(ArgvBuilder *b, GError **error);
gboolean argv_add_graphics(ArgvBuilder *b, GError **error);
gboolean argv_add_inputs(ArgvBuilder *b, GError **error);
gboolean argv_add_audio(ArgvBuilder *b, GError **error);
/* QEMU's name of the <audio> that @device uses, by its <audio id> or else the first there is; new. INTERNAL_ERROR when there is
 * none. */
gboolean argv_audio_of(const ArgvBuilder *b, const xmlNode *device, char **id, GError **error);
/* The speaker of a PC is part of the machine: its sound is a property of it. */
gboolean argv_append_speaker(const ArgvBuilder *b, GString *machine, GError **error);
gboolean argv_add_sound(ArgvBuilder *b, GError **error);
gboolean argv_add_video(ArgvBuilder *b, GError **error);
gboolean argv_add_tpm(ArgvBuilder *b, const xmlNode *tpm, GError **error);
gboolean argv_add_watchdogs(ArgvBuilder *b, GError **error);
gboolean argv_add_redirdevs(ArgvBuilder *b, GError **error);
gboolean argv_add_hostdevs(ArgvBuilder *b, GError **error);
gboolean argv_add_vsock(ArgvBuilder *b, const xmlNode *vsock, GError **error);
gboolean argv_add_other_devices(ArgvBuilder *b, GError **error);

/* The storage node of a network or NVMe <source>, with the objects it needs, which are named after the node @name.
 * INTERNAL_ERROR and CONFIG_UNSUPPORTED in libvirt's words for what it cannot say to QEMU. */
json_t *disk_source_network(ArgvBuilder *b, const xmlNode *source, const char *name, GError **error);

/* The user of @auth, whose secret is the object @secret_id, for such a node. */
void disk_source_add_auth(json_t *props, const xmlNode *auth, const char *secret_id);

/* The helper program behind a <backend type='passt'>, which has the other end of QEMU's socket. */
void passt_add_helper(ArgvBuilder *b, const xmlNode *interface);

/* -chardev of the source in @device (its type, <source>, <protocol>, <log>) as id @id: "charserial0". */
gboolean argv_add_chardev(ArgvBuilder *b, const xmlNode *device, const char *id, GError **error);

/* The bytes of KiB in @node, whose unit attribute may say another one. */
guint64 argv_kib(const xmlNode *node, guint64 fallback);

/* The model of -cpu, without features: a new string, "" for none. */
char *argv_cpu_model(ArgvBuilder *b, GError **error);

G_END_DECLS
