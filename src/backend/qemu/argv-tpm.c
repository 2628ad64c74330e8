/* Trusted platform modules: the host's own, or one that swtpm emulates. */
#include "config.h"

#include "backend/qemu/argv-builder.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "util/error.h"

/* --- passthrough ----------------------------------------------------------------------------------------- */

static gboolean
tpm_add_passthrough(ArgvBuilder *b, const xmlNode *tpm, GString *options, GError **error)
{
    const char *path = node_child_attr(node_child(tpm, "backend"), "device", "path");
    int fd;

    if (!path)
        path = "/dev/tpm0";
    fd = open(path, O_RDWR | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
    if (fd < 0)
        return hv_throw_errno(error, errno, "Could not open TPM device %s", path);
    close(fd);
    argv_add_file(b, path, tpm, TRUE, FALSE);
    argv_append(options, "path", path);
    return TRUE;
}

/* --- swtpm ----------------------------------------------------------------------------------------------- */

/* Where the module keeps its secrets: with the domain's uuid, so that a new name does not lose them. */
static char *
tpm_state_dir(const ArgvBuilder *b, gboolean version_2)
{
    const char *folder = b->host->tpm_dir ? b->host->tpm_dir : b->host->state_dir;

    return g_build_filename(folder ? folder : "/", node_child_text(b->domain, "uuid"), version_2 ? "tpm2" : "tpm1.2", NULL);
}

static gboolean
tpm_add_swtpm(ArgvBuilder *b, const xmlNode *tpm, GString *chardev, GError **error)
{
    const xmlNode *backend = node_child(tpm, "backend");
    const char *secret = node_child_attr(backend, "encryption", "secret");
    gboolean version_2 = !node_attr_is(backend, "version", "1.2");
    g_autofree char *socket = g_build_filename(b->host->state_dir ? b->host->state_dir : "/", "swtpm", "swtpm.sock", NULL);
    g_autofree char *state = tpm_state_dir(b, version_2);
    g_autofree char *program = g_find_program_in_path("swtpm");
    GPtrArray *argv;

    if (!b->host->no_kvm_check && !program)
        return hv_throw(error, HV_ERR_CONFIG_UNSUPPORTED, "TPM version '%s' is not supported: swtpm is not installed",
                        node_attr(backend, "version"));
    argv_append_helper(b, chardev, socket, device_alias(tpm));
    argv = g_ptr_array_new();
    g_ptr_array_add(argv, program ? g_steal_pointer(&program) : g_strdup("swtpm"));
    g_ptr_array_add(argv, g_strdup("socket"));
    g_ptr_array_add(argv, g_strdup("--ctrl"));
    g_ptr_array_add(argv, g_strdup_printf("type=unixio,fd=%d", QEMU_HELPER_FD));
    g_ptr_array_add(argv, g_strdup("--tpmstate"));
    g_ptr_array_add(argv, g_strdup_printf("dir=%s,mode=0600", state));
    g_ptr_array_add(argv, g_strdup("--terminate"));
    if (version_2)
        g_ptr_array_add(argv, g_strdup("--tpm2"));
    if (secret) {
        g_ptr_array_add(argv, g_strdup("--key"));
        g_ptr_array_add(argv, g_strdup_printf("pwdfd=%d,mode=aes-256-cbc", QEMU_HELPER_SECRET_FD));
        g_ptr_array_add(argv, g_strdup("--migration-key"));
        g_ptr_array_add(argv, g_strdup_printf("pwdfd=%d,mode=aes-256-cbc", QEMU_HELPER_SECRET_FD_2));
    }
    g_ptr_array_add(argv, NULL);
    argv_add_helper_fd(b, "swtpm", (char **)g_ptr_array_free(argv, FALSE), socket, tpm)->secret = g_strdup(secret);
    return TRUE;
}

static gboolean
tpm_add_emulator(ArgvBuilder *b, const xmlNode *tpm, GString *options, GError **error)
{
    const xmlNode *backend = node_child(tpm, "backend");
    g_autoptr(GString) chardev = g_string_new("socket,id=chrtpm");

    if (node_attr_is(backend, "type", "external"))
        argv_append(chardev, "path", node_child_attr(backend, "source", "path"));
    else if (!tpm_add_swtpm(b, tpm, chardev, error))
        return FALSE;
    argv_add(b, "-chardev", chardev->str);
    g_string_append(options, ",chardev=chrtpm");
    return TRUE;
}

/* --- the device ------------------------------------------------------------------------------------------ */

gboolean
argv_add_tpm(ArgvBuilder *b, const xmlNode *tpm, GError **error)
{
    const char *model = node_attr(tpm, "model") ? node_attr(tpm, "model") : "tpm-tis";
    const char *alias = device_need_alias(tpm, error);
    gboolean passthrough = node_attr_is(node_child(tpm, "backend"), "type", "passthrough");
    g_autoptr(GString) options = g_string_new(passthrough ? "passthrough" : "emulator");
    g_autofree char *id = g_strconcat("tpm-", alias, NULL);
    json_t *props;

    if (!alias)
        return FALSE;
    /* Boards without an ISA bus have the same interface at a place of its own. */
    if (g_str_equal(model, "tpm-tis") && !b->x86)
        model = "tpm-tis-device";
    if (!device_need_model(b, model, error))
        return FALSE;
    argv_append(options, "id", id);
    if (!(passthrough ? tpm_add_passthrough(b, tpm, options, error) : tpm_add_emulator(b, tpm, options, error)))
        return FALSE;
    argv_add(b, "-tpmdev", options->str);
    props = device_props(model);
    props_str(props, "tpmdev", id);
    props_str(props, "id", alias);
    return device_add(b, props, tpm, error);
}
