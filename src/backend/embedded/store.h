/* What is known of domains beyond the running guests themselves: definitions, what runs and how, marks for
 * autostart, live documents, locks, jobs, and the driver's own events. A table of functions: files
 * (store-files.c) for qemu:///, memory (src/backend/test/) for test:///.
 *
 * Names are domain names as the user knows them. XML is text: the store never parses a document, so that
 * `list` needs no XML library. Functions that find something return FALSE without setting @error when
 * there is nothing. Several processes may work on one store at the same time; a change is made by the holder of the
 * domain's lock, reading needs no lock. */
#pragma once

#include <glib.h>
#include <jansson.h>
#include <sys/types.h>

#include "backend/constants.h"
#include "backend/driver.h"
#include "util/uuid.h"

G_BEGIN_DECLS

typedef struct Store Store;
typedef struct StoreLock StoreLock;

/* What a domain is doing. Numbers of states and reasons: backend/constants.h. */
typedef struct {
    int id;                     /* -1: not running */
    int state;
    int reason;
    gint64 since_ms;            /* when state or reason last changed, ms since 1970; 0: not known */
    pid_t pid;                  /* of the emulator, 0: none */
    guint64 pid_start;
} StoreStatus;

typedef struct {
    char *name;
    char uuid[UUID_TEXT];       /* "" when the configuration is too damaged to tell */
    gboolean persistent;        /* there is a configuration */
    gboolean active;            /* it runs (or is paused, or crashed with its emulator kept) */
    StoreStatus status;         /* shut off with the reason of its last end when not active */
} StoreDomain;

void store_domain_clear(StoreDomain *domain);
void store_domain_free(StoreDomain *domain);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(StoreDomain, store_domain_clear)
G_DEFINE_AUTOPTR_CLEANUP_FUNC(StoreDomain, store_domain_free)

/* A long-running change of a domain (save, migrate, …) that other changes must not cross. */
typedef struct {
    char *type;                 /* "start", "save", … */
    pid_t owner_pid;
    gint64 since_ms;
} StoreJob;

void store_job_clear(StoreJob *job);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(StoreJob, store_job_clear)

/* @entry (borrowed) is in the form of supervisor/journal.h. Returning FALSE ends the reading. */
typedef gboolean (*StoreJournalFunc)(guint64 seq, json_t *entry, gpointer data);

/* What a domain has kept for itself outside of its definition: paths of files (NVRAM), and of folders to be removed with all that is
 * in them once no guest uses them any more (the state of a TPM). */
typedef struct {
    GPtrArray *files;
    GPtrArray *trees;
} StoreRemains;

void store_remains_init(StoreRemains *remains);
void store_remains_clear(StoreRemains *remains);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(StoreRemains, store_remains_clear)

typedef enum {
    STORE_AUTOSTART,            /* at every boot of the host */
    STORE_AUTOSTART_ONCE,       /* at the next one */
} StoreAutostart;

#define STORE_LOCK_TIMEOUT_MS 30000

