/* What one QEMU binary can do, asked from it through QMP and kept in the cache folder.
 *
 * The cache file is keyed by the binary's path, size and modification time and by the running
 * kernel; anything else in it, and any damage, means that the binary is asked again. */
#pragma once

#include <glib.h>
#include <jansson.h>

#include "backend/qemu/emulator.h"

G_BEGIN_DECLS

#define QEMU_PROBE_TIMEOUT_MS 10000

typedef struct QemuCaps QemuCaps;

typedef struct {
    const char *name;           /* "pc-q35-7.2" */
    const char *alias;          /* "q35", or NULL */
    const char *default_cpu;    /* CPU model without the QOM suffix, "qemu64"; NULL when it has none */
    const char *default_ram_id; /* "pc.ram", or NULL */
    guint max_cpus;
    gboolean is_default;
    gboolean hotplug_cpus;
    gboolean numa_mem_supported;
    gboolean acpi;
    gboolean deprecated;
} QemuMachine;

/* The facts about @emulator, from @cache_dir (may be NULL: always asked anew) or from the binary; new.
 *
 * Errors: a missing or not executable binary (INVALID_ARG/SYSTEM_ERROR), one that ends at once (INTERNAL_ERROR
 * with its last words), one that never answers (OPERATION_TIMEOUT), one that answers rubbish (INTERNAL_ERROR). A
 * cache that cannot be written is no error. */
QemuCaps *qemu_caps_load(const char *emulator, const char *cache_dir, GError **error);
/* The same, never from the cache. */
QemuCaps *qemu_caps_probe(const char *emulator, int timeout_ms, GError **error);
void qemu_caps_free(QemuCaps *caps);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(QemuCaps, qemu_caps_free)

/* From the form of the cache file, of which it keeps a reference; also used by tests. */
QemuCaps *qemu_caps_from_json(json_t *root, GError **error);

const char *qemu_caps_emulator(const QemuCaps *caps);
/* The architecture that it emulates, in QEMU's spelling: "x86_64", "i386". */
const char *qemu_caps_target(const QemuCaps *caps);
/* major * 1000000 + minor * 1000 + micro */
guint qemu_caps_version(const QemuCaps *caps);

/* In QEMU's order. */
guint qemu_caps_n_machines(const QemuCaps *caps);
const QemuMachine *qemu_caps_nth_machine(const QemuCaps *caps, guint index);
/* By name or alias; NULL when the binary has no such machine. */
const QemuMachine *qemu_caps_machine(const QemuCaps *caps, const char *name);
const QemuMachine *qemu_caps_default_machine(const QemuCaps *caps);

gboolean qemu_caps_has_cpu_model(const QemuCaps *caps, const char *model);
guint qemu_caps_n_cpu_models(const QemuCaps *caps);

/* Whether the binary can make the device or object @type ("virtio-blk-pci"). */
gboolean qemu_caps_has_device(const QemuCaps *caps, const char *type);

G_END_DECLS
