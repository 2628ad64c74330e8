#include "backend/connection.h"

#include <string.h>

#include "backend/arguments.h"
#include "backend/constants.h"
#include "backend/contract.h"
#include "backend/driver.h"
#include "backend/trace.h"
#include "util/error.h"
#include "util/log.h"

#define MODULE "backend.connection"

struct Connection {
    const Driver *driver;
    gpointer data;
    char *uri;
    gboolean readonly;
};

static const Driver *const drivers[] = { &embedded_driver, &test_driver };

static const Driver *
driver_find(const Uri *uri)
{
    for (gsize i = 0; i < G_N_ELEMENTS(drivers); i++)
        if (drivers[i]->accepts(uri))
            return drivers[i];
    return NULL;
}

/* libvirt's words for a URI that no driver takes. */
static void
throw_no_driver(const Uri *parsed, const char *text, GError **error)
{
    static const char *const transports[] = { "tls", "unix", "ssh", "ext", "tcp", "libssh2", "libssh", NULL };

    if (parsed->transport && !g_strv_contains(transports, parsed->transport)) {
        g_autofree char *known = g_strjoinv("|", (char **)transports);

        hv_throw(error, HV_ERR_INVALID_ARG, "remote_open: transport in URL not recognised (should be %s)", known);
        return;
    }
    hv_throw(error, HV_ERR_NO_CONNECT, "%s", text);
    if (parsed->transport || parsed->host)
        hv_error_set_hint(error, "connections to other hosts are not available in this build; "
                          "local ones are qemu:///system, qemu:///session, qemu:///embed?root=DIR and test:///default");
}

Connection *
conn_open(const char *uri, gboolean readonly, GError **error)
{
    g_autofree char *wanted = uri && *uri ? g_strdup(uri) : uri_default(uri != NULL);
    g_autoptr(Uri) parsed = uri_parse(wanted, error);
    g_autoptr(Connection) conn = NULL;
    const Driver *driver;

    if (!parsed)
        return NULL;
    driver = driver_find(parsed);
    if (!driver) {
        throw_no_driver(parsed, wanted, error);
        return NULL;
    }
    conn = g_new0(Connection, 1);
    conn->readonly = readonly;
    if (!driver->open(parsed, readonly, &conn->data, &conn->uri, error))
        return NULL;
    conn->driver = driver;
    HV_DEBUG(MODULE, "opened %s%s", conn->uri, readonly ? " (read-only)" : "");
    return g_steal_pointer(&conn);
}

void
conn_close(Connection *conn)
{
    if (!conn)
        return;
    if (conn->driver)
        conn->driver->close(conn->data);
    g_free(conn->uri);
    g_free(conn);
}

gboolean
conn_set_keepalive(Connection *conn, int interval, int count, GError **error)
{
    return conn->driver->keepalive || hv_throw(error, HV_ERR_NO_SUPPORT, "virConnectSetKeepAlive");
}

/* What a read-only connection refuses: everything that writes, and secrets in documents. */
static gboolean
access_allowed(Connection *conn, Operation op, const OperationInfo *info, const void *args, GError **error)
{
    if (!conn->readonly)
        return TRUE;
    if (info->access == OP_WRITE)
        return hv_throw(error, HV_ERR_OPERATION_DENIED, "read only access prevents %s", info->api);
    if (op == OP_DOMAIN_GET_XML_DESC &&
        (((const domain_get_xml_desc_args *)args)->flags & (XML_SECURE | XML_MIGRATABLE)))
        return hv_throw(error, HV_ERR_OPERATION_DENIED, "%s with secure flag", info->api);
    return TRUE;
}

static void
trace_outcome(const OperationInfo *info, gboolean ok, gconstpointer result, const GError *error, gint64 started)
{
    gint64 elapsed = g_get_monotonic_time() - started;

    if (ok) {
        g_autofree char *fields = trace_fields(info->result, result);

        log_write(LOG_LEVEL_DEBUG, MODULE, info->name, "done in %" G_GINT64_FORMAT " us: %s", elapsed, fields);
    } else {
        gboolean shown = error && !trace_holds_opaque(info->args);

        log_write(LOG_LEVEL_DEBUG, MODULE, info->name, "failed in %" G_GINT64_FORMAT " us: %s (code %d)", elapsed,
                  shown ? error->message : error ? hv_error_code_name(error->code) : "no error", error ? error->code : 0);
    }
}

