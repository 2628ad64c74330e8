#include "config.h"

#include <string.h>

#include "backend/embedded/domain/define.h"
#include "backend/embedded/domain/domain.h"
#include "backend/embedded/domain/operations.h"

/* Details of libvirt's defined and undefined events. */
enum { DEFINED_ADDED = 0, DEFINED_UPDATED = 1, DEFINED_RENAMED = 2 };
enum { UNDEFINED_REMOVED = 0, UNDEFINED_RENAMED = 1 };

#define UNDEFINE_ALL (UNDEFINE_MANAGED_SAVE | UNDEFINE_SNAPSHOTS_METADATA | UNDEFINE_CHECKPOINTS_METADATA | \
                      UNDEFINE_NVRAM | UNDEFINE_KEEP_NVRAM | UNDEFINE_TPM | UNDEFINE_KEEP_TPM)
#define RENAME_LOCK_MS 5000

static char *
join_warnings(const GPtrArray *warnings)
{
    GString *text = g_string_new(NULL);

    for (guint i = 0; i < warnings->len; i++)
        g_string_append_printf(text, "%s%s", i ? "\n" : "", (const char *) warnings->pdata[i]);
    return g_string_free(text, FALSE);
}

xmlDoc *
define_parse(DriverState *state, const char *xml, gboolean validate, GError **error)
{
    g_autoptr(GPtrArray) warnings = g_ptr_array_new_with_free_func(g_free);
    xmlDoc *doc = domain_parse(xml, -1, NULL, state->facts, validate ? DOMAIN_PARSE_VALIDATE : DOMAIN_PARSE_DEFAULT,
                               warnings, error);

    g_free(state->warnings);
    state->warnings = join_warnings(warnings);
    if (doc && state->machine->funcs->complete)
        state->machine->funcs->complete(state->machine, doc);
    return doc;
}

gboolean
define_check_unique(Store *store, const char *name, const char *uuid, StoreDomain *existing, gboolean *exists,
                    GError **error)
{
    g_auto(StoreDomain) by_uuid = { 0 };
    g_autoptr(GError) failure = NULL;

    *exists = FALSE;
    if (store_find_uuid(store, uuid, &by_uuid, &failure) && strcmp(by_uuid.name, name) != 0)
        return hv_throw(error, HV_ERR_OPERATION_FAILED, "domain '%s' is already defined with uuid %s", by_uuid.name, uuid);
    if (!failure && store_find_name(store, name, existing, &failure)) {
        *exists = TRUE;
        /* What is too damaged to tell its uuid may be replaced by what has this name. */
        if (existing->uuid[0] && strcmp(existing->uuid, uuid) != 0)
            return hv_throw(error, HV_ERR_OPERATION_FAILED, "domain '%s' already exists with uuid %s", name, existing->uuid);
    }
    if (failure) {
        g_propagate_error(error, g_steal_pointer(&failure));
        return FALSE;
    }
    return TRUE;
}

gboolean
define_settle_former(Store *store, const char *name, const char *uuid, GError **error)
{
    if (store_settle(store, name, uuid, error))
        return TRUE;
    g_prefix_error(error, "what a former domain of that name or uuid kept is still there: ");
    return FALSE;
}

static gboolean
save_unique(DriverState *state, xmlDoc *doc, StoreDomain *info, gboolean *updated, GError **error)
{
    Store *store = state->store;
    const char *name = domain_name(doc);
    const char *uuid = domain_uuid(doc);
    g_auto(StoreDomain) existing = { 0 };
    g_autoptr(StoreLock) names = store_lock_names(store, error);
    g_autofree char *xml = NULL;
    gboolean exists;

    if (!names || !define_check_unique(store, name, uuid, &existing, &exists, error) ||
        (!exists && !define_settle_former(store, name, uuid, error)))
        return FALSE;
    xml = document_format(doc);
    if (!store_save_config(store, name, uuid, xml, error))
        return FALSE;
    if (!exists)
        store_forget_last(store, name);
    *updated = exists && existing.persistent;
    return store_find_name(store, name, info, error);
}

