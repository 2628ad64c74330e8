/* Folders of the host in the guest: 9p, which QEMU serves itself, and virtiofs, which a program of its own serves. */
#include "config.h"

#include "backend/qemu/argv-builder.h"

#include <string.h>

#include "backend/qemu/helpers.h"
#include "util/error.h"

/* --- 9p ------------------------------------------------------------------------------------------------- */

static gboolean
filesystem_add_9p(ArgvBuilder *b, const xmlNode *filesystem, const char *alias, GError **error)
{
    static const char *const models[][2] = { { "passthrough", "passthrough" }, { "mapped", "mapped" }, { "squash", "none" } };
    const char *driver = node_child_attr(filesystem, "driver", "type");
    g_autofree char *id = g_strconcat("fsdev-", alias, NULL);
    g_autoptr(GString) options = g_string_new("local");
    json_t *props;

    if (driver && g_str_equal(driver, "handle"))
        g_string_assign(options, "handle");
    else if (driver && !g_str_equal(driver, "path"))
        return device_unsupported(error, "filesystem driver", driver);
    for (gsize i = 0; i < G_N_ELEMENTS(models); i++)
        if (g_str_equal(options->str, "local") && node_attr_is(filesystem, "accessmode", models[i][0]))
            argv_append(options, "security_model", models[i][1]);
    if (!node_attr_is(filesystem, "multidevs", "default"))
        argv_append(options, "multidevs", node_attr(filesystem, "multidevs"));
    argv_append(options, "fmode", node_attr(filesystem, "fmode"));
    argv_append(options, "dmode", node_attr(filesystem, "dmode"));
    argv_append(options, "writeout", node_child_attr(filesystem, "driver", "wrpolicy"));
    argv_append(options, "id", id);
    argv_append(options, "path", node_child_attr(filesystem, "source", "dir"));
    if (node_child(filesystem, "readonly"))
        g_string_append(options, ",readonly=on");
    argv_add(b, "-fsdev", options->str);
    props = device_props_virtio(filesystem, "virtio-9p");
    props_str(props, "id", alias);
    props_str(props, "fsdev", id);
    props_str(props, "mount_tag", node_child_attr(filesystem, "target", "dir"));
    return device_add(b, props, filesystem, error);
}

/* --- virtiofs ----------------------------------------------------------------------------------------------- */

/* Options that the program has as a word for on and one for off. */
static void
virtiofsd_switch(GString *options, const char *value, const char *on, const char *off)
{
    if (value)
        g_string_append_printf(options, ",%s", g_str_equal(value, "on") ? on : off);
}

static void
filesystem_add_virtiofsd(ArgvBuilder *b, const xmlNode *filesystem, const char *socket)
{
    const char *folder = node_child_attr(filesystem, "source", "dir"), *program = node_child_attr(filesystem, "binary", "path");
    const xmlNode *binary = node_child(filesystem, "binary"), *lock = node_child(binary, "lock");
    const xmlNode *pool = node_child(binary, "thread_pool");
    GPtrArray *argv = g_ptr_array_new();
    GString *options = g_string_new("source=");

    /* The first option has no comma before it. */
    argv_append(options, "", folder);
    g_string_erase(options, strlen("source="), 2);
    argv_append(options, "cache", node_child_attr(binary, "cache", "mode"));
    argv_append(options, "sandbox", node_child_attr(binary, "sandbox", "mode"));
    virtiofsd_switch(options, node_attr(binary, "xattr"), "xattr", "no_xattr");
    virtiofsd_switch(options, node_attr(lock, "flock"), "flock", "no_flock");
    virtiofsd_switch(options, node_attr(lock, "posix"), "posix_lock", "no_posix_lock");

    g_ptr_array_add(argv, g_strdup(program ? program : helper_virtiofsd_path()));
    g_ptr_array_add(argv, g_strdup_printf("--fd=%d", QEMU_HELPER_FD));
    g_ptr_array_add(argv, g_strdup("-o"));
    g_ptr_array_add(argv, g_string_free(options, FALSE));
    if (pool)
        g_ptr_array_add(argv, g_strdup_printf("--thread-pool-size=%s", node_attr(pool, "size")));
    g_ptr_array_add(argv, NULL);
    argv_add_helper_fd(b, "virtiofsd", (char **)g_ptr_array_free(argv, FALSE), socket, filesystem)->folder = g_strdup(folder);
}

static gboolean
filesystem_add_virtiofs(ArgvBuilder *b, const xmlNode *filesystem, const char *alias, GError **error)
{
    const char *given = node_child_attr(filesystem, "source", "socket");
    g_autofree char *socket = given ? g_strdup(given)
                                    : g_strdup_printf("%s/%s-fs.sock", b->host->state_dir ? b->host->state_dir : "", alias);
    g_autofree char *id = g_strconcat("chr-vu-", alias, NULL);
    g_autoptr(GString) options = g_string_new("socket");
    json_t *props = device_props_virtio(filesystem, "vhost-user-fs");

    if (!device_need_model(b, json_string_value(json_object_get(props, "driver")), error)) {
        json_decref(props);
        return FALSE;
    }
    argv_append(options, "id", id);
    if (given)
        argv_append(options, "path", socket);
    else
        argv_append_helper(b, options, socket, alias);
    argv_add(b, "-chardev", options->str);
    /* A socket that the user names has a program behind it that somebody else runs. */
    if (!given)
        filesystem_add_virtiofsd(b, filesystem, socket);
    props_str(props, "id", alias);
    props_str(props, "chardev", id);
    props_attr_uint(props, "queue-size", node_child(filesystem, "driver"), "queue");
    props_str(props, "tag", node_child_attr(filesystem, "target", "dir"));
    device_add_boot(props, filesystem);
    return device_add(b, props, filesystem, error);
}

gboolean
argv_add_filesystems(ArgvBuilder *b, GError **error)
{
    NODE_FOREACH(filesystem, b->devices, "filesystem") {
        const char *alias = device_need_alias(filesystem, error);

        if (!alias)
            return FALSE;
        if (g_strcmp0(node_child_attr(filesystem, "driver", "type"), "virtiofs") == 0
                ? !filesystem_add_virtiofs(b, filesystem, alias, error)
                : !filesystem_add_9p(b, filesystem, alias, error))
            return FALSE;
    }
    return TRUE;
}
