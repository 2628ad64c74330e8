/* One domain in an operation: found, and where it is to be changed, locked. */
#pragma once

#include "backend/constants.h"
#include "backend/embedded/driver-state.h"
#include "util/error.h"

G_BEGIN_DECLS

typedef struct {
    DriverState *state;         /* borrowed */
    StoreDomain info;
    StoreLock *lock;            /* NULL: only looked at */
} Domain;

/* Finds the domain that @ref means, by its uuid. NO_DOMAIN as libvirt says it. */
Domain *domain_open(const Call *call, const DomainRef *ref, GError **error) G_GNUC_WARN_UNUSED_RESULT;
/* The same with its lock, which is given back by domain_close(). Refuses with libvirt's OPERATION_TIMEOUT where a job of another
 * process is under way. @what is for others' messages ("suspend"). */
Domain *domain_open_locked(const Call *call, const DomainRef *ref, const char *what, GError **error)
    G_GNUC_WARN_UNUSED_RESULT;
/* The same; OPERATION_INVALID "domain is not running" where it does not run. */
Domain *domain_open_running(const Call *call, const DomainRef *ref, const char *what, GError **error)
    G_GNUC_WARN_UNUSED_RESULT;
void domain_close(Domain *domain);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Domain, domain_close)

/* Reads its state anew after it was changed. */
gboolean domain_refresh(Domain *domain, GError **error);
/* OPERATION_INVALID "domain is not running". */
gboolean domain_require_active(const Domain *domain, GError **error);
/* NO_SUPPORT with the name of the function: what runs the guests has no such thing. */
gboolean domain_throw_unsupported(const Call *call, GError **error);

/* Its documents; free with document_free(). The live one is brought up to date from the journal (and saved so when the
 * lock is held). */
xmlDoc *domain_load_config(const Domain *domain, GError **error) G_GNUC_WARN_UNUSED_RESULT;
xmlDoc *domain_load_live(const Domain *domain, GError **error) G_GNUC_WARN_UNUSED_RESULT;
/* The live one of an active domain, the configuration of another. */
xmlDoc *domain_load_current(const Domain *domain, GError **error) G_GNUC_WARN_UNUSED_RESULT;
/* The same to look at only: it stays the driver's, which keeps the last one, and is gone with the next call. */
const xmlDoc *domain_peek_current(const Domain *domain, GError **error) G_GNUC_WARN_UNUSED_RESULT;
gboolean domain_save_config(const Domain *domain, xmlDoc *doc, GError **error);
gboolean domain_save_live(const Domain *domain, xmlDoc *doc, GError **error);

/* Turns AFFECT_CURRENT into AFFECT_LIVE or AFFECT_CONFIG, and refuses what the domain cannot do, in libvirt's words. */
gboolean domain_resolve_affect(const Domain *domain, guint *flags, GError **error);
/* INVALID_ARG "unsupported flags (0x…) in function NAME" for flags that are not in @allowed. */
gboolean domain_check_flags(guint flags, guint allowed, const char *function, GError **error);

/* Fills @ref from what the store says. */
void domain_make_ref(const StoreDomain *info, DomainRef *ref);

G_END_DECLS
