/* QEMU's facts: binaries that cannot be asked, damaged caches, and the KVM probe. */
#include "config.h"

#include <errno.h>
#include <fcntl.h>
#include <glib.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>
#include <utime.h>

#include "backend/qemu/capabilities.h"
#include "backend/qemu/kvm.h"
#include "util/error.h"
#include "util/files.h"

static char *folder;

static char *
write_script(const char *name, const char *text)
{
    char *path = g_build_filename(folder, name, NULL);

    g_assert_true(g_file_set_contents_full(path, text, -1, G_FILE_SET_CONTENTS_CONSISTENT, 0700, NULL));
    return path;
}

/* A QEMU in a few lines: takes the connection from descriptor 3 and answers by a table. */
#define FAKE_QEMU                                                                                                   \
    "#!/usr/bin/python3\n"                                                                                          \
    "import json, socket, os\n"                                                                                     \
    "open(os.path.join(os.path.dirname(__file__), 'runs'), 'a').write('x')\n"                                       \
    "peer = socket.socket(fileno=3).accept()[0]\n"                                                                  \
    "def say(what):\n"                                                                                              \
    "    peer.sendall((json.dumps(what) + '\\r\\n').encode())\n"                                                     \
    "version = {'qemu': {'major': 9, 'minor': 1, 'micro': 2}, 'package': 'fake'}\n"                                  \
    "answers = {'qmp_capabilities': {}, 'query-version': version, 'query-target': {'arch': 'x86_64'},\n"            \
    " 'query-kvm': {'present': True, 'enabled': False},\n"                                                          \
    " 'query-machines': [{'name': 'pc-q35-9.1', 'alias': 'q35', 'cpu-max': 288, 'default-ram-id': 'pc.ram',\n"      \
    "   'default-cpu-type': 'qemu64-x86_64-cpu', 'is-default': True}, {'name': 'none', 'cpu-max': 1}, {}],\n"       \
    " 'query-cpu-definitions': [{'name': 'qemu64'}], 'query-commands': [{'name': 'quit'}],\n"                       \
    " 'qom-list-types': [{'name': 'virtio-blk-pci'}, {'name': 'qemu64-x86_64-cpu'}]}\n"                             \
    "%s\n"                                                                                                          \
    "say({'QMP': {'version': version, 'capabilities': []}})\n"                                                      \
    "for line in peer.makefile():\n"                                                                                \
    "    ask = json.loads(line)\n"                                                                                  \
    "    if ask['execute'] in answers: say({'return': answers[ask['execute']], 'id': ask['id']})\n"                 \
    "    else: say({'error': {'class': 'CommandNotFound', 'desc': 'no'}, 'id': ask['id']})\n"

static char *
write_fake(const char *name, const char *change)
{
    g_autofree char *text = g_strdup_printf(FAKE_QEMU, change);

    return write_script(name, text);
}

static guint
fake_runs(void)
{
    g_autofree char *path = g_build_filename(folder, "runs", NULL);
    g_autofree char *text = NULL;
    gsize len = 0;

    g_file_get_contents(path, &text, &len, NULL);
    return (guint)len;
}

/* --- binaries that cannot be asked ----------------------------------------------------------------------- */

static void
test_bad_binaries(void)
{
    static const struct {
        const char *name;
        const char *text;
        int code;
        const char *message;
    } bad[] = {
        { "dies", "#!/bin/sh\necho my last words >&2\nexit 3\n", HV_ERR_INTERNAL_ERROR, "for probing: my last words" },
        { "silent", "#!/bin/sh\nexit 3\n", HV_ERR_INTERNAL_ERROR, "it ended with status 3" },
        { "killed", "#!/bin/sh\nkill -9 $$\n", HV_ERR_INTERNAL_ERROR, "killed by signal 9" },
        { "no-program", "#!/nonexistent/interpreter\n", HV_ERR_INTERNAL_ERROR, "could not be run" },
        { "hangs", "#!/bin/sh\necho thinking >&2\nexec sleep 30\n", HV_ERR_OPERATION_TIMEOUT, "thinking" },
        { "rubbish", "#!/usr/bin/python3\nimport socket, time\nc = socket.socket(fileno=3).accept()[0]\n"
          "c.send(b'hello\\n')\ntime.sleep(30)\n", HV_ERR_INTERNAL_ERROR, "cannot parse JSON 'hello'" },
    };

    for (gsize i = 0; i < G_N_ELEMENTS(bad); i++) {
        g_autofree char *path = write_script(bad[i].name, bad[i].text);
        g_autoptr(GError) error = NULL;
        gint64 begin = g_get_monotonic_time();

        g_test_message("%s", bad[i].name);
        g_assert_null(qemu_caps_probe(path, 1500, &error));
        g_assert_error(error, HV_ERROR, bad[i].code);
        g_assert_nonnull(strstr(error->message, bad[i].message));
        g_assert_cmpint(g_get_monotonic_time() - begin, <, 5 * G_USEC_PER_SEC);
    }
}

