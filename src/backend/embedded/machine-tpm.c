/* The state of emulated TPMs: STATE/swtpm/UUID/tpm2 or tpm1.2, a folder of swtpm's. It is made under another name and
 * renamed when it is complete. The keys that sign the certificates of new TPMs lie in STATE/swtpm/localca, with the
 * configuration of swtpm_setup(8), which is written where it is missing and may be edited. */
#include "config.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "backend/embedded/machine-start-private.h"
#include "backend/embedded/secret/secret-store.h"
#include "util/error.h"
#include "util/files.h"
#include "util/process.h"

#define SETUP "swtpm_setup"
/* It makes RSA keys, at first also those of the local authority. */
#define SETUP_TIMEOUT_MS 60000
/* To change what is there is quick; with the wrong key it hangs. */
#define RECONFIGURE_TIMEOUT_MS 15000
#define SETUP_SECRET_FD 3
#define UNFINISHED ".new"

/* What a run of swtpm_setup is about. */
typedef struct {
    char *config;
    char *log;
    char *banks;                /* "sha1,sha256"; NULL when the domain does not say */
    gboolean version_2;
    int secret_fd;              /* -1: the state is not encrypted */
} Setup;

static void
setup_clear(Setup *setup)
{
    g_free(setup->config);
    g_free(setup->log);
    g_free(setup->banks);
    if (setup->secret_fd >= 0)
        close(setup->secret_fd);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Setup, setup_clear)

char *
machine_qemu_tpm_dir(const MachineQemu *machine)
{
    return g_build_filename(machine->paths->state, "swtpm", NULL);
}

/* The TPM that swtpm emulates, or NULL. */
static const xmlNode *
emulated_tpm(const xmlDoc *doc)
{
    for (xmlNode *dev = NULL; (dev = domain_next_device(doc, dev, "tpm"));) {
        if (node_attr_is(node_child(dev, "backend"), "type", "emulator"))
            return dev;
    }
    return NULL;
}

static char *
domain_dir(const MachineQemu *machine, const xmlDoc *doc)
{
    g_autofree char *dir = machine_qemu_tpm_dir(machine);

    return g_build_filename(dir, domain_uuid(doc), NULL);
}

/* --- encryption ------------------------------------------------------------------------------------- */

#define USAGE "vtpm"

static int
file_in_memory(const guint8 *bytes, gsize length, GError **error)
{
    hv_autofd int fd = memfd_create("secret", MFD_CLOEXEC);

    if (fd < 0 || write(fd, bytes, length) != (gssize) length || lseek(fd, 0, SEEK_SET) != 0) {
        hv_throw_errno(error, errno, "cannot keep a secret in memory");
        return -1;
    }
    return process_fd_steal(&fd);
}

int
machine_qemu_tpm_secret(MachineQemu *machine, const char *uuid, GError **error)
{
    g_autoptr(xmlDoc) doc = secret_store_find(machine->paths, uuid, error);
    const char *usage = doc ? node_attr(node_child(document_root(doc), "usage"), "type") : NULL;
    guint8 *value;
    gsize length = 0;
    int fd;

    if (!doc)
        return -1;
    if (g_strcmp0(usage, USAGE) != 0) {
        hv_throw(error, HV_ERR_INVALID_ARG, "secret with uuid %s is of type '%s' not expected '%s' type", uuid,
                 usage ? usage : "none", USAGE);
        return -1;
    }
    value = secret_store_value(machine->paths, doc, &length, error);
    if (!value)
        return -1;
    fd = file_in_memory(value, length, error);
    explicit_bzero(value, length);
    g_free(value);
    return fd;
}

/* --- swtpm_setup ------------------------------------------------------------------------------------ */

static gboolean
write_missing(int dir_fd, const char *dir, const char *name, const char *text, GError **error)
{
    g_autofree char *label = g_build_filename(dir, name, NULL);

    return file_exists(dir_fd, name) || file_write(dir_fd, name, label, text, -1, FILE_WRITE_SYNC, error);
}

/* Returns the path of its configuration. */
static char *
make_config(const char *tpm_dir, GError **error)
{
    g_autofree char *dir = g_build_filename(tpm_dir, "localca", NULL);
    g_autofree char *tool = g_find_program_in_path("swtpm_localca");
    g_autofree char *setup = g_strdup_printf("create_certs_tool=%s\ncreate_certs_tool_config=%s/swtpm-localca.conf\n"
                                             "create_certs_tool_options=%s/swtpm-localca.options\n"
                                             "active_pcr_banks=sha256\n", tool ? tool : "swtpm_localca", dir, dir);
    g_autofree char *authority = g_strdup_printf("statedir=%s\nsigningkey=%s/signkey.pem\nissuercert=%s/issuercert.pem\n"
                                                 "certserial=%s/certserial\n", dir, dir, dir, dir);
    const char *options = "--platform-manufacturer QEMU\n--platform-version 1\n--platform-model QEMU\n";
    hv_autofd int dir_fd = folder_open_path(dir, TRUE, error);

    if (dir_fd < 0 || !write_missing(dir_fd, dir, "swtpm-localca.conf", authority, error) ||
        !write_missing(dir_fd, dir, "swtpm-localca.options", options, error) ||
        !write_missing(dir_fd, dir, "swtpm_setup.conf", setup, error))
        return NULL;
    return g_build_filename(dir, "swtpm_setup.conf", NULL);
}

