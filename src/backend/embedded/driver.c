/* The driver of qemu:///system, qemu:///session and qemu:///embed?root=DIR. */
#include "config.h"

#include <string.h>
#include <unistd.h>

#include "backend/embedded/domain/operations.h"
#include "backend/embedded/machine-qemu.h"
#include "backend/embedded/store-files.h"
#include "util/error.h"

/* What the state borrows, freed after it. */
typedef struct {
    Paths *paths;
    QemuFacts *facts;
} Owned;

static void
owned_free(gpointer data)
{
    Owned *owned = data;

    qemu_facts_free(owned->facts);
    paths_free(owned->paths);
    g_free(owned);
}

static gboolean
embedded_accepts(const Uri *uri)
{
    return g_strcmp0(uri->scheme, "qemu") == 0 && !uri->transport && (!uri->host || !*uri->host);
}

static Paths *
paths_for(const Uri *uri, char **canonical, GError **error)
{
    const char *root, *host;

    if (strcmp(uri->path, "/session") == 0) {
        *canonical = g_strdup("qemu:///session");
        return paths_new(PATHS_SESSION, NULL, error);
    }
    if (strcmp(uri->path, "/system") == 0) {
        if (geteuid() != 0) {
            hv_throw(error, HV_ERR_ACCESS_DENIED, "qemu:///system belongs to root");
            hv_error_set_hint(error, "qemu:///session runs guests of this user");
            return NULL;
        }
        *canonical = g_strdup("qemu:///system");
        return paths_new(PATHS_SYSTEM, NULL, error);
    }
    if (strcmp(uri->path, "/embed") == 0) {
        root = g_hash_table_lookup(uri->query, "root");
        if (!root) {
            hv_throw(error, HV_ERR_INVALID_ARG, "URI must have a root directory, as in qemu:///embed?root=/some/path");
            return NULL;
        }
        host = g_hash_table_lookup(uri->query, "host");
        *canonical = g_strdup_printf("qemu:///embed?root=%s%s%s", root, host ? "&host=" : "", host ? host : "");
        return paths_new(PATHS_EMBED, root, error);
    }
    hv_throw(error, HV_ERR_INTERNAL_ERROR, "unexpected qemu URI path '%s', try qemu:///system", uri->path);
    return NULL;
}

/* Whose /proc and /sys are shown: qemu:///embed?root=DIR&host=TREE, or HVSH_HOST_ROOT. What runs guests for real must know the
 * true machine, so others than embed look elsewhere in builds for tests only. */
static const char *
host_root(const Uri *uri)
{
    gboolean embed = strcmp(uri->path, "/embed") == 0;
    const char *named = embed ? g_hash_table_lookup(uri->query, "host") : NULL;

#ifdef HVSH_CONTRACT_CHECKS
    embed = TRUE;
#endif
    return named || !embed ? named : g_getenv(HOST_ROOT_VARIABLE);
}

static gboolean
embedded_open(const Uri *uri, gboolean readonly, gpointer *data, char **canonical, GError **error)
{
    g_autofree char *name = NULL;
    g_autoptr(Paths) paths = paths_for(uri, &name, error);
    g_autoptr(Host) host = paths ? host_new(host_root(uri), error) : NULL;
    DriverState *state;
    Owned *owned;
    Store *store;

    if (!host)
        return FALSE;
    owned = g_new0(Owned, 1);
    owned->facts = qemu_facts_new(paths->cache, NULL);
    owned->paths = g_steal_pointer(&paths);
    store = store_files_new(owned->paths);
    state = driver_state_new(name, "QEMU", readonly, store, machine_qemu_new(owned->paths, store, owned->facts, host));
    state->facts = qemu_facts_table(owned->facts);
    state->paths = owned->paths;
    state->uuid_folder = owned->paths->state;
    state->qemu = owned->facts;
    state->host = g_steal_pointer(&host);
    state->facts_owner = owned;
    state->facts_free = owned_free;
    *data = state;
    *canonical = g_steal_pointer(&name);
    return TRUE;
}

static EventSource *
embedded_events(gpointer data, const EventFilter *filter, GError **error)
{
    DriverState *state = data;

    return store_watch(state->store, filter, error);
}