static gboolean
define_xml(const Call *call, const char *xml, guint flags, DomainRef *ref, GError **error)
{
    DriverState *state = call->data;
    g_autoptr(xmlDoc) doc = NULL;
    g_autoptr(StoreLock) lock = NULL;
    g_auto(StoreDomain) info = { 0 };
    gboolean updated;

    if (!domain_check_flags(flags, DEFINE_VALIDATE, "qemuDomainDefineXMLFlags", error))
        return FALSE;
    doc = define_parse(state, xml, flags & DEFINE_VALIDATE, error);
    if (!doc || !store_check_name(state->store, domain_name(doc), error))
        return FALSE;
    lock = store_lock(state->store, domain_name(doc), "define", STORE_LOCK_TIMEOUT_MS, error);
    if (!lock || !save_unique(state, doc, &info, &updated, error))
        return FALSE;
    store_emit_lifecycle(state->store, &info, LIFECYCLE_DEFINED, updated ? DEFINED_UPDATED : DEFINED_ADDED);
    domain_make_ref(&info, ref);
    return TRUE;
}

gboolean
embedded_domain_define_xml(const Call *call, const void *args, void *result, GError **error)
{
    const domain_define_xml_args *in = args;

    return define_xml(call, in->xml, 0, &((domain_define_xml_result *) result)->dom, error);
}

gboolean
embedded_domain_define_xml_flags(const Call *call, const void *args, void *result, GError **error)
{
    const domain_define_xml_flags_args *in = args;

    return define_xml(call, in->xml, in->flags, &((domain_define_xml_flags_result *) result)->dom, error);
}

gboolean
embedded_domain_define_warnings(const Call *call, const void *args G_GNUC_UNUSED, void *result,
                                GError **error G_GNUC_UNUSED)
{
    DriverState *state = call->data;

    ((domain_define_warnings_result *) result)->warnings = g_strdup(state->warnings);
    return TRUE;
}

/* --- undefining ------------------------------------------------------------------------------------- */

static gboolean
find_nvram(const Domain *domain, const xmlDoc *doc, guint flags, StoreRemains *remains, GError **error)
{
    Machine *machine = domain->state->machine;
    g_autofree char *path = NULL;

    if (!machine->funcs->nvram_exists || !machine->funcs->nvram_exists(machine, doc, &path))
        return TRUE;
    if (flags & UNDEFINE_NVRAM)
        g_ptr_array_add(remains->files, g_steal_pointer(&path));
    return (flags & (UNDEFINE_NVRAM | UNDEFINE_KEEP_NVRAM)) ||
           hv_throw(error, HV_ERR_OPERATION_INVALID, "cannot undefine domain with nvram");
}

/* What is to go with the definition. */
static gboolean
find_remains(const Domain *domain, guint flags, StoreRemains *remains, GError **error)
{
    Machine *machine = domain->state->machine;
    /* A configuration too damaged to be read can still be undefined. */
    g_autoptr(xmlDoc) doc = domain_load_config(domain, NULL);
    char *tpm = NULL;

    if (!doc)
        return TRUE;
    if (!find_nvram(domain, doc, flags, remains, error) ||
        (machine->funcs->forget_tpm &&
         !machine->funcs->forget_tpm(machine, &domain->info, doc, (flags & UNDEFINE_KEEP_TPM) != 0,
                                     (flags & UNDEFINE_TPM) != 0, &tpm, error)))
        return FALSE;
    if (tpm)
        g_ptr_array_add(remains->trees, tpm);
    return TRUE;
}

static gboolean
undefine(const Call *call, const DomainRef *ref, guint flags, GError **error)
{
    g_autoptr(Domain) domain = NULL;
    g_autoptr(StoreLock) names = NULL;
    g_auto(StoreRemains) remains = { 0 };
    const StoreDomain *info;
    Store *store;

    if (!domain_check_flags(flags, UNDEFINE_ALL, "qemuDomainUndefineFlags", error))
        return FALSE;
    if ((flags & UNDEFINE_NVRAM) && (flags & UNDEFINE_KEEP_NVRAM))
        return hv_throw(error, HV_ERR_OPERATION_INVALID, "cannot both keep and delete nvram");
    if ((flags & UNDEFINE_TPM) && (flags & UNDEFINE_KEEP_TPM))
        return hv_throw(error, HV_ERR_OPERATION_INVALID, "cannot both keep and delete TPM");
    domain = domain_open_locked(call, ref, "undefine", error);
    if (!domain)
        return FALSE;
    info = &domain->info;
    if (!info->persistent)
        return hv_throw(error, HV_ERR_OPERATION_INVALID, "cannot undefine transient domain");
    store_remains_init(&remains);
    if (!find_remains(domain, flags, &remains, error))
        return FALSE;
    store = domain->state->store;
    names = store_lock_names(store, error);
    if (!names || !store_remove_config(store, info->name, info->uuid, &remains, error))
        return FALSE;
    store_emit_lifecycle(store, info, LIFECYCLE_UNDEFINED, UNDEFINED_REMOVED);
    if (store_settle(store, info->name, info->uuid, error))
        return TRUE;
    g_prefix_error(error, "domain '%s' is no longer defined, but not all that it kept could be removed: ", info->name);
    return FALSE;
}

