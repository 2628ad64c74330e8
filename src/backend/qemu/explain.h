/* Which element of a domain became which part of QEMU.
 *
 * The command line names everything: devices have the aliases of their elements as ids, and whatever stands behind a
 * device (its drive, netdev, chardev, memory, secrets) is named by an option that names it. So the owner of an option is
 * found from the finished command, and the files that build it need not say. What has no id belongs to the elements of a
 * table (-smp to <vcpu>). */
#pragma once

#include "backend/qemu/argv.h"

G_BEGIN_DECLS

typedef struct {
    char *element;      /* its path below <domain>: "os/kernel", "devices/disk[2]"; NULL: what every guest gets */
    char *alias;        /* of the device, or NULL */
    char *argument;     /* the option with its value, quoted for the shell; NULL: QEMU is told nothing of this element */
    char *object;       /* what it is called in QEMU: "/machine/peripheral/net0", "/objects/rng0", the name of a node */
} QemuExplanation;

/* Of each element of @domain (a live document's root), in its order, one entry for each of its options; those that belong
 * to no element come last. Elements that QEMU is told nothing of have one entry, too. An array of QemuExplanation. */
GPtrArray *qemu_explain(const struct _xmlNode *domain, const QemuCommand *command) G_GNUC_WARN_UNUSED_RESULT;

G_END_DECLS
