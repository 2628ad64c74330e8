#include "config.h"

#include <string.h>

#include "backend/embedded/domain/define.h"
#include "backend/embedded/domain/domain.h"
#include "backend/embedded/domain/operations.h"
#include "backend/embedded/domain/start.h"
#include "backend/embedded/plan.h"

#define CREATE_XML_FLAGS (START_PAUSED | START_AUTODESTROY | START_VALIDATE | START_RESET_NVRAM)

/* @doc is the definition; the guest gets a copy. The caller holds the lock. */
static gboolean
start_document(DriverState *state, const xmlDoc *doc, guint flags, const int *fds, gsize n_fds, GError **error)
{
    g_autoptr(xmlDoc) live = NULL;
    MachineStart start = {
        .name = domain_name(doc),
        .uuid = domain_uuid(doc),
        .paused = (flags & START_PAUSED) != 0,
        .autodestroy = (flags & START_AUTODESTROY) != 0,
        .reset_nvram = (flags & START_RESET_NVRAM) != 0,
        .fds = fds,
        .n_fds = n_fds,
    };

    if (!store_next_id(state->store, &start.id, error))
        return FALSE;
    live = start.live = domain_make_live(doc, start.id);
    return state->machine->funcs->start(state->machine, &start, error);
}

gboolean
start_domain(Domain *domain, guint flags, const int *fds, gsize n_fds, GError **error)
{
    g_autoptr(xmlDoc) doc = NULL;

    if (domain->info.active)
        return hv_throw(error, HV_ERR_OPERATION_INVALID, "domain is already running");
    doc = domain_load_config(domain, error);
    return doc && start_document(domain->state, doc, flags, fds, n_fds, error) && domain_refresh(domain, error);
}

gboolean
embedded_domain_create(const Call *call, const void *args, void *result G_GNUC_UNUSED, GError **error)
{
    g_autoptr(Domain) domain = domain_open_locked(call, &((const domain_create_args *) args)->dom, "start", error);

    return domain && start_domain(domain, 0, NULL, 0, error);
}

gboolean
embedded_domain_create_with_flags(const Call *call, const void *args, void *result, GError **error)
{
    const domain_create_with_flags_args *in = args;
    g_autoptr(Domain) domain = NULL;

    if (!domain_check_flags(in->flags, START_PAUSED | START_AUTODESTROY | START_BYPASS_CACHE | START_FORCE_BOOT |
                            START_RESET_NVRAM, "qemuDomainCreateWithFlags", error))
        return FALSE;
    domain = domain_open_locked(call, &in->dom, "start", error);
    if (!domain || !start_domain(domain, in->flags, call->fds_in, call->n_fds_in, error))
        return FALSE;
    domain_make_ref(&domain->info, &((domain_create_with_flags_result *) result)->dom);
    return TRUE;
}

/* --- transient domains ------------------------------------------------------------------------------ */

static gboolean
check_free(DriverState *state, const xmlDoc *doc, GError **error)
{
    g_autoptr(StoreLock) names = store_lock_names(state->store, error);
    g_auto(StoreDomain) existing = { 0 };
    gboolean exists;

    if (!names || !define_check_unique(state->store, domain_name(doc), domain_uuid(doc), &existing, &exists, error))
        return FALSE;
    if (exists && existing.active)
        return hv_throw(error, HV_ERR_OPERATION_INVALID, "domain '%s' is already active", existing.name);
    return exists || define_settle_former(state->store, domain_name(doc), domain_uuid(doc), error);
}

gboolean
embedded_domain_create_xml(const Call *call, const void *args, void *result, GError **error)
{
    const domain_create_xml_args *in = args;
    DriverState *state = call->data;
    g_autoptr(xmlDoc) doc = NULL;
    g_autoptr(StoreLock) lock = NULL;
    g_auto(StoreDomain) info = { 0 };

    if (!domain_check_flags(in->flags, CREATE_XML_FLAGS, "qemuDomainCreateXML", error))
        return FALSE;
    doc = define_parse(state, in->xml_desc, in->flags & START_VALIDATE, error);
    if (!doc || !store_check_name(state->store, domain_name(doc), error))
        return FALSE;
    lock = store_lock(state->store, domain_name(doc), "create", STORE_LOCK_TIMEOUT_MS, error);
    if (!lock || !check_free(state, doc, error) ||
        !start_document(state, doc, in->flags, call->fds_in, call->n_fds_in, error))
        return FALSE;
    if (!store_find_name(state->store, domain_name(doc), &info, error))
        return (error && *error) || hv_throw(error, HV_ERR_OPERATION_FAILED, "domain '%s' ended as soon as it had started",
                                             domain_name(doc));
    domain_make_ref(&info, &((domain_create_xml_result *) result)->dom);
    return TRUE;
}