gboolean
embedded_domain_undefine(const Call *call, const void *args, void *result G_GNUC_UNUSED, GError **error)
{
    return undefine(call, &((const domain_undefine_args *) args)->dom, 0, error);
}

gboolean
embedded_domain_undefine_flags(const Call *call, const void *args, void *result G_GNUC_UNUSED, GError **error)
{
    const domain_undefine_flags_args *in = args;

    return undefine(call, &in->dom, in->flags, error);
}

/* --- renaming --------------------------------------------------------------------------------------- */

static gboolean
check_new_name(const Domain *domain, const char *new_name, GError **error)
{
    Store *store = domain->state->store;
    g_auto(StoreDomain) other = { 0 };
    g_autoptr(GError) failure = NULL;

    if (strcmp(new_name, domain->info.name) == 0)
        return hv_throw(error, HV_ERR_OPERATION_INVALID, "Can't rename domain to itself");
    if (store_find_name(store, new_name, &other, &failure))
        return hv_throw(error, HV_ERR_OPERATION_INVALID, "domain with name '%s' already exists", new_name);
    if (failure) {
        g_propagate_error(error, g_steal_pointer(&failure));
        return FALSE;
    }
    return TRUE;
}

gboolean
embedded_domain_rename(const Call *call, const void *args, void *result, GError **error)
{
    const domain_rename_args *in = args;
    const char *new_name = in->new_name ? in->new_name : "";
    g_autoptr(Domain) domain = NULL;
    g_autoptr(StoreLock) new_lock = NULL;
    g_autoptr(StoreLock) names = NULL;
    g_autoptr(xmlDoc) doc = NULL;
    g_autofree char *xml = NULL;
    g_auto(StoreDomain) renamed = { 0 };
    Store *store;

    if (!domain_check_flags(in->flags, 0, "qemuDomainRename", error) || !domain_check_name(new_name, error))
        return FALSE;
    domain = domain_open_locked(call, &in->dom, "rename", error);
    if (!domain)
        return FALSE;
    if (domain->info.active)
        return hv_throw(error, HV_ERR_OPERATION_INVALID, "cannot rename active domain");
    if (!domain->info.persistent)
        return hv_throw(error, HV_ERR_OPERATION_INVALID, "cannot rename a transient domain");
    store = domain->state->store;
    if (!check_new_name(domain, new_name, error) || !store_check_name(store, new_name, error))
        return FALSE;
    new_lock = store_lock(store, new_name, "rename", RENAME_LOCK_MS, error);
    doc = new_lock ? domain_load_config(domain, error) : NULL;
    names = doc ? store_lock_names(store, error) : NULL;
    /* Somebody may have taken the name while we waited for its lock. */
    if (!names || !check_new_name(domain, new_name, error))
        return FALSE;
    domain_set_name(doc, new_name);
    xml = document_format(doc);
    if (!store_rename_config(store, domain->info.name, new_name, domain->info.uuid, xml, error))
        return FALSE;
    store_forget_last(store, domain->info.name);
    store_emit_lifecycle(store, &domain->info, LIFECYCLE_UNDEFINED, UNDEFINED_RENAMED);
    if (store_find_name(store, new_name, &renamed, NULL))
        store_emit_lifecycle(store, &renamed, LIFECYCLE_DEFINED, DEFINED_RENAMED);
    ((domain_rename_result *) result)->retcode = 0;
    return TRUE;
}