const Driver embedded_driver = {
    .name = "QEMU",
    .keepalive = TRUE,
    .accepts = embedded_accepts,
    .open = embedded_open,
    .close = driver_state_free,
    .ops = {
        EMBEDDED_OPERATION(connect_get_type, CONNECT_GET_TYPE),
        EMBEDDED_OPERATION(connect_get_version, CONNECT_GET_VERSION),
        EMBEDDED_OPERATION(connect_get_lib_version, CONNECT_GET_LIB_VERSION),
        EMBEDDED_OPERATION(connect_get_hostname, CONNECT_GET_HOSTNAME),
        EMBEDDED_OPERATION(connect_get_uri, CONNECT_GET_URI),
        EMBEDDED_OPERATION(connect_get_max_vcpus, CONNECT_GET_MAX_VCPUS),
        EMBEDDED_OPERATION(connect_get_capabilities, CONNECT_GET_CAPABILITIES),
        EMBEDDED_OPERATION(connect_get_domain_capabilities, CONNECT_GET_DOMAIN_CAPABILITIES),
        EMBEDDED_OPERATION(connect_get_storage_pool_capabilities, CONNECT_GET_STORAGE_POOL_CAPABILITIES),
        EMBEDDED_OPERATION(connect_get_cpu_model_names, CONNECT_GET_CPU_MODEL_NAMES),
        EMBEDDED_OPERATION(connect_compare_cpu, CONNECT_COMPARE_CPU),
        EMBEDDED_OPERATION(connect_compare_hypervisor_cpu, CONNECT_COMPARE_HYPERVISOR_CPU),
        EMBEDDED_OPERATION(connect_baseline_cpu, CONNECT_BASELINE_CPU),
        EMBEDDED_OPERATION(connect_baseline_hypervisor_cpu, CONNECT_BASELINE_HYPERVISOR_CPU),
        EMBEDDED_OPERATION(connect_doctor, CONNECT_DOCTOR),
        EMBEDDED_OPERATION(connect_is_alive, CONNECT_IS_ALIVE),
        EMBEDDED_OPERATION(connect_is_secure, CONNECT_IS_SECURE),
        EMBEDDED_OPERATION(connect_is_encrypted, CONNECT_IS_ENCRYPTED),
        EMBEDDED_OPERATION(connect_list_all_domains, CONNECT_LIST_ALL_DOMAINS),
        EMBEDDED_OPERATION(connect_domain_xml_to_native, CONNECT_DOMAIN_XML_TO_NATIVE),
        EMBEDDED_OPERATION(connect_autostart, CONNECT_AUTOSTART),
        EMBEDDED_OPERATION(connect_get_sysinfo, CONNECT_GET_SYSINFO),
        EMBEDDED_OPERATION(node_get_sev_info, NODE_GET_SEV_INFO),
        EMBEDDED_OPERATION(connect_num_of_secrets, CONNECT_NUM_OF_SECRETS),
        EMBEDDED_OPERATION(connect_list_all_secrets, CONNECT_LIST_ALL_SECRETS),
        EMBEDDED_OPERATION(secret_lookup_by_uuid, SECRET_LOOKUP_BY_UUID),
        EMBEDDED_OPERATION(secret_define_xml, SECRET_DEFINE_XML),
        EMBEDDED_OPERATION(secret_get_xml_desc, SECRET_GET_XML_DESC),
        EMBEDDED_OPERATION(secret_set_value, SECRET_SET_VALUE),
        EMBEDDED_OPERATION(secret_get_value, SECRET_GET_VALUE),
        EMBEDDED_OPERATION(secret_undefine, SECRET_UNDEFINE),
        EMBEDDED_OPERATION(node_get_security_model, NODE_GET_SECURITY_MODEL),
        EMBEDDED_OPERATION(node_get_info, NODE_GET_INFO),
        EMBEDDED_OPERATION(node_get_cpu_map, NODE_GET_CPU_MAP),
        EMBEDDED_OPERATION(node_get_cpu_stats, NODE_GET_CPU_STATS),
        EMBEDDED_OPERATION(node_get_memory_stats, NODE_GET_MEMORY_STATS),
        EMBEDDED_OPERATION(node_get_free_memory, NODE_GET_FREE_MEMORY),
        EMBEDDED_OPERATION(node_get_cells_free_memory, NODE_GET_CELLS_FREE_MEMORY),
        EMBEDDED_OPERATION(node_get_free_pages, NODE_GET_FREE_PAGES),
        EMBEDDED_OPERATION(node_alloc_pages, NODE_ALLOC_PAGES),
        EMBEDDED_OPERATION(node_get_memory_parameters, NODE_GET_MEMORY_PARAMETERS),
        EMBEDDED_OPERATION(node_set_memory_parameters, NODE_SET_MEMORY_PARAMETERS),
        EMBEDDED_OPERATION(node_suspend_for_duration, NODE_SUSPEND_FOR_DURATION),
        EMBEDDED_OPERATION(domain_lookup_by_id, DOMAIN_LOOKUP_BY_ID),
        EMBEDDED_OPERATION(domain_lookup_by_name, DOMAIN_LOOKUP_BY_NAME),
        EMBEDDED_OPERATION(domain_lookup_by_uuid, DOMAIN_LOOKUP_BY_UUID),
        EMBEDDED_OPERATION(domain_is_persistent, DOMAIN_IS_PERSISTENT),
        EMBEDDED_OPERATION(domain_has_managed_save_image, DOMAIN_HAS_MANAGED_SAVE_IMAGE),
        EMBEDDED_OPERATION(domain_get_info, DOMAIN_GET_INFO),
        EMBEDDED_OPERATION(domain_get_state, DOMAIN_GET_STATE),
        EMBEDDED_OPERATION(domain_get_control_info, DOMAIN_GET_CONTROL_INFO),
        EMBEDDED_OPERATION(domain_get_os_type, DOMAIN_GET_OS_TYPE),
        EMBEDDED_OPERATION(domain_get_security_label, DOMAIN_GET_SECURITY_LABEL),
        EMBEDDED_OPERATION(domain_get_xml_desc, DOMAIN_GET_XML_DESC),
        EMBEDDED_OPERATION(domain_explain, DOMAIN_EXPLAIN),
        EMBEDDED_OPERATION(domain_define_xml, DOMAIN_DEFINE_XML),
        EMBEDDED_OPERATION(domain_define_xml_flags, DOMAIN_DEFINE_XML_FLAGS),
        EMBEDDED_OPERATION(domain_define_plan, DOMAIN_DEFINE_PLAN),
        EMBEDDED_OPERATION(domain_define_warnings, DOMAIN_DEFINE_WARNINGS),
        EMBEDDED_OPERATION(domain_undefine, DOMAIN_UNDEFINE),
        EMBEDDED_OPERATION(domain_undefine_flags, DOMAIN_UNDEFINE_FLAGS),
        EMBEDDED_OPERATION(domain_rename, DOMAIN_RENAME),
        EMBEDDED_OPERATION(domain_create, DOMAIN_CREATE),
        EMBEDDED_OPERATION(domain_create_with_flags, DOMAIN_CREATE_WITH_FLAGS),
        EMBEDDED_OPERATION(domain_create_xml, DOMAIN_CREATE_XML),
        EMBEDDED_OPERATION(domain_start_plan, DOMAIN_START_PLAN),
        EMBEDDED_OPERATION(domain_suspend, DOMAIN_SUSPEND),
        EMBEDDED_OPERATION(domain_resume, DOMAIN_RESUME),
        EMBEDDED_OPERATION(domain_shutdown, DOMAIN_SHUTDOWN),
        EMBEDDED_OPERATION(domain_shutdown_flags, DOMAIN_SHUTDOWN_FLAGS),
        EMBEDDED_OPERATION(domain_reboot, DOMAIN_REBOOT),
        EMBEDDED_OPERATION(domain_reset, DOMAIN_RESET),
        EMBEDDED_OPERATION(domain_destroy, DOMAIN_DESTROY),
        EMBEDDED_OPERATION(domain_destroy_flags, DOMAIN_DESTROY_FLAGS),
        EMBEDDED_OPERATION(domain_set_lifecycle_action, DOMAIN_SET_LIFECYCLE_ACTION),
        EMBEDDED_OPERATION(domain_get_autostart, DOMAIN_GET_AUTOSTART),
        EMBEDDED_OPERATION(domain_set_autostart, DOMAIN_SET_AUTOSTART),
        EMBEDDED_OPERATION(domain_get_autostart_once, DOMAIN_GET_AUTOSTART_ONCE),
        EMBEDDED_OPERATION(domain_set_autostart_once, DOMAIN_SET_AUTOSTART_ONCE),
        EMBEDDED_OPERATION(domain_get_metadata, DOMAIN_GET_METADATA),
        EMBEDDED_OPERATION(domain_set_metadata, DOMAIN_SET_METADATA),
        EMBEDDED_OPERATION(domain_send_key, DOMAIN_SEND_KEY),
        EMBEDDED_OPERATION(domain_inject_nmi, DOMAIN_INJECT_NMI),
        EMBEDDED_OPERATION(domain_screenshot, DOMAIN_SCREENSHOT),
        EMBEDDED_OPERATION(domain_open_console, DOMAIN_OPEN_CONSOLE),
        EMBEDDED_OPERATION(domain_console_log, DOMAIN_CONSOLE_LOG),
        EMBEDDED_OPERATION(domain_monitor_command, DOMAIN_MONITOR_COMMAND),
        EMBEDDED_OPERATION(domain_monitor_command_with_files, DOMAIN_MONITOR_COMMAND_WITH_FILES),
    },
    .events = embedded_events,
    .secret_events = TRUE,
};
