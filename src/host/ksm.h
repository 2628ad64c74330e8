/* Kernel samepage merging: sys/kernel/mm/ksm (Documentation/admin-guide/mm/ksm.rst of Linux). */
#pragma once

#include "host/host.h"

G_BEGIN_DECLS

typedef enum {
    KSM_UINT,
    KSM_UINT64,
} KsmType;

typedef struct {
    const char *name;           /* libvirt's: "shm_pages_to_scan" */
    const char *file;           /* the kernel's: "pages_to_scan" */
    KsmType type;
    gboolean writable;
} KsmParameter;

/* All of them in libvirt's order, ended by a NULL name. */
extern const KsmParameter ksm_parameters[];

/* HOST_MISSING where the kernel does not have the parameter. */
HostResult ksm_get(const Host *host, const KsmParameter *parameter, guint64 *value, GError **error);
gboolean ksm_set(const Host *host, const KsmParameter *parameter, guint64 value, GError **error);

G_END_DECLS
