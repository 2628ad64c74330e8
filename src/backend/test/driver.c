/* The driver of test:///default and test:///FILE: the operations of the embedded driver over a store in
 * memory and a simulated machine. Where libvirt's test driver behaves differently from its QEMU driver is said in
 * one table, OPERATIONS. */
#include "backend/driver.h"

#include <string.h>

#include "backend/constants.h"
#include "backend/embedded/domain/domain.h"
#include "backend/embedded/domain/operations.h"
#include "backend/test/capabilities.h"
#include "backend/test/host.h"
#include "backend/test/machine-simulated.h"
#include "backend/test/objects.h"
#include "backend/test/screenshot.h"
#include "backend/test/store-memory.h"
#include "util/error.h"

#define STATE(name) (1u << DOMAIN_STATE_##name)
#define ANY_STATE 0u
#define ANY_FLAGS (~0u)
#define LIST_FLAGS ((LIST_NO_CHECKPOINT << 1) - 1)

/* --- operations of which libvirt's test driver makes something of its own ------------------------ */

static gboolean
test_get_os_type(const Call *call, const void *args, void *result, GError **error)
{
    const domain_get_os_type_args *in = args;
    domain_get_os_type_result *out = result;
    g_autoptr(Domain) domain = domain_open(call, &in->dom, error);

    if (!domain)
        return FALSE;
    out->type = g_strdup("linux");
    return TRUE;
}

static gboolean
test_get_info(const Call *call, const void *args, void *result, GError **error)
{
    domain_get_info_result *out = result;

    if (!embedded_domain_get_info(call, args, result, error))
        return FALSE;
    out->cpu_time = (guint64)g_get_real_time() * 1000;
    return TRUE;
}

static gboolean
test_get_security_label(const Call *call, const void *args, void *result, GError **error)
{
    const domain_get_security_label_args *in = args;
    domain_get_security_label_result *out = result;
    g_autoptr(Domain) domain = domain_open(call, &in->dom, error);

    if (!domain)
        return FALSE;
    out->label = g_strdup(domain->info.active ? "libvirt-test" : "");
    out->enforcing = domain->info.active;
    return TRUE;
}

static gboolean
name_interfaces(Store *store, const char *name, GError **error)
{
    g_autofree char *text = store_load_config(store, name, NULL, error);
    g_autofree char *named = NULL;
    g_autoptr(xmlDoc) doc = NULL;

    doc = text ? domain_load(text, -1, NULL, error) : NULL;
    if (!doc)
        return FALSE;
    if (!machine_simulated_name_interfaces(doc))
        return TRUE;
    named = document_format(doc);
    return store_save_config(store, name, domain_uuid(doc), named, error);
}

static gboolean
test_define_xml(const Call *call, const void *args, void *result, GError **error)
{
    const DriverState *state = call->data;
    domain_define_xml_result *out = result;

    return embedded_domain_define_xml(call, args, result, error) && name_interfaces(state->store, out->dom.name, error);
}

static gboolean
test_define_xml_flags(const Call *call, const void *args, void *result, GError **error)
{
    const DriverState *state = call->data;
    domain_define_xml_flags_result *out = result;

    return embedded_domain_define_xml_flags(call, args, result, error) &&
        name_interfaces(state->store, out->dom.name, error);
}

/* Works on a domain that is shut off, too, and on any screen. */
static gboolean
test_screenshot(const Call *call, const void *args, void *result, GError **error)
{
    const domain_screenshot_args *in = args;
    domain_screenshot_result *out = result;
    g_autoptr(Domain) domain = domain_open(call, &in->dom, error);

    if (!domain)
        return FALSE;
    out->mime = g_strdup(SCREENSHOT_MIME);
    *call->stream = stream_new_bytes(screenshot_picture());
    return TRUE;
}

/* A transient domain has nothing to lose, and libvirt's test driver does not mind. */
static gboolean
test_undefine(const Call *call, const void *args, void *result, GError **error)
{
    const domain_undefine_args *in = args;
    g_autoptr(Domain) domain = domain_open(call, &in->dom, error);

    if (!domain)
        return FALSE;
    return !domain->info.persistent || embedded_domain_undefine(call, args, result, error);
}