/* What the program in an emulator's place has started ends with it: it holds the lock as long as it lives. */
static void
test_wrapper_leaves_nothing(void)
{
    g_autofree char *lock = g_build_filename(folder, "wrapper.lock", NULL);
    g_autofree char *text = g_strdup_printf("#!/bin/sh\nexec 9>'%s'\nflock 9\nsleep 30\n", lock);
    g_autofree char *path = write_script("wrapper", text);
    g_autoptr(GError) error = NULL;
    gint64 deadline;
    int fd;

    g_assert_null(qemu_caps_probe(path, 1000, &error));
    g_assert_error(error, HV_ERROR, HV_ERR_OPERATION_TIMEOUT);
    g_assert_nonnull(strstr(error->message, "did not answer its monitor within 1"));
    fd = open(lock, O_RDWR | O_CLOEXEC);
    g_assert_cmpint(fd, >=, 0);
    for (deadline = g_get_monotonic_time() + 10 * G_USEC_PER_SEC; flock(fd, LOCK_EX | LOCK_NB) < 0;) {
        g_assert_cmpint(g_get_monotonic_time(), <, deadline);
        g_usleep(1000);
    }
    close(fd);
}

static void
test_bad_answers(void)
{
    static const struct {
        const char *change;
        const char *message;
    } bad[] = {
        { "del answers['query-machines']", "query-machines" },
        { "answers['query-machines'] = {}", "query-machines" },
        { "answers['query-target'] = {}", "query-target" },
        { "answers['query-version'] = {'qemu': 7}", "query-version" },
        { "answers['query-version'] = {'qemu': {'major': 2200, 'minor': 0, 'micro': 0}}", "query-version" },
        { "answers['query-version'] = {'qemu': {'major': 7, 'minor': -1, 'micro': 0}}", "query-version" },
        { "answers['qom-list-types'] = 'x'", "qom-list-types" },
    };

    for (gsize i = 0; i < G_N_ELEMENTS(bad); i++) {
        g_autofree char *path = write_fake("odd", bad[i].change);
        g_autoptr(GError) error = NULL;

        g_assert_null(qemu_caps_probe(path, 10000, &error));
        g_assert_error(error, HV_ERROR, HV_ERR_INTERNAL_ERROR);
        g_assert_nonnull(strstr(error->message, bad[i].message));
    }
}

static void
test_missing_binaries(void)
{
    g_autofree char *plain = g_build_filename(folder, "plain", NULL);
    g_autofree char *missing = g_build_filename(folder, "missing", NULL);
    g_autoptr(GError) error = NULL;
    g_autofree char *text = NULL;

    g_assert_true(g_file_set_contents_full(plain, "", 0, G_FILE_SET_CONTENTS_CONSISTENT, 0600, NULL));
    g_assert_null(qemu_caps_load(missing, NULL, &error));
    g_assert_error(error, HV_ERROR, HV_ERR_SYSTEM_ERROR);
    text = g_strdup_printf("Cannot check QEMU binary %s: No such file or directory", missing);
    g_assert_cmpstr(error->message, ==, text);
    g_clear_error(&error);
    g_assert_null(qemu_caps_load(plain, NULL, &error));
    g_assert_nonnull(strstr(error->message, "is not executable: Permission denied"));
    g_clear_error(&error);
    g_assert_null(qemu_caps_load(folder, NULL, &error));
    g_assert_nonnull(strstr(error->message, "is not executable"));
    g_clear_error(&error);
    g_assert_null(qemu_emulator_find("pdp11", &error));
    g_assert_cmpstr(error->message, ==, "unsupported configuration: Unknown architecture pdp11");
    g_clear_error(&error);
    g_assert_null(qemu_emulator_find("xtensaeb", &error));
    g_assert_cmpstr(error->message, ==, "unsupported configuration: No emulator found for arch 'xtensaeb'");
}

