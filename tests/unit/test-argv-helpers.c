/* The programs beside a QEMU as tables: a live document's device in; the program's options and QEMU's out. */
#include "config.h"

#include <glib.h>
#include <string.h>

#include "backend/qemu/argv.h"
#include "model/document.h"
#include "util/error.h"

#define CAPS                                                                                                        \
    "{\"emulator\":\"/usr/bin/qemu-system-x86_64\",\"target\":\"x86_64\",\"version\":7002000,\"kvm\":true,"         \
    "\"machines\":[{\"name\":\"pc-q35-7.2\",\"alias\":\"q35\",\"cpu\":\"qemu64\",\"ram\":\"pc.ram\",\"max-cpus\":288}]," \
    "\"cpus\":[\"qemu64\"],\"devices\":[\"pcie-root-port\",\"tpm-crb\",\"vhost-user-fs-pci\",\"e1000\"],\"commands\":[]}"

#define PCI "<address type='pci' domain='0x0000' bus='0x00' slot='0x04' function='0x0'/>"
#define FILESYSTEM(inside) \
    "<filesystem type='mount'><driver type='virtiofs'/>" inside "<target dir='t'/><alias name='fs0'/>" PCI "</filesystem>"
#define TPM(backend) "<tpm model='tpm-crb'>" backend "<alias name='tpm0'/></tpm>"
#define PASST(inside)                                                                                               \
    "<interface type='user'><mac address='52:54:00:00:00:01'/><backend type='passt'/>" inside "<model type='e1000'/>" \
    "<alias name='net0'/>" PCI "</interface>"

static QemuCommand *
build(const QemuCaps *caps, const char *state_dir, const char *devices)
{
    g_autoptr(GError) error = NULL;
    g_autofree char *xml = g_strdup_printf(
        "<domain type='qemu' id='1'><name>web</name><uuid>74722d00-0000-4000-8000-000000000201</uuid>"
        "<memory unit='KiB'>131072</memory><os><type arch='x86_64' machine='pc-q35-7.2'>hvm</type></os><devices>"
        "<controller type='pci' index='0' model='pcie-root'><alias name='pcie.0'/></controller>%s</devices></domain>", devices);
    g_autoptr(xmlDoc) doc = document_parse(xml, -1, "test", &error);
    QemuHost host = {
        .caps = caps, .id = 1, .state_dir = state_dir, .tpm_dir = "/lib/swtpm", .monitor_path = "/run/x/monitor.sock",
        .no_kvm_check = TRUE,
    };
    QemuCommand *command;

    g_assert_no_error(error);
    command = qemu_command_build(document_root(doc), &host, &error);
    g_assert_no_error(error);
    return command;
}