/* --- plans ------------------------------------------------------------------------------------------ */

static char *
plan_document(DriverState *state, const xmlDoc *doc, guint flags, GError **error)
{
    g_autoptr(xmlDoc) live = domain_make_live(doc, -1);
    MachineStart start = {
        .name = domain_name(doc),
        .uuid = domain_uuid(doc),
        .id = -1,
        .live = live,
        .paused = (flags & START_PAUSED) != 0,
        .reset_nvram = (flags & START_RESET_NVRAM) != 0,
    };

    if (!state->machine->funcs->plan) {
        hv_throw(error, HV_ERR_NO_SUPPORT, "start --dry-run");
        return NULL;
    }
    return state->machine->funcs->plan(state->machine, &start, error);
}

gboolean
embedded_domain_start_plan(const Call *call, const void *args, void *result, GError **error)
{
    const domain_start_plan_args *in = args;
    g_autoptr(Domain) domain = domain_open(call, &in->dom, error);
    g_autoptr(xmlDoc) doc = NULL;
    char *plan;

    if (!domain)
        return FALSE;
    if (domain->info.active)
        return hv_throw(error, HV_ERR_OPERATION_INVALID, "domain is already running");
    doc = domain_load_config(domain, error);
    plan = doc ? plan_document(domain->state, doc, in->flags, error) : NULL;
    if (!plan)
        return FALSE;
    ((domain_start_plan_result *) result)->plan = plan;
    return TRUE;
}

static char *
plan_definition(const DriverState *state, const xmlDoc *doc, gboolean change, const char *xml)
{
    const char *action = change ? "change" : "add", *uuid = domain_uuid(doc);
    json_t *plan = plan_new();
    GString *text = g_string_new(NULL);

    g_string_printf(text, "%s domain '%s' with uuid %s:\n%s", action, domain_name(doc), uuid, xml);
    json_object_set_new(plan, "action", json_string(action));
    json_object_set_new(plan, "xml", json_string(xml));
    if (state->paths) {
        g_autofree char *file = paths_domain_config(state->paths, domain_name(doc));
        g_autofree char *folder = g_path_get_dirname(file), *name = g_path_get_basename(file);
        g_autofree char *link = g_build_filename(folder, "uuid", uuid, NULL), *target = g_build_filename("..", name, NULL);

        plan_add_file(plan, "write", file, NULL);
        plan_add_file(plan, "link", link, target);
        plan_append_files(plan, text);
    }
    return plan_finish(plan, text);
}

gboolean
embedded_domain_define_plan(const Call *call, const void *args, void *result, GError **error)
{
    const domain_define_plan_args *in = args;
    DriverState *state = call->data;
    g_autoptr(xmlDoc) doc = NULL;
    g_auto(StoreDomain) existing = { 0 };
    g_autofree char *xml = NULL;
    gboolean exists;

    if (!domain_check_flags(in->flags, DEFINE_VALIDATE, "qemuDomainDefineXMLFlags", error))
        return FALSE;
    doc = define_parse(state, in->xml, in->flags & DEFINE_VALIDATE, error);
    if (!doc || !store_check_name(state->store, domain_name(doc), error) ||
        !define_check_unique(state->store, domain_name(doc), domain_uuid(doc), &existing, &exists, error))
        return FALSE;
    xml = domain_format(doc, DOMAIN_FORMAT_DEFAULT, error);
    if (!xml)
        return FALSE;
    ((domain_define_plan_result *) result)->plan = plan_definition(state, doc, exists && existing.persistent, xml);
    return TRUE;
}