/* --- answers and the cache ------------------------------------------------------------------------------- */

static void
check_facts(const QemuCaps *caps)
{
    const QemuMachine *machine = qemu_caps_machine(caps, "q35");

    g_assert_cmpuint(qemu_caps_version(caps), ==, 9001002);
    g_assert_cmpstr(machine->name, ==, "pc-q35-9.1");
    g_assert_cmpstr(machine->default_cpu, ==, "qemu64");
    g_assert_cmpstr(machine->default_ram_id, ==, "pc.ram");
    g_assert_cmpuint(machine->max_cpus, ==, 288);
    g_assert_true(machine == qemu_caps_default_machine(caps));
    g_assert_null(qemu_caps_machine(caps, "pc"));
    g_assert_true(qemu_caps_has_device(caps, "virtio-blk-pci"));
    g_assert_false(qemu_caps_has_device(caps, "virtio-blk"));
    g_assert_false(qemu_caps_has_device(caps, "qemu64-x86_64-cpu"));
    g_assert_true(qemu_caps_has_cpu_model(caps, "qemu64"));
}

/* The only file in the folder of cached facts. */
static char *
cache_file(const char *cache)
{
    g_autofree char *path = g_build_filename(cache, "capabilities", NULL);
    g_autoptr(GDir) dir = g_dir_open(path, 0, NULL);
    const char *name = g_dir_read_name(dir);

    g_assert_nonnull(name);
    return g_build_filename(path, name, NULL);
}

static void
test_cache(void)
{
    static const char *const damage[] = { "", "{", "[]", "{\"key\":1}", "null" };
    g_autofree char *cache = g_build_filename(folder, "cache", NULL);
    g_autofree char *emulator = write_fake("emulator", "");
    g_autoptr(GError) error = NULL;
    g_autofree char *file = NULL;
    g_autofree char *good = NULL;
    guint runs = fake_runs();
    struct stat st;

    for (int i = 0; i < 2; i++) {
        g_autoptr(QemuCaps) caps = qemu_caps_load(emulator, cache, &error);

        g_assert_no_error(error);
        check_facts(caps);
    }
    g_assert_cmpuint(fake_runs(), ==, runs + 1);
    file = cache_file(cache);
    g_assert_no_errno(stat(file, &st));
    g_assert_cmpint(st.st_mode & 0777, ==, 0600);
    g_assert_true(g_file_get_contents(file, &good, NULL, NULL));

    for (gsize i = 0; i <= G_N_ELEMENTS(damage); i++) {
        g_autoptr(QemuCaps) caps = NULL;
        g_autofree char *cut = g_strndup(good, strlen(good) / 2);

        runs = fake_runs();
        g_assert_true(g_file_set_contents(file, i < G_N_ELEMENTS(damage) ? damage[i] : cut, -1, NULL));
        caps = qemu_caps_load(emulator, cache, &error);
        g_assert_no_error(error);
        check_facts(caps);
        g_assert_cmpuint(fake_runs(), ==, runs + 1);
    }
    /* The same path with another binary behind it. */
    runs = fake_runs();
    g_free(write_fake("emulator", "version['package'] = 'fake'"));
    {
        g_autoptr(QemuCaps) caps = qemu_caps_load(emulator, cache, &error);

        g_assert_no_error(error);
        g_assert_cmpuint(fake_runs(), ==, runs + 1);
    }
}

static void
test_cache_folder_unusable(void)
{
    g_autofree char *emulator = write_fake("emulator2", "");
    g_autofree char *cache = write_script("no-folder", "");
    g_autoptr(GError) error = NULL;
    g_autoptr(QemuCaps) caps = qemu_caps_load(emulator, cache, &error);

    g_assert_no_error(error);
    check_facts(caps);
}

/* --- KVM ------------------------------------------------------------------------------------------------- */

