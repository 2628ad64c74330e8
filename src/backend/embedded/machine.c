#include "config.h"

#include "backend/embedded/machine.h"

#include <string.h>

static const char *const pty_kinds[] = { "serial", "console", "parallel", "channel" };

void
machine_pty_free(MachinePty *pty)
{
    if (!pty)
        return;
    g_free(pty->alias);
    g_free(pty->path);
    g_free(pty);
}

void
machine_free(Machine *machine)
{
    if (machine)
        machine->funcs->free(machine);
}

/* A console on the serial port is the port itself: it has that port's alias. */
static const char *
pty_of(const xmlNode *device, const GPtrArray *ptys)
{
    for (guint i = 0; i < ptys->len; i++) {
        const MachinePty *pty = ptys->pdata[i];

        if (g_strcmp0(device_alias(device), pty->alias) == 0)
            return pty->path;
    }
    return NULL;
}

gboolean
machine_set_ptys(xmlDoc *live, const GPtrArray *ptys)
{
    gboolean changed = FALSE;

    for (guint k = 0; k < G_N_ELEMENTS(pty_kinds); k++) {
        for (xmlNode *dev = NULL; (dev = domain_next_device(live, dev, pty_kinds[k]));) {
            const char *path = node_attr_is(dev, "type", "pty") ? pty_of(dev, ptys) : NULL;

            if (!path || g_strcmp0(node_child_attr(dev, "source", "path"), path) == 0)
                continue;
            node_set_attr(domain_ensure_child(dev, "source"), "path", path);
            if (strcmp(pty_kinds[k], "console") == 0)
                node_set_attr(dev, "tty", path);
            changed = TRUE;
        }
    }
    return changed;
}

gboolean
machine_lacks_ptys(const xmlDoc *live)
{
    for (guint k = 0; k < G_N_ELEMENTS(pty_kinds); k++) {
        for (xmlNode *dev = NULL; (dev = domain_next_device(live, dev, pty_kinds[k]));) {
            if (node_attr_is(dev, "type", "pty") && !node_child_attr(dev, "source", "path"))
                return TRUE;
        }
    }
    return FALSE;
}