static void
test_programs(gconstpointer data)
{
    static const struct {
        const char *devices;
        QemuHelperKind kind;
        const char *name, *options;     /* of the program, after its name; NULL: there is none */
        const char *qemu;               /* among QEMU's */
    } cases[] = {
        { FILESYSTEM("<binary path='/v' xattr='off'><cache mode='none'/><sandbox mode='namespace'/><lock posix='off' flock='on'/>"
                     "<thread_pool size='0'/></binary><source dir='/a,b'/>"),
          QEMU_HELPER_TAKES_FD, "virtiofsd",
          "--fd=3 -o source=/a,,b,cache=none,sandbox=namespace,no_xattr,flock,no_posix_lock --thread-pool-size=0",
          "socket,id=chr-vu-fs0,path=/run/x/fs0-fs.sock" },
        { FILESYSTEM("<binary path='/v'/><source dir='/a'/>"), QEMU_HELPER_TAKES_FD, "virtiofsd", "--fd=3 -o source=/a",
          "socket,id=chr-vu-fs0,path=/run/x/fs0-fs.sock" },
        { FILESYSTEM("<source socket='/s'/>"), 0, NULL, NULL, "socket,id=chr-vu-fs0,path=/s" },
        { TPM("<backend type='emulator' version='2.0'/>"), QEMU_HELPER_TAKES_FD, "swtpm",
          "socket --ctrl type=unixio,fd=3 --tpmstate dir=/lib/swtpm/74722d00-0000-4000-8000-000000000201/tpm2,mode=0600 "
          "--terminate --tpm2",
          "socket,id=chrtpm,path=/run/x/swtpm/swtpm.sock" },
        { TPM("<backend type='emulator' version='1.2'><encryption secret='74722d00-0000-4000-8000-000000000202'/></backend>"),
          QEMU_HELPER_TAKES_FD, "swtpm",
          "socket --ctrl type=unixio,fd=3 --tpmstate dir=/lib/swtpm/74722d00-0000-4000-8000-000000000201/tpm1.2,mode=0600 "
          "--terminate --key pwdfd=4,mode=aes-256-cbc --migration-key pwdfd=5,mode=aes-256-cbc",
          "emulator,id=tpm-tpm0,chardev=chrtpm" },
        { TPM("<backend type='external'><source type='unix' mode='connect' path='/s'/></backend>"), 0, NULL, NULL,
          "socket,id=chrtpm,path=/s" },
        { PASST(""), QEMU_HELPER_PAIR, "passt", "--one-off --foreground --fd 3",
          "{\"type\":\"stream\",\"addr\":{\"type\":\"fd\",\"str\":\"4\"},\"server\":false,\"id\":\"hostnet0\"}" },
        { PASST("<ip family='ipv4' address='10.1.2.3' prefix='24'/><ip family='ipv6' address='fd00::2'/>"
                "<portForward proto='tcp'><range start='80' to='8080'/></portForward>"
                "<portForward proto='udp' address='::1' dev='eth0'><range start='5' end='9' to='15'/>"
                "<range start='7' exclude='yes'/></portForward><portForward proto='tcp' address='1.2.3.4'/>"),
          QEMU_HELPER_PAIR, "passt",
          "--one-off --foreground --fd 3 --address 10.1.2.3 --netmask 24 --address fd00::2 --tcp-ports 80:8080 "
          "--udp-ports ::1%eth0/5-9:15-19,~7 --tcp-ports 1.2.3.4/all",
          NULL },
        { "<graphics type='dbus' address='unix:path=/run/x/dbus/dbus.sock'/>", QEMU_HELPER_LISTENS, "dbus-daemon",
          "--session --nofork --nopidfile --address=unix:path=/run/x/dbus/dbus.sock", "dbus,addr=unix:path=/run/x/dbus/dbus.sock" },
        { "<graphics type='dbus' address='unix:path=/other'/>", 0, NULL, NULL, "dbus,addr=unix:path=/other" },
    };

    for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autoptr(QemuCommand) command = build(data, "/run/x", cases[i].devices);
        g_autofree char *options = NULL;

        if (cases[i].qemu && !g_strv_contains((const char *const *)command->argv, cases[i].qemu)) {
            g_autofree char *all = g_strjoinv("\n", command->argv);

            g_error("case %" G_GSIZE_FORMAT ": no %s in\n%s", i, cases[i].qemu, all);
        }
        g_assert_cmpint(command->n_helpers, ==, cases[i].name ? 1 : 0);
        if (!cases[i].name)
            continue;
        options = g_strjoinv(" ", command->helpers[0].argv + 1);
        g_assert_cmpstr(command->helpers[0].name, ==, cases[i].name);
        g_assert_cmpint(command->helpers[0].kind, ==, cases[i].kind);
        g_assert_cmpstr(options, ==, cases[i].options);
    }
}

/* Where the path does not fit into a socket's address, QEMU is given a connection. */
static void
test_long_path(gconstpointer data)
{
    g_autofree char *name = g_strnfill(90, 'w'), *state_dir = g_strconcat("/run/", name, NULL);
    g_autoptr(QemuCommand) command = build(data, state_dir, FILESYSTEM("<binary path='/v'/><source dir='/a'/>"));

    g_assert_false(g_strv_contains((const char *const *)command->argv, "socket,id=chr-vu-fs0,fd=4"));
    g_clear_pointer(&command, qemu_command_free);
    g_free(state_dir);
    state_dir = g_strconcat("/run/x/", name, "/", name, NULL);
    command = build(data, state_dir, FILESYSTEM("<binary path='/v'/><source dir='/a'/>"));
    g_assert_true(g_strv_contains((const char *const *)command->argv, "socket,id=chr-vu-fs0,fd=4"));
    g_assert_cmpint(command->fds[1].kind, ==, QEMU_FD_HELPER);
    g_assert_cmpstr(command->fds[1].alias, ==, "fs0");
}

static void
test_checks(gconstpointer data)
{
    static const struct {
        const char *devices, *message;
    } cases[] = {
        { FILESYSTEM("<binary path='/nonexistent'/><source dir='/'/>"), "virtiofsd binary '/nonexistent' is not executable" },
        { FILESYSTEM("<binary path='/'/><source dir='/'/>"), "virtiofsd binary '/' is not executable" },
        { FILESYSTEM("<binary path='/bin/true'/><source dir='/nonexistent'/>"), "virtiofs" },
    };

    for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autoptr(QemuCommand) command = build(data, "/run/x", cases[i].devices);
        g_autoptr(GError) error = NULL;

        g_assert_false(qemu_command_check_helpers(command, &error));
        g_assert_nonnull(strstr(error->message, cases[i].message));
    }
}

int
main(int argc, char **argv)
{
    json_t *json = json_loads(CAPS, 0, NULL);
    QemuCaps *caps = qemu_caps_from_json(json, NULL);
    int result;

    json_decref(json);
    g_assert_nonnull(caps);
    g_test_init(&argc, &argv, NULL);
    g_test_add_data_func("/argv-helpers/programs", caps, test_programs);
    g_test_add_data_func("/argv-helpers/long-path", caps, test_long_path);
    g_test_add_data_func("/argv-helpers/checks", caps, test_checks);
    result = g_test_run();
    qemu_caps_free(caps);
    return result;
}