static gboolean
test_undefine_flags(const Call *call, const void *args, void *result, GError **error)
{
    const domain_undefine_flags_args *in = args;
    g_autoptr(Domain) domain = domain_open(call, &in->dom, error);

    if (!domain)
        return FALSE;
    return !domain->info.persistent || embedded_domain_undefine_flags(call, args, result, error);
}

/* Transient domains have the mark, too. */
/* What is about the QEMU of this host or its command line. */
static gboolean
test_refuse_without_qemu(const Call *call, const void *args, void *result, GError **error)
{
    domain_throw_unsupported(call, error);
    hv_error_set_hint(error, "the domains of test:/// are simulated, without a QEMU; try -c qemu:///session");
    return FALSE;
}

static gboolean
test_get_autostart(const Call *call, const void *args, void *result, GError **error)
{
    g_autoptr(Domain) domain = domain_open(call, &((const domain_get_autostart_args *)args)->dom, error);
    gboolean on = FALSE;

    if (!domain || !store_get_autostart(domain->state->store, domain->info.name, STORE_AUTOSTART, &on, error))
        return FALSE;
    ((domain_get_autostart_result *)result)->autostart = on;
    return TRUE;
}

static gboolean
test_set_autostart(const Call *call, const void *args, void *result, GError **error)
{
    const domain_set_autostart_args *in = args;
    g_autoptr(Domain) domain = domain_open_locked(call, &in->dom, "autostart", error);

    return domain && store_set_autostart(domain->state->store, domain->info.name, STORE_AUTOSTART, in->autostart != 0, error);
}

/* Every way of asking for a reboot does. */
static gboolean
test_reboot(const Call *call, const void *args, void *result, GError **error)
{
    domain_reboot_args in = *(const domain_reboot_args *)args;

    in.flags = 0;
    return embedded_domain_reboot(call, &in, result, error);
}

/* libvirt's test driver takes the descriptors, of which nothing in it makes any use. */
static gboolean
test_create_xml_with_files(const Call *call, const void *args, void *result, GError **error)
{
    const domain_create_xml_with_files_args *in = args;
    domain_create_xml_with_files_result *out = result;
    g_auto(domain_create_xml_result) created = { 0 };
    Call bare = *call;

    bare.n_fds_in = 0;
    if (!embedded_domain_create_xml(&bare, &(domain_create_xml_args){ .xml_desc = in->xml_desc, .flags = in->flags },
                                    &created, error))
        return FALSE;
    domain_ref_copy(&created.dom, &out->dom);
    return TRUE;
}

static gboolean
test_create_with_files(const Call *call, const void *args, void *result, GError **error)
{
    const domain_create_with_files_args *in = args;
    domain_create_with_files_result *out = result;
    g_auto(domain_create_with_flags_result) created = { 0 };
    Call bare = *call;

    bare.n_fds_in = 0;
    if (!embedded_domain_create_with_flags(&bare, &(domain_create_with_flags_args){ .dom = in->dom, .flags = in->flags },
                                           &created, error))
        return FALSE;
    domain_ref_copy(&created.dom, &out->dom);
    return TRUE;
}

/* --- the table ------------------------------------------------------------------------------------- */

/* X(operation, implementation, libvirt's function (it is named when flags are refused), flags that are
 *   allowed, states in which it is refused, what libvirt says of the domain then). An operation that is not here is
 * "not supported by the connection driver". */
