#include "config.h"

#include "backend/embedded/driver-state.h"

DriverState *
driver_state_new(const char *uri, const char *type, gboolean readonly, Store *store, Machine *machine)
{
    DriverState *state = g_new0(DriverState, 1);

    state->uri = g_strdup(uri);
    state->type = type;
    state->readonly = readonly;
    state->store = store;
    state->machine = machine;
    state->warnings = g_strdup("");
    return state;
}

void
driver_peek_clear(DriverPeek *peek)
{
    g_free(peek->name);
    g_free(peek->xml);
    document_free(peek->doc);
    *peek = (DriverPeek){ 0 };
}

void
driver_state_free(gpointer data)
{
    DriverState *state = data;

    if (!state)
        return;
    machine_free(state->machine);
    store_free(state->store);
    if (state->facts_free)
        state->facts_free(state->facts_owner);
    host_free(state->host);
    g_free(state->invented_host);
    g_free(state->warnings);
    driver_peek_clear(&state->peek);
    g_free(state->uri);
    g_free(state);
}
