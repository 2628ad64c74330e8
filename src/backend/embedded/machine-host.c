/* What QEMU's command line needs to know of the machine, from the Host of the connection. */
#include "config.h"

#include "backend/embedded/machine-start-private.h"

static gboolean
exists(gconstpointer data, const char *path)
{
    return host_exists(data, "%s", path);
}

static char *
read_word(gconstpointer data, const char *path)
{
    return host_read_word(data, "%s", path);
}

static char **
read_names(gconstpointer data, const char *path)
{
    char **names = NULL;

    return host_read_names(data, &names, NULL, "%s", path) == HOST_OK ? names : NULL;
}

QemuHostFiles
machine_qemu_host_files(const MachineQemu *machine)
{
    return (QemuHostFiles){ machine->host, exists, read_word, read_names };
}