#define OPERATIONS(X) \
    X(CONNECT_GET_TYPE, embedded_connect_get_type, NULL, 0, ANY_STATE, NULL) \
    X(CONNECT_GET_VERSION, embedded_connect_get_version, NULL, 0, ANY_STATE, NULL) \
    X(CONNECT_GET_LIB_VERSION, embedded_connect_get_lib_version, NULL, 0, ANY_STATE, NULL) \
    X(CONNECT_GET_HOSTNAME, embedded_connect_get_hostname, NULL, 0, ANY_STATE, NULL) \
    X(CONNECT_GET_URI, embedded_connect_get_uri, NULL, 0, ANY_STATE, NULL) \
    X(CONNECT_LIST_ALL_DOMAINS, embedded_connect_list_all_domains, "testConnectListAllDomains", LIST_FLAGS, \
      ANY_STATE, NULL) \
    X(CONNECT_GET_SYSINFO, test_connect_get_sysinfo, "testConnectGetSysinfo", 0, ANY_STATE, NULL) \
    X(NODE_GET_INFO, test_node_get_info, NULL, 0, ANY_STATE, NULL) \
    X(NODE_GET_CPU_MAP, test_node_get_cpu_map, "testNodeGetCPUMap", 0, ANY_STATE, NULL) \
    X(NODE_GET_CPU_STATS, test_node_get_cpu_stats, "testNodeGetCPUStats", 0, ANY_STATE, NULL) \
    X(NODE_GET_FREE_MEMORY, test_node_get_free_memory, NULL, 0, ANY_STATE, NULL) \
    X(NODE_GET_CELLS_FREE_MEMORY, test_node_get_cells_free_memory, NULL, 0, ANY_STATE, NULL) \
    X(NODE_GET_FREE_PAGES, test_node_get_free_pages, "testNodeGetFreePages", 0, ANY_STATE, NULL) \
    X(NODE_GET_SECURITY_MODEL, test_node_get_security_model, NULL, 0, ANY_STATE, NULL) \
    X(CONNECT_GET_CAPABILITIES, test_connect_get_capabilities, NULL, 0, ANY_STATE, NULL) \
    X(CONNECT_GET_MAX_VCPUS, test_connect_get_max_vcpus, NULL, 0, ANY_STATE, NULL) \
    X(CONNECT_GET_CPU_MODEL_NAMES, test_connect_get_cpu_model_names, "testConnectGetCPUModelNames", 0, ANY_STATE, NULL) \
    X(CONNECT_BASELINE_CPU, test_connect_baseline_cpu, "testConnectBaselineCPU", BASELINE_CPU_EXPAND_FEATURES, ANY_STATE, \
      NULL) \
    X(CONNECT_IS_ALIVE, embedded_connect_is_alive, NULL, 0, ANY_STATE, NULL) \
    X(CONNECT_IS_SECURE, embedded_connect_is_secure, NULL, 0, ANY_STATE, NULL) \
    X(CONNECT_IS_ENCRYPTED, embedded_connect_is_encrypted, NULL, 0, ANY_STATE, NULL) \
    X(DOMAIN_LOOKUP_BY_ID, embedded_domain_lookup_by_id, NULL, 0, ANY_STATE, NULL) \
    X(DOMAIN_LOOKUP_BY_NAME, embedded_domain_lookup_by_name, NULL, 0, ANY_STATE, NULL) \
    X(DOMAIN_LOOKUP_BY_UUID, embedded_domain_lookup_by_uuid, NULL, 0, ANY_STATE, NULL) \
    X(DOMAIN_DEFINE_XML, test_define_xml, NULL, 0, ANY_STATE, NULL) \
    X(DOMAIN_DEFINE_XML_FLAGS, test_define_xml_flags, "testDomainDefineXMLFlags", DEFINE_VALIDATE, \
      ANY_STATE, NULL) \
    X(DOMAIN_DEFINE_PLAN, embedded_domain_define_plan, NULL, ANY_FLAGS, ANY_STATE, NULL) \
    X(DOMAIN_DEFINE_WARNINGS, embedded_domain_define_warnings, NULL, 0, ANY_STATE, NULL) \
    X(DOMAIN_UNDEFINE, test_undefine, NULL, 0, ANY_STATE, NULL) \
    X(DOMAIN_UNDEFINE_FLAGS, test_undefine_flags, "testDomainUndefineFlags", UNDEFINE_MANAGED_SAVE | \
      UNDEFINE_SNAPSHOTS_METADATA, ANY_STATE, NULL) \
    X(DOMAIN_RENAME, embedded_domain_rename, "testDomainRename", 0, ANY_STATE, NULL) \
    X(DOMAIN_CREATE, embedded_domain_create, NULL, 0, ANY_STATE, NULL) \
    X(DOMAIN_CREATE_WITH_FLAGS, embedded_domain_create_with_flags, "testDomainCreateWithFlags", 0, ANY_STATE, NULL) \
    X(DOMAIN_CREATE_XML, embedded_domain_create_xml, "testDomainCreateXML", START_VALIDATE, ANY_STATE, NULL) \
    X(DOMAIN_CREATE_XML_WITH_FILES, test_create_xml_with_files, "testDomainCreateXML", START_VALIDATE, ANY_STATE, NULL) \
    X(DOMAIN_CREATE_WITH_FILES, test_create_with_files, "testDomainCreateWithFlags", 0, ANY_STATE, NULL) \
    X(DOMAIN_START_PLAN, embedded_domain_start_plan, NULL, ANY_FLAGS, ANY_STATE, NULL) \
    X(DOMAIN_SUSPEND, embedded_domain_suspend, NULL, 0, STATE(SHUTOFF) | STATE(PAUSED), "not running") \
    X(DOMAIN_RESUME, embedded_domain_resume, NULL, 0, ~STATE(PAUSED), "not paused") \
    X(DOMAIN_SHUTDOWN, embedded_domain_shutdown, NULL, 0, STATE(SHUTOFF), "not running") \
    X(DOMAIN_SHUTDOWN_FLAGS, embedded_domain_shutdown_flags, "testDomainShutdownFlags", 0, STATE(SHUTOFF), \
      "not running") \
    X(DOMAIN_REBOOT, test_reboot, "testDomainReboot", SHUTDOWN_ACPI_POWER_BTN | SHUTDOWN_GUEST_AGENT | \
      SHUTDOWN_INITCTL | SHUTDOWN_SIGNAL | SHUTDOWN_PARAVIRT, ANY_STATE, NULL) \
    X(DOMAIN_RESET, embedded_domain_reset, "testDomainReset", 0, ANY_STATE, NULL) \
    X(DOMAIN_DESTROY, embedded_domain_destroy, NULL, 0, ANY_STATE, NULL) \
    X(DOMAIN_DESTROY_FLAGS, embedded_domain_destroy_flags, "testDomainDestroyFlags", DESTROY_GRACEFUL, ANY_STATE, NULL) \
    X(DOMAIN_GET_XML_DESC, embedded_domain_get_xml_desc, "testDomainGetXMLDesc", XML_SECURE | XML_INACTIVE | \
      XML_MIGRATABLE, ANY_STATE, NULL) \
    X(DOMAIN_GET_INFO, test_get_info, NULL, 0, ANY_STATE, NULL) \
    X(DOMAIN_GET_STATE, embedded_domain_get_state, "testDomainGetState", 0, ANY_STATE, NULL) \
    X(DOMAIN_GET_CONTROL_INFO, embedded_domain_get_control_info, "testDomainGetControlInfo", 0, ANY_STATE, NULL) \
    X(DOMAIN_GET_OS_TYPE, test_get_os_type, NULL, 0, ANY_STATE, NULL) \
    X(DOMAIN_GET_SECURITY_LABEL, test_get_security_label, NULL, 0, ANY_STATE, NULL) \
    X(DOMAIN_IS_PERSISTENT, embedded_domain_is_persistent, NULL, 0, ANY_STATE, NULL) \
    X(DOMAIN_HAS_MANAGED_SAVE_IMAGE, embedded_domain_has_managed_save_image, "testDomainHasManagedSaveImage", 0, \
      ANY_STATE, NULL) \
    X(DOMAIN_GET_AUTOSTART, test_get_autostart, NULL, 0, ANY_STATE, NULL) \
    X(DOMAIN_SET_AUTOSTART, test_set_autostart, NULL, 0, ANY_STATE, NULL) \
    X(CONNECT_AUTOSTART, embedded_connect_autostart, NULL, 0, ANY_STATE, NULL) \
    X(CONNECT_DOCTOR, test_refuse_without_qemu, NULL, 0, ANY_STATE, NULL) \
    X(DOMAIN_EXPLAIN, test_refuse_without_qemu, NULL, ANY_FLAGS, ANY_STATE, NULL) \
    X(DOMAIN_GET_METADATA, embedded_domain_get_metadata, "testDomainGetMetadata", AFFECT_LIVE | AFFECT_CONFIG, \
      ANY_STATE, NULL) \
    X(DOMAIN_SET_METADATA, embedded_domain_set_metadata, "testDomainSetMetadata", AFFECT_LIVE | AFFECT_CONFIG, \
      ANY_STATE, NULL) \
    X(DOMAIN_SET_LIFECYCLE_ACTION, embedded_domain_set_lifecycle_action, "testDomainSetLifecycleAction", AFFECT_LIVE | \
      AFFECT_CONFIG, ANY_STATE, NULL) \
    X(DOMAIN_SEND_KEY, embedded_domain_send_key, "testDomainSendKey", 0, ANY_STATE, NULL) \
    X(DOMAIN_INJECT_NMI, embedded_domain_inject_nmi, "testDomainInjectNMI", 0, ANY_STATE, NULL) \
    X(DOMAIN_SCREENSHOT, test_screenshot, "testDomainScreenshot", 0, ANY_STATE, NULL)