static void
keep_words(const char *log, const ProcessOutput *output)
{
    g_autofree char *folder = g_path_get_dirname(log);
    hv_autofd int fd = -1;

    if (folder_make(folder, NULL))
        fd = open(log, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC | O_NOFOLLOW | O_NOCTTY, 0600);
    if (fd >= 0)
        dprintf(fd, "%s%s", output->out, output->err);
}

/* The last line of what it has said. */
static const char *
last_line(ProcessOutput *output)
{
    char *text = g_strchomp(*output->err ? output->err : output->out);
    const char *line = strrchr(text, '\n');

    return line ? line + 1 : text;
}

static gboolean
run_setup(const Setup *setup, GPtrArray *argv, int timeout_ms, GError **error)
{
    ProcessFd passed = { setup->secret_fd, SETUP_SECRET_FD };
    ProcessRun run = { .timeout_ms = timeout_ms, .fds = &passed, .n_fds = setup->secret_fd >= 0 ? 1 : 0 };
    g_auto(ProcessOutput) output = { 0 };

    g_ptr_array_add(argv, NULL);
    run.argv = (const char *const *) argv->pdata;
    if (!process_run(&run, &output, error))
        return FALSE;
    keep_words(setup->log, &output);
    if (output.exit_status == 0)
        return TRUE;
    return hv_throw(error, HV_ERR_INTERNAL_ERROR, "Could not run '%s'. exitstatus: %d; Check error log '%s' for details: %s",
                    run.argv[0], output.exit_status, setup->log, last_line(&output));
}

/* "sha1,sha256", NULL when the domain does not say. */
static char *
pcr_banks(const xmlNode *backend)
{
    const xmlNode *banks = node_child(backend, "active_pcr_banks");
    g_autoptr(GString) text = g_string_new(NULL);

    NODE_FOREACH(bank, banks, NULL)
        g_string_append_printf(text, "%s%s", text->len ? "," : "", node_name(bank));
    return text->len ? g_string_free(g_steal_pointer(&text), FALSE) : NULL;
}

static void
add_words(GPtrArray *argv, const char *const *words)
{
    for (; *words; words++)
        g_ptr_array_add(argv, g_strdup(*words));
}

static GPtrArray *
setup_argv(const Setup *setup, const char *folder)
{
    GPtrArray *argv = g_ptr_array_new_with_free_func(g_free);

    add_words(argv, (const char *const[]){ SETUP, "--tpm-state", folder, "--config", setup->config, NULL });
    if (setup->version_2)
        add_words(argv, (const char *const[]){ "--tpm2", NULL });
    if (setup->version_2 && setup->banks)
        add_words(argv, (const char *const[]){ "--pcr-banks", setup->banks, NULL });
    if (setup->secret_fd >= 0)
        add_words(argv, (const char *const[]){ "--pwdfile-fd", G_STRINGIFY(SETUP_SECRET_FD), "--cipher", "aes-256-cbc", NULL });
    return argv;
}

/* Of a TPM that is new. */
static gboolean
manufacture(const Setup *setup, const MachineStart *start, const char *folder, GError **error)
{
    g_autofree char *vmid = g_strdup_printf("%s:%s", start->name, start->uuid);
    g_autoptr(GPtrArray) argv = setup_argv(setup, folder);

    add_words(argv, (const char *const[]){ "--vmid", vmid, "--createek", "--create-ek-cert", "--create-platform-cert",
                                           "--lock-nvram", "--not-overwrite", NULL });
    return run_setup(setup, argv, SETUP_TIMEOUT_MS, error);
}

static gboolean
reconfigure(const Setup *setup, const char *folder, GError **error)
{
    g_autoptr(GPtrArray) argv = setup_argv(setup, folder);

    add_words(argv, (const char *const[]){ "--reconfigure", NULL });
    return run_setup(setup, argv, RECONFIGURE_TIMEOUT_MS, error);
}

/* --- the state -------------------------------------------------------------------------------------- */

