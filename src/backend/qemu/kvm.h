/* Whether KVM works, which is more than that /dev/kvm can be opened: on many nested machines the
 * device opens and then a guest hangs, or runs as slowly as if it did. It counts as usable only after a virtual CPU has run a
 * short program to its end within the deadline. */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

#define KVM_DEVICE "/dev/kvm"
#define KVM_PROBE_TIMEOUT_MS 1500
#define KVM_HINT "use type='qemu' in the domain's XML: slower, but it needs no KVM"

typedef enum {
    KVM_USABLE,
    KVM_ABSENT,         /* no such device */
    KVM_DENIED,         /* no permission to open it */
    KVM_HANGS,          /* opens, then does not answer within the deadline */
    KVM_BROKEN,         /* opens, then fails */
} KvmState;

/* Asks the device now: runs a few million instructions in a child process and gives up on the child after
 * @timeout_ms, also when it can no longer be killed. @detail (may be NULL) gets a sentence fit for an
 * error message; free with g_free(). */
KvmState kvm_probe(const char *device, int timeout_ms, char **detail);

/* The same with the answer kept in @cache_dir for as long as the machine is up and the device node
 * does not change. @cache_dir may be NULL. "no such device" and "no permission" cost one open and are never kept. */
KvmState kvm_check(const char *device, const char *cache_dir, char **detail);

/* FALSE with CONFIG_UNSUPPORTED, the reason, and the hint to use type='qemu'. */
gboolean kvm_require(const char *device, const char *cache_dir, GError **error);

G_END_DECLS