typedef struct {
    OperationFunc implementation;
    const char *function;
    guint flags;
    guint refused_in;           /* set of STATE(); the operation's first argument is a domain */
    const char *refusal;        /* what the domain is then: "not running" */
} Rule;

static const Rule rules[OPERATION_COUNT] = {
#define RULE(op, implementation, function, flags, states, refusal) \
    [OP_##op] = { implementation, function, flags, states, refusal },
    OPERATIONS(RULE)
#undef RULE
};

static guint
flags_of(const OperationInfo *info, const void *args)
{
    for (const FieldInfo *field = info->args; field->name; field++)
        if (field->type == FIELD_u32 && strcmp(field->name, "flags") == 0)
            return *(const guint32 *)((const char *)args + field->offset);
    return 0;
}

static gboolean
state_allowed(const Call *call, const Rule *rule, const DomainRef *ref, GError **error)
{
    g_autoptr(Domain) domain = domain_open(call, ref, error);

    if (!domain)
        return FALSE;
    if (!(rule->refused_in & (1u << domain->info.status.state)))
        return TRUE;
    return hv_throw(error, HV_ERR_INTERNAL_ERROR, "domain '%s' %s", domain->info.name, rule->refusal);
}

static gboolean
test_run(const Call *call, const void *args, void *result, GError **error)
{
    const Rule *rule = &rules[call->op];

    if (rule->function && !domain_check_flags(flags_of(operation_info(call->op), args), rule->flags, rule->function, error))
        return FALSE;
    if (rule->refused_in && !state_allowed(call, rule, args, error))
        return FALSE;
    return rule->implementation(call, args, result, error);
}

/* --- connections ------------------------------------------------------------------------------------ */

static gboolean
test_accepts(const Uri *uri)
{
    return strcmp(uri->scheme, "test") == 0 && !uri->transport && !uri->host;
}

static gboolean
test_load(DriverState *state, const char *path, GError **error)
{
    if (strcmp(path, "/default") == 0)
        return objects_load_default(state, error);
    return objects_load_file(state, path, error);
}

static gboolean
test_open(const Uri *uri, gboolean readonly, gpointer *data, char **canonical, GError **error)
{
    Store *store;
    DriverState *state;

    if (!*uri->path || strcmp(uri->path, "/") == 0)
        return hv_throw(error, HV_ERR_INVALID_ARG, "testOpen: supply a path or use test:///default");
    store = store_memory_new();
    state = driver_state_new(uri->text, "TEST", readonly, store, machine_simulated_new(store));
    state->is_test = TRUE;
    if (!test_load(state, uri->path, error)) {
        driver_state_free(state);
        return FALSE;
    }
    *canonical = g_strdup(uri->text);
    *data = state;
    return TRUE;
}

static EventSource *
test_events(gpointer data, const EventFilter *filter, GError **error)
{
    DriverState *state = data;

    if (filter->monitor) {
        hv_throw(error, HV_ERR_NO_SUPPORT, "virConnectDomainQemuMonitorEventRegister");
        return NULL;
    }
    return store_watch(state->store, filter, error);
}

const Driver test_driver = {
    .name = "TEST",
    .accepts = test_accepts,
    .open = test_open,
    .close = driver_state_free,
    .ops = {
#define SLOT(op, implementation, function, flags, states, refusal) [OP_##op] = test_run,
        OPERATIONS(SLOT)
#undef SLOT
    },
    .events = test_events,
};