typedef struct {
    /* --- finding ----------------------------------------------------------------------------------------- */
    /* Every domain, in no order: an array of StoreDomain. Damaged configurations are among them. @with_last: also read why
     * inactive ones ended. */
    GPtrArray *(*list)(Store *store, gboolean with_last, GError **error);
    gboolean (*find_name)(Store *store, const char *name, StoreDomain *domain, GError **error);
    gboolean (*find_uuid)(Store *store, const char *uuid, StoreDomain *domain, GError **error);
    gboolean (*find_id)(Store *store, int id, StoreDomain *domain, GError **error);

    /* --- configurations ---------------------------------------------------------------------------------- */
    /* The text of the configuration. *@label (a new string, may be NULL) names its source in errors. NULL with an error
     * also when there is none. */
    char *(*load_config)(Store *store, const char *name, char **label, GError **error);
    /* Adds or replaces. The caller has made sure, under lock_names, that neither name nor uuid is another's. */
    gboolean (*save_config)(Store *store, const char *name, const char *uuid, const char *xml, GError **error);
    /* Removes the configuration and its marks for autostart. @remains are to go with it: they stay where the configuration
     * could not be removed, and are removed by settle(). Called under lock_names. */
    gboolean (*remove_config)(Store *store, const char *name, const char *uuid, const StoreRemains *remains, GError **error);
    /* Removes what removed configurations of that name or that uuid have left. Called under lock_names, after remove_config
     * and before a new domain gets the name and the uuid. NULL: this store keeps nothing outside of itself. */
    gboolean (*settle)(Store *store, const char *name, const char *uuid, GError **error);
    /* @xml is the document with its new name. The marks for autostart go along. */
    gboolean (*rename_config)(Store *store, const char *name, const char *new_name, const char *uuid,
                              const char *xml, GError **error);
    /* INVALID_ARG when this store cannot hold a domain of that name. NULL: any name will do. */
    gboolean (*check_name)(Store *store, const char *name, GError **error);

    gboolean (*get_autostart)(Store *store, const char *name, StoreAutostart kind, gboolean *on, GError **error);
    gboolean (*set_autostart)(Store *store, const char *name, StoreAutostart kind, gboolean on, GError **error);
    /* The names marked, for a list of domains: a set of new strings. */
    GHashTable *(*autostarted)(Store *store, StoreAutostart kind, GError **error);

    /* --- running domains --------------------------------------------------------------------------------- */
    /* Ids count from 1 and are never given twice until the host boots. */
    gboolean (*next_id)(Store *store, int *id, GError **error);
    /* The document of a running domain, and the position in its journal up to which it is true. */
    char *(*load_live)(Store *store, const char *name, guint64 *applied, GError **error);
    gboolean (*save_live)(Store *store, const char *name, const char *xml, guint64 applied, GError **error);
    /* Entries of the journal after @applied, oldest first. */
    gboolean (*journal)(Store *store, const char *name, guint64 applied, StoreJournalFunc func, gpointer data,
                        GError **error);
    /* Forgets why the domain last ended. */
    void (*forget_last)(Store *store, const char *name);

    /* --- locks and jobs ---------------------------------------------------------------------------------- */
    /* The domain's lock, whether or not the domain exists. Clears away what a crash has left of it. @what says what the
     * holder is about ("start"), for others' messages. Errors: OPERATION_TIMEOUT "cannot acquire state change lock
     * (held by …)". Not recursive. */
    StoreLock *(*lock)(Store *store, const char *name, const char *what, int timeout_ms, GError **error);
    /* The lock under which names and uuids are given away. Taken after a domain's lock, held for
     * a short time, and nothing else is waited for while it is held. Tries to settle what any removal has left. */
    StoreLock *(*lock_names)(Store *store, GError **error);
    void (*unlock)(StoreLock *lock);
    /* Called with the lock held. The job stays after the lock is given back, until job_end() or the end of this process. */
    gboolean (*job_begin)(Store *store, const char *name, const char *type, GError **error);
    void (*job_end)(Store *store, const char *name);
    /* FALSE when there is none (or its owner is dead). */
    gboolean (*job_get)(Store *store, const char *name, StoreJob *job);

    /* --- events ------------------------------------------------------------------------------------------ */
    /* Tells all watchers about what no emulator reports (defined, undefined, …). @event->time_us 0: now. */
    void (*emit)(Store *store, const Event *event);
    /* A subscription to everything that happens from now on. */
    EventSource *(*watch)(Store *store, const EventFilter *filter, GError **error);

    void (*free)(Store *store);
} StoreFuncs;

/* Implementations begin with this. */
struct Store {
    const StoreFuncs *funcs;
};

/* Likewise. */
struct StoreLock {
    Store *store;
};

#define store_list(store, ...) ((store)->funcs->list((store), __VA_ARGS__))
#define store_find_name(store, ...) ((store)->funcs->find_name((store), __VA_ARGS__))
#define store_find_uuid(store, ...) ((store)->funcs->find_uuid((store), __VA_ARGS__))
#define store_find_id(store, ...) ((store)->funcs->find_id((store), __VA_ARGS__))
#define store_load_config(store, ...) ((store)->funcs->load_config((store), __VA_ARGS__))
#define store_save_config(store, ...) ((store)->funcs->save_config((store), __VA_ARGS__))
#define store_remove_config(store, ...) ((store)->funcs->remove_config((store), __VA_ARGS__))
#define store_rename_config(store, ...) ((store)->funcs->rename_config((store), __VA_ARGS__))
#define store_get_autostart(store, ...) ((store)->funcs->get_autostart((store), __VA_ARGS__))
#define store_set_autostart(store, ...) ((store)->funcs->set_autostart((store), __VA_ARGS__))
#define store_autostarted(store, ...) ((store)->funcs->autostarted((store), __VA_ARGS__))
#define store_next_id(store, ...) ((store)->funcs->next_id((store), __VA_ARGS__))
#define store_load_live(store, ...) ((store)->funcs->load_live((store), __VA_ARGS__))
#define store_save_live(store, ...) ((store)->funcs->save_live((store), __VA_ARGS__))
#define store_journal(store, ...) ((store)->funcs->journal((store), __VA_ARGS__))
#define store_forget_last(store, name) ((store)->funcs->forget_last((store), (name)))
#define store_lock(store, ...) ((store)->funcs->lock((store), __VA_ARGS__))
#define store_lock_names(store, error) ((store)->funcs->lock_names((store), (error)))
#define store_job_begin(store, ...) ((store)->funcs->job_begin((store), __VA_ARGS__))
#define store_job_end(store, name) ((store)->funcs->job_end((store), (name)))
#define store_job_get(store, ...) ((store)->funcs->job_get((store), __VA_ARGS__))
#define store_emit(store, event) ((store)->funcs->emit((store), (event)))
#define store_watch(store, ...) ((store)->funcs->watch((store), __VA_ARGS__))

gboolean store_check_name(Store *store, const char *name, GError **error);
gboolean store_settle(Store *store, const char *name, const char *uuid, GError **error);
/* NULL is allowed. */
void store_unlock(StoreLock *lock);
void store_free(Store *store);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(StoreLock, store_unlock)
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Store, store_free)

/* The lifecycle event @type/@detail (backend/events.h) of that domain. */
void store_emit_lifecycle(Store *store, const StoreDomain *domain, int type, int detail);

G_END_DECLS