static void
test_kvm_absent(void)
{
    g_autofree char *missing = g_build_filename(folder, "kvm-missing", NULL);
    g_autofree char *detail = NULL;
    g_autoptr(GError) error = NULL;

    g_assert_cmpint(kvm_check(missing, folder, &detail), ==, KVM_ABSENT);
    g_assert_nonnull(strstr(detail, "does not exist"));
    g_assert_false(kvm_require(missing, NULL, &error));
    g_assert_error(error, HV_ERROR, HV_ERR_CONFIG_UNSUPPORTED);
    g_assert_nonnull(strstr(hv_error_hint(error), "type='qemu'"));
}

static void
test_kvm_broken(void)
{
    g_autofree char *plain = write_script("kvm-plain", "no device");
    g_autofree char *detail = NULL;

    g_assert_cmpint(kvm_probe(plain, 1000, &detail), ==, KVM_BROKEN);
    g_assert_nonnull(strstr(detail, "KVM_GET_API_VERSION"));
}

/* A lease makes every other open of the file wait, as a device does whose driver hangs. */
static void
test_kvm_hangs(void)
{
    g_autofree char *device = write_script("kvm-leased", "");
    g_autofree char *cache = g_build_filename(folder, "kvm-cache", NULL);
    g_autofree char *detail = NULL;
    g_autofree char *kept = g_build_filename(cache, "capabilities", "kvm.json", NULL);
    struct utimbuf long_ago = { 0, 0 };
    struct pollfd inherited = { .events = POLLIN };
    gint64 begin, spent;
    int fd, ends[2];

    signal(SIGIO, SIG_IGN);
    fd = open(device, O_RDWR | O_CLOEXEC);
    if (fcntl(fd, F_SETLEASE, F_WRLCK) < 0) {
        close(fd);
        g_test_skip("no leases on this file system");
        return;
    }
    g_assert_cmpint(pipe(ends), ==, 0);
    begin = g_get_monotonic_time();
    g_assert_cmpint(kvm_check(device, cache, &detail), ==, KVM_HANGS);
    g_assert_cmpint(g_get_monotonic_time() - begin, <, 3 * G_USEC_PER_SEC);
    g_assert_nonnull(strstr(detail, "a guest hangs on it"));
    fcntl(fd, F_SETLEASE, F_UNLCK);
    close(fd);
    /* The child that hung has nothing of ours: the pipe ends with our end. */
    close(ends[1]);
    inherited.fd = ends[0];
    g_assert_cmpint(poll(&inherited, 1, 0), ==, 1);
    close(ends[0]);

    /* It is not asked again at once. */
    begin = g_get_monotonic_time();
    g_clear_pointer(&detail, g_free);
    g_assert_cmpint(kvm_check(device, cache, &detail), ==, KVM_HANGS);
    spent = g_get_monotonic_time() - begin;
    g_assert_cmpint(spent, <, G_USEC_PER_SEC);
    g_assert_nonnull(detail);

    /* But after a while: the device no longer hangs, it is none. */
    g_assert_cmpint(utime(kept, &long_ago), ==, 0);
    g_clear_pointer(&detail, g_free);
    g_assert_cmpint(kvm_check(device, cache, &detail), ==, KVM_BROKEN);
}

int
main(int argc, char **argv)
{
    int status;

    g_test_init(&argc, &argv, NULL);
    folder = g_dir_make_tmp("hvsh-test-XXXXXX", NULL);
    g_test_add_func("/capabilities/missing-binaries", test_missing_binaries);
    g_test_add_func("/capabilities/bad-binaries", test_bad_binaries);
    g_test_add_func("/capabilities/bad-answers", test_bad_answers);
    g_test_add_func("/capabilities/wrapper", test_wrapper_leaves_nothing);
    g_test_add_func("/capabilities/cache", test_cache);
    g_test_add_func("/capabilities/cache-folder-unusable", test_cache_folder_unusable);
    g_test_add_func("/kvm/absent", test_kvm_absent);
    g_test_add_func("/kvm/broken", test_kvm_broken);
    g_test_add_func("/kvm/hangs", test_kvm_hangs);
    status = g_test_run();
    file_remove_tree(AT_FDCWD, folder, NULL);
    g_free(folder);
    return status;
}