static gboolean
make_state(const Setup *setup, const MachineStart *start, const char *parent, const char *name, GError **error)
{
    hv_autofd int fd = folder_open_path(parent, TRUE, error);
    g_autofree char *unfinished = g_strconcat(name, UNFINISHED, NULL);
    g_autofree char *folder = g_build_filename(parent, unfinished, NULL);

    /* What a start left that was cut off is begun anew. */
    if (fd < 0 || !file_remove_tree(fd, unfinished, error) || !folder_make(folder, error))
        return FALSE;
    if (manufacture(setup, start, folder, error) &&
        (renameat(fd, unfinished, fd, name) == 0 ||
         hv_throw_errno(error, errno, "Could not create TPM directory %s/%s", parent, name)))
        return TRUE;
    file_remove_tree(fd, unfinished, NULL);
    return FALSE;
}

static gboolean
setup_init(Setup *setup, MachineQemu *machine, const MachineStart *start, const xmlNode *tpm, GError **error)
{
    const xmlNode *backend = node_child(tpm, "backend");
    const char *secret = node_child_attr(backend, "encryption", "secret");
    g_autofree char *tpm_dir = machine_qemu_tpm_dir(machine), *log = paths_domain_log(machine->paths, start->name);

    setup->secret_fd = -1;
    setup->version_2 = !node_attr_is(backend, "version", "1.2");
    setup->banks = pcr_banks(backend);
    setup->log = machine_qemu_helper_log(log, device_alias(tpm), "swtpm");
    setup->config = make_config(tpm_dir, error);
    if (setup->config && secret)
        setup->secret_fd = machine_qemu_tpm_secret(machine, secret, error);
    return setup->config && (!secret || setup->secret_fd >= 0);
}

gboolean
machine_qemu_make_tpm(MachineQemu *machine, const MachineStart *start, char **made, GError **error)
{
    const xmlNode *tpm = emulated_tpm(start->live);
    g_auto(Setup) setup = { .secret_fd = -1 };
    g_autofree char *parent = NULL, *folder = NULL;
    const char *name;

    if (!tpm)
        return TRUE;
    if (!setup_init(&setup, machine, start, tpm, error))
        return FALSE;
    name = setup.version_2 ? "tpm2" : "tpm1.2";
    parent = domain_dir(machine, start->live);
    folder = g_build_filename(parent, name, NULL);
    if (access(folder, F_OK) == 0)
        return !setup.version_2 || !setup.banks || reconfigure(&setup, folder, error);
    if (!make_state(&setup, start, parent, name, error)) {
        rmdir(parent);
        return FALSE;
    }
    *made = g_steal_pointer(&folder);
    return TRUE;
}

void
machine_qemu_undo_tpm(const char *made)
{
    g_autofree char *parent = made ? g_path_get_dirname(made) : NULL;
    g_autofree char *name = made ? g_path_get_basename(made) : NULL;
    hv_autofd int fd = made ? folder_open_path(parent, FALSE, NULL) : -1;

    if (fd < 0)
        return;
    file_remove_tree(fd, name, NULL);
    rmdir(parent);
}

void
machine_qemu_release_tpm(MachineQemu *machine, const MachineStart *start, SupervisorLaunch *launch)
{
    const xmlNode *tpm = emulated_tpm(start->live);

    launch->definition = paths_domain_config(machine->paths, start->name);
    if (tpm && !node_attr_yes(node_child(tpm, "backend"), "persistent_state", FALSE))
        g_ptr_array_add(launch->release.trees, domain_dir(machine, start->live));
}

/* --- undefining ------------------------------------------------------------------------------------- */

/* Said in any case: an earlier undefine that failed may have said something else. */
static gboolean
tell_holder(const MachineQemu *machine, const StoreDomain *domain, const char *folder, gboolean goes, GError **error)
{
    g_autofree char *run = paths_domain_run(machine->paths, domain->name);
    RunStatus status;
    json_t *request, *answer;

    if (!supervisor_ensure(run, MACHINE_TIMEOUT_MS, &status, error))
        return FALSE;
    request = json_pack("{s:s, s:[s]}", "op", goes ? "release-add" : "release-remove", "trees", folder);
    answer = supervisor_request(run, request, MACHINE_TIMEOUT_MS, error);
    json_decref(request);
    json_decref(answer);
    return answer != NULL;
}

gboolean
machine_qemu_forget_tpm(Machine *base, const StoreDomain *domain, const xmlDoc *doc, gboolean keep, gboolean remove,
                        char **folder, GError **error)
{
    MachineQemu *machine = (MachineQemu *) base;
    const xmlNode *tpm = emulated_tpm(doc);
    gboolean persistent = node_attr_yes(node_child(tpm, "backend"), "persistent_state", FALSE);
    gboolean goes = persistent ? remove : !keep;
    g_autofree char *state = tpm ? domain_dir(machine, doc) : NULL;

    if (!tpm)
        return TRUE;
    if (domain->active && !tell_holder(machine, domain, state, goes, error))
        return FALSE;
    if (goes && (domain->active || access(state, F_OK) == 0))
        *folder = g_steal_pointer(&state);
    return TRUE;
}