/* Room for the result of any operation, where the caller does not want it. */
typedef union {
#define OP(id, NAME, program, procedure, access, api) id##_result id;
#define ARG(id, type, field)
#define RES(id, type, field)
#define END(id)
#include "backend/interface.def"
} AnyResult;

gboolean
conn_call_extra(Connection *conn, Operation op, const void *args, void *result, const CallExtra *extra, GError **error)
{
    const OperationInfo *info = operation_info(op);
    OperationFunc function = conn->driver->ops[op];
    g_autoptr(Stream) stream = NULL;
    g_autoptr(GError) local = NULL;
    AnyResult unwanted;
    gpointer out = result;
    Call call = { .conn = conn, .data = conn->data, .op = op, .stream = &stream };
    gboolean traced = log_enabled(LOG_LEVEL_DEBUG, MODULE);
    gint64 started = 0;
    gboolean ok;

    if (!out) {
        memset(&unwanted, 0, sizeof unwanted);
        out = &unwanted;
    }
    if (extra) {
        call.fds_in = extra->fds_in;
        call.n_fds_in = extra->n_fds_in;
    }
#ifdef HVSH_CONTRACT_CHECKS
    contract_check_args(info, args, result);
#endif
    if (!access_allowed(conn, op, info, args, error) || !arguments_check(op, args, error))
        return FALSE;
    if (!function)
        return hv_throw(error, HV_ERR_NO_SUPPORT, "%s", info->api);

    if (traced) {
        g_autofree char *fields = trace_fields(info->args, args);

        started = g_get_monotonic_time();
        log_write(LOG_LEVEL_DEBUG, MODULE, info->name, "called with %s", fields);
    }
    ok = function(&call, args, out, &local);
    if (traced)
        trace_outcome(info, ok, out, local, started);
#ifdef HVSH_CONTRACT_CHECKS
    contract_check_outcome(info, ok, out, local);
#endif
    if (!ok || !result)
        fields_clear(info->result, info->result_size, out);
    if (ok && extra && extra->stream)
        *extra->stream = g_steal_pointer(&stream);
    if (local)
        g_propagate_error(error, g_steal_pointer(&local));
    return ok;
}

gboolean
conn_call(Connection *conn, Operation op, const void *args, void *result, GError **error)
{
    return conn_call_extra(conn, op, args, result, NULL, error);
}

static EventSource *
events_open(Connection *conn, const EventFilter *filter, const char *api, GError **error)
{
    if (!conn->driver->events) {
        hv_throw(error, HV_ERR_NO_SUPPORT, "%s", api);
        return NULL;
    }
    return conn->driver->events(conn->data, filter, error);
}

EventSource *
conn_events(Connection *conn, const DomainRef *domain, int event_id, GError **error)
{
    EventFilter filter = { .domain = domain, .event_id = event_id };

    return events_open(conn, &filter, "virConnectDomainEventRegisterAny", error);
}

EventSource *
conn_monitor_events(Connection *conn, const DomainRef *domain, GError **error)
{
    EventFilter filter = { .domain = domain, .event_id = -1, .monitor = TRUE };

    if (conn->readonly) {
        hv_throw(error, HV_ERR_OPERATION_DENIED, "read only access prevents %s",
                 "virConnectDomainQemuMonitorEventRegister");
        return NULL;
    }
    return events_open(conn, &filter, "virConnectDomainQemuMonitorEventRegister", error);
}

EventSource *
conn_secret_events(Connection *conn, const SecretRef *secret, int event_id, GError **error)
{
    EventFilter filter = { .secrets = TRUE, .secret = secret, .event_id = event_id };
    const char *api = "virConnectSecretEventRegisterAny";

    if (!conn->driver->secret_events) {
        hv_throw(error, HV_ERR_NO_SUPPORT, "%s", api);
        return NULL;
    }
    return events_open(conn, &filter, api, error);
}
