/* The command line as tables: a live document's device in, QEMU's options out; what is refused comes first. */
#include "config.h"

#include <errno.h>
#include <fcntl.h>
#include <glib.h>
#include <glib/gstdio.h>
#include <string.h>
#include <unistd.h>

#include "backend/qemu/argv.h"
#include "backend/qemu/firmware.h"
#include "backend/qemu/tap.h"
#include "model/document.h"
#include "util/error.h"
#include "util/files.h"

#define CAPS                                                                                                        \
    "{\"emulator\":\"/usr/bin/qemu-system-x86_64\",\"target\":\"x86_64\",\"version\":7002000,"      \
    "\"kvm\":true,\"machines\":[{\"name\":\"pc-q35-7.2\",\"alias\":\"q35\",\"cpu\":\"qemu64\",\"ram\":\"pc.ram\","  \
    "\"max-cpus\":288},{\"name\":\"pc-i440fx-7.2\",\"cpu\":\"qemu64\",\"ram\":\"pc.ram\",\"max-cpus\":255}],"       \
    "\"cpus\":[\"qemu64\",\"max\",\"Westmere\"],\"devices\":[\"isa-serial\",\"pcie-root-port\",\"qemu-xhci\",\"e1000\",\"usb-redir\","\
    "\"cirrus-vga\",\"VGA\",\"i6300esb\",\"piix3-usb-uhci\",\"lsi53c895a\"],\"commands\":[]}"

static QemuCaps *caps;

/* A whole domain around what a case is about. */
static xmlDoc *
make_domain(const char *machine, const char *outside, const char *devices)
{
    g_autoptr(GError) error = NULL;
    g_autofree char *xml = g_strdup_printf(
        "<domain type='qemu' id='1'><name>a,b</name><uuid>74722d00-0000-4000-8000-000000000201</uuid>"
        "<memory unit='KiB'>131072</memory><currentMemory unit='KiB'>131072</currentMemory>%s"
        "<os><type arch='x86_64' machine='%s'>hvm</type><boot dev='hd'/></os>"
        "<devices>"
        "<controller type='pci' index='0' model='%s'><alias name='%s.0'/></controller>"
        "<controller type='usb' index='0' model='none'><alias name='usb'/></controller>%s</devices></domain>",
        outside, machine, strstr(machine, "q35") ? "pcie-root" : "pci-root", strstr(machine, "q35") ? "pcie" : "pci",
        devices);
    xmlDoc *doc = document_parse(xml, -1, "test", &error);

    g_assert_no_error(error);
    return doc;
}

static QemuCommand *
build(const char *machine, const char *outside, const char *devices, GError **error)
{
    g_autoptr(xmlDoc) doc = make_domain(machine, outside, devices);
    QemuHost host = {
        .caps = caps, .id = 1, .state_dir = "/run/x", .monitor_path = "/run/x/monitor.sock", .no_kvm_check = TRUE,
    };

    return qemu_command_build(document_root(doc), &host, error);
}

/* Whether the options hold @wanted: "-option value", or just "-option". */
static gboolean
has_option(const QemuCommand *command, const char *wanted)
{
    const char *blank = strchr(wanted, ' ');
    g_autofree char *option = blank ? g_strndup(wanted, (gsize)(blank - wanted)) : g_strdup(wanted);

    for (char **arg = command->argv; *arg; arg++)
        if (g_str_equal(*arg, option) && (!blank || g_strcmp0(arg[1], blank + 1) == 0))
            return TRUE;
    return FALSE;
}

/* --- what is refused ------------------------------------------------------------------------------------- */

static void
test_refused(void)
{
    static const struct {
        const char *machine;
        const char *outside;
        const char *devices;
        int code;
        const char *message;
    } bad[] = {
        { "pc-9.9", "", "", HV_ERR_CONFIG_UNSUPPORTED,
          "unsupported configuration: Emulator '/usr/bin/qemu-system-x86_64' does not support machine type 'pc-9.9'" },
        { "pc-q35-7.2", "<cpu mode='custom'><model>Nosuch</model></cpu>", "", HV_ERR_INTERNAL_ERROR,
          "internal error: Unknown CPU model Nosuch" },
        { "pc-q35-7.2", "<cpu mode='host-passthrough'/>", "", HV_ERR_CONFIG_UNSUPPORTED,
          "unsupported configuration: CPU mode 'host-passthrough' for x86_64 qemu domain on x86_64 host is not "
          "supported by hypervisor" },
        { "pc-q35-7.2", "", "<interface type='network'><source network='default'/><alias name='net0'/></interface>",
          HV_ERR_NO_NETWORK, "Network not found: no network with matching name 'default'" },
        { "pc-q35-7.2", "", "<interface type='user'><model type='vmxnet9'/><alias name='net0'/></interface>",
          HV_ERR_CONFIG_UNSUPPORTED, "unsupported configuration: vmxnet9 is not supported in this QEMU binary" },
        { "pc-q35-7.2", "", "<interface type='user'/>", HV_ERR_INTERNAL_ERROR,
          "internal error: the device <interface> has no alias" },
        { "pc-q35-7.2", "", "<input type='tablet' bus='usb'><alias name='input0'/><address type='usb' bus='3' "
          "port='1'/></input>", HV_ERR_INTERNAL_ERROR, "internal error: Unable to find usb controller with index=3" },
        { "pc-q35-7.2", "", "<rng model='virtio'><backend model='builtin'/><alias name='rng0'/><address type='pci' "
          "bus='0x7' slot='1'/></rng>", HV_ERR_INTERNAL_ERROR,
          "internal error: Unable to find pci controller with index=7" },
        { "pc-q35-7.2", "", "<disk type='file'><source file='/a'/><target dev='sda' bus='scsi'/><alias "
          "name='scsi0-0-0-0'/></disk>", HV_ERR_INTERNAL_ERROR,
          "internal error: Unable to find SCSI controller with index=0" },
        { "pc-q35-7.2", "", "<disk type='volume'><source pool='p' volume='v'/><target dev='vda' bus='virtio'/><alias "
          "name='virtio-disk0'/></disk>", HV_ERR_NO_STORAGE_POOL,
          "Storage pool not found: no storage pool with matching name 'p'" },
        { "pc-q35-7.2", "", "<serial type='pty'><target port='4'><model name='isa-serial'/></target><alias "
          "name='serial4'/></serial>", HV_ERR_INTERNAL_ERROR,
          "internal error: Maximum supported number of ISA serial ports is '4'" },
        { "pc-q35-7.2", "", "<serial type='file'><target port='0'/><alias name='serial0'/></serial>",
          HV_ERR_INTERNAL_ERROR, "internal error: Missing source path attribute for char device" },
        { "pc-q35-7.2", "", "<graphics type='desktop'/>", HV_ERR_CONFIG_UNSUPPORTED, NULL },
        { "pc-q35-7.2", "", "<tpm model='tpm-tis'><backend type='emulator'/><alias name='tpm0'/></tpm>",
          HV_ERR_CONFIG_UNSUPPORTED, NULL },
    };

    for (gsize i = 0; i < G_N_ELEMENTS(bad); i++) {
        g_autoptr(GError) error = NULL;
        g_autoptr(QemuCommand) command = build(bad[i].machine, bad[i].outside, bad[i].devices, &error);

        g_assert_null(command);
        g_assert_error(error, HV_ERROR, bad[i].code);
        if (bad[i].message)
            g_assert_cmpstr(error->message, ==, bad[i].message);
    }
}

/* --- what comes out -------------------------------------------------------------------------------------- */

#define DISK(inner)                                                                                                 \
    "<disk type='file' device='disk'>" inner "<alias name='virtio-disk0'/>"                                        \
    "<address type='pci' domain='0' bus='0x00' slot='0x05' function='0x0'/></disk>"

static void
test_options(void)
{
    static const struct {
        const char *outside;
        const char *devices;
        const char *wanted[5];
    } cases[] = {
        { "", "",
          { "-name guest=a,,b,debug-threads=on", "-machine pc-q35-7.2,usb=off,dump-guest-core=off,memory-backend=pc.ram",
            "-cpu qemu64", "-no-acpi", "-m 128" } },
        { "", "", { "-S", "-accel tcg", "-smp 1,sockets=1,cores=1,threads=1", "-display none",
                    "-chardev socket,id=charmonitor,fd=3,server=on,wait=off" } },
        { "<features><acpi/></features><vcpu current='1'>4</vcpu>", "",
          { "-smp 1,maxcpus=4,sockets=4,cores=1,threads=1" } },
        { "<cpu mode='maximum' migratable='on'><topology sockets='1' dies='2' cores='3' threads='4'/>"
          "<feature name='aes' policy='disable'/></cpu><vcpu>24</vcpu>", "",
          { "-cpu max,migratable=on,aes=off", "-smp 24,sockets=1,dies=2,cores=3,threads=4" } },
        { "<maxMemory slots='4' unit='KiB'>1048576</maxMemory>", "", { "-m size=131072k,slots=4,maxmem=1048576k" } },
        { "<clock offset='localtime'><timer name='rtc' tickpolicy='catchup'/><timer name='hpet' present='no'/></clock>",
          "", { "-rtc base=localtime,driftfix=slew", "-no-hpet" } },
        { "<pm><suspend-to-mem enabled='no'/></pm>", "", { "-global ICH9-LPC.disable_s3=1" } },
        { "", DISK("<driver name='qemu' type='qcow2' cache='none' discard='unmap'/><source file='/d/a,b'/>"
                   "<backingStore/><target dev='vda' bus='virtio'/><serial>S1</serial>"),
          { "-blockdev {\"driver\":\"file\",\"filename\":\"/d/a,b\",\"node-name\":\"libvirt-1-storage\",\"cache\":"
            "{\"direct\":true,\"no-flush\":false},\"auto-read-only\":true,\"discard\":\"unmap\"}",
            "-blockdev {\"node-name\":\"libvirt-1-format\",\"read-only\":false,\"discard\":\"unmap\",\"cache\":{\"direct\":true,"
            "\"no-flush\":false},\"driver\":\"qcow2\",\"file\":\"libvirt-1-storage\",\"backing\":null}",
            "-device {\"driver\":\"virtio-blk-pci\",\"bus\":\"pcie.0\",\"addr\":\"0x5\",\"drive\":\"libvirt-1-format\","
            "\"id\":\"virtio-disk0\",\"bootindex\":1,\"serial\":\"S1\",\"write-cache\":\"on\"}" } },
        { "", DISK("<driver type='raw'/><source file='/a' index='9'/><target dev='vda' bus='virtio'/><readonly/>"
                   "<boot order='3'/>"),
          { "-blockdev {\"node-name\":\"libvirt-9-format\",\"read-only\":true,\"driver\":\"raw\",\"file\":"
            "\"libvirt-9-storage\"}",
            "-device {\"driver\":\"virtio-blk-pci\",\"bus\":\"pcie.0\",\"addr\":\"0x5\",\"drive\":\"libvirt-9-format\","
            "\"id\":\"virtio-disk0\",\"bootindex\":3}" } },
        { "", "<interface type='user'><mac address='52:54:00:00:00:01'/><model type='virtio'/><alias name='net0'/>"
          "<address type='pci' bus='0' slot='3' function='1' multifunction='on'/></interface>",
          { "-netdev {\"type\":\"user\",\"id\":\"hostnet0\"}",
            "-device {\"driver\":\"virtio-net-pci\",\"netdev\":\"hostnet0\",\"id\":\"net0\",\"mac\":"
            "\"52:54:00:00:00:01\",\"bus\":\"pcie.0\",\"multifunction\":true,\"addr\":\"0x3.0x1\"}" } },
        { "", "<serial type='pty'><target port='0'><model name='isa-serial'/></target><alias name='serial0'/></serial>"
          "<console type='pty'><target type='serial' port='0'/><alias name='serial0'/></console>",
          { "-chardev pty,id=charserial0",
            "-device {\"driver\":\"isa-serial\",\"chardev\":\"charserial0\",\"id\":\"serial0\",\"index\":0}" } },
        { "", "<serial type='tcp'><source mode='bind' host='::1' service='99'/><protocol type='telnet'/><target "
          "port='1'/><alias name='serial1'/></serial>",
          { "-chardev socket,id=charserial1,host=::1,port=99,telnet=on,server=on,wait=off" } },
        { "", "<serial type='unix'><source mode='connect' path='/a,b'/><target port='0'/><alias name='serial0'/>"
          "</serial>", { "-chardev socket,id=charserial0,path=/a,,b" } },
        { "", "<serial type='unix'><source mode='connect' path='/s'><reconnect enabled='no'/></source><target port='0'/>"
          "<alias name='serial0'/></serial>", { "-chardev socket,id=charserial0,path=/s,reconnect=0" } },
        { "", "<serial type='tcp'><source mode='connect' host='h' service='1' tls='yes'/><target port='0'/>"
          "<alias name='serial0'/></serial>",
          { "-object {\"qom-type\":\"tls-creds-x509\",\"id\":\"objcharserial0_tls0\",\"dir\":\"/etc/pki/qemu\",\"endpoint\":"
            "\"client\",\"verify-peer\":true}", "-chardev socket,id=charserial0,host=h,port=1,tls-creds=objcharserial0_tls0" } },
        { "", "<parallel type='dev'><source path='/dev/parport0'/><target port='0'/><alias name='parallel0'/></parallel>",
          { "-chardev parallel,id=charparallel0,path=/dev/parport0" } },
        { "", "<channel type='pty'><target type='guestfwd' address='10.0.2.1' port='4600'/><alias name='channel0'/></channel>",
          { "-netdev {\"type\":\"user\",\"guestfwd\":[{\"str\":\"tcp:10.0.2.1:4600-chardev:charchannel0\"}],\"id\":\"channel0\"}" } },
        { "", "<interface type='user'><mac address='52:54:00:00:00:01'/><ip address='10.1.0.0' family='ipv4'/>"
          "<ip address='fd00::' family='ipv6' prefix='64'/><model type='virtio'/><alias name='net0'/></interface>",
          { "-netdev {\"type\":\"user\",\"net\":\"10.1.0.0\",\"ipv6-prefix\":\"fd00::\",\"ipv6-prefixlen\":64,\"id\":\"hostnet0\"}" } },
        { "", "<interface type='user'><mac address='52:54:00:00:00:01'/><backend type='passt'/><model type='virtio'/>"
          "<alias name='net0'/></interface>",
          { "-netdev {\"type\":\"stream\",\"addr\":{\"type\":\"fd\",\"str\":\"4\"},\"server\":false,\"id\":\"hostnet0\"}" } },
        { "", "<interface type='vhostuser'><mac address='52:54:00:00:00:01'/><source type='unix' path='/v' mode='client'>"
          "<reconnect enabled='yes' timeout='3'/></source><model type='virtio'/><driver queues='2'/><alias name='net0'/></interface>",
          { "-chardev socket,id=charnet0,path=/v,reconnect=3",
            "-netdev {\"type\":\"vhost-user\",\"chardev\":\"charnet0\",\"queues\":2,\"id\":\"hostnet0\"}" } },
        { "", "<redirdev bus='usb' type='tcp'><source mode='connect' host='h' service='1'/><alias name='redir0'/></redirdev>"
          "<redirfilter><usbdev class='0x08' vendor='0x1234' product='0xBEEF' version='2.56' allow='yes'/><usbdev allow='no'/></redirfilter>",
          { "-device {\"driver\":\"usb-redir\",\"chardev\":\"charredir0\",\"id\":\"redir0\",\"filter\":"
            "\"0x08:0x1234:0xBEEF:0x0256:1|-1:-1:-1:-1:0\"}" } },
        { "", "<graphics type='vnc' port='5907' listen='::' passwd='x'><listen type='address' address='::'/>"
          "</graphics>", { "-vnc [::]:7,password=on" } },
        { "", "<video><model type='vga' vram='16384' heads='1' primary='yes'/><alias name='video0'/></video>",
          { "-device {\"driver\":\"VGA\",\"id\":\"video0\",\"vgamem_mb\":16}" } },
        { "", "<watchdog model='i6300esb' action='dump'><alias name='watchdog0'/></watchdog>",
          { "-watchdog-action pause" } },
    };

    for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autoptr(GError) error = NULL;
        g_autoptr(QemuCommand) command = build("pc-q35-7.2", cases[i].outside, cases[i].devices, &error);

        g_assert_no_error(error);
        for (gsize j = 0; j < G_N_ELEMENTS(cases[i].wanted) && cases[i].wanted[j]; j++) {
            if (!has_option(command, cases[i].wanted[j])) {
                g_autofree char *text = qemu_command_format(command);

                g_test_message("%s is not in\n%s", cases[i].wanted[j], text);
                g_test_fail();
            }
        }
    }
}

/* What the launcher has to open, in the order of the numbers that the options name. */
static void
test_descriptors(void)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(QemuCommand) command = build(
        "pc-q35-7.2", "",
        "<interface type='bridge'><mac address='52:54:00:00:00:01'/><source bridge='br0'/><model type='virtio'/>"
        "<driver queues='2'/><mtu size='1400'/><alias name='net0'/></interface>"
        "<serial type='file'><source path='/l1'/><log file='/l2' append='off'/><target port='0'/>"
        "<alias name='serial0'/></serial>"
        "<channel type='unix'><source mode='bind' path='/c'/><target type='virtio' name='n'/><alias name='channel0'/>"
        "</channel>", &error);
    static const struct {
        QemuFdKind kind;
        const char *path;
        gboolean append;
    } wanted[] = {
        { QEMU_FD_MONITOR, "/run/x/monitor.sock", FALSE }, { QEMU_FD_TAP, NULL, FALSE }, { QEMU_FD_TAP, NULL, FALSE },
        { QEMU_FD_FILE, "/l1", TRUE }, { QEMU_FD_FILE, "/l2", FALSE }, { QEMU_FD_LISTEN, "/c", FALSE },
    };

    g_assert_no_error(error);
    g_assert_cmpuint(command->n_fds, ==, G_N_ELEMENTS(wanted));
    for (guint i = 0; i < command->n_fds; i++) {
        g_assert_cmpint(command->fds[i].kind, ==, wanted[i].kind);
        g_assert_cmpint(command->fds[i].number, ==, QEMU_FIRST_FD + (int)i);
        g_assert_cmpstr(command->fds[i].path, ==, wanted[i].path);
        g_assert_cmpint(command->fds[i].append, ==, wanted[i].append);
    }
    g_assert_cmpstr(command->fds[1].bridge, ==, "br0");
    g_assert_cmpuint(command->fds[1].n_queues, ==, 2);
    g_assert_cmpuint(command->fds[2].queue, ==, 1);
    g_assert_cmpuint(command->fds[1].mtu, ==, 1400);
    g_assert_true(command->fds[1].vnet_header);
    g_assert_true(has_option(command, "-netdev {\"type\":\"tap\",\"fds\":\"4:5\",\"id\":\"hostnet0\"}"));
    g_assert_true(has_option(command, "-add-fd set=0,fd=6,opaque=serial0-source"));
    g_assert_true(has_option(command, "-chardev file,id=charserial0,path=/dev/fdset/0,append=on,"
                                      "logfile=/dev/fdset/1,logappend=on"));
    g_assert_true(has_option(command, "-chardev socket,id=charchannel0,fd=8,server=on,wait=off"));
    g_assert_cmpuint(command->n_chardevs, ==, 2);
    g_assert_cmpstr(command->chardevs[1].alias, ==, "channel0");
    g_assert_cmpstr(command->chardevs[1].type, ==, "unix");
}

static void
test_setup_commands(void)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(QemuCommand) command = build(
        "pc-q35-7.2", "",
        DISK("<driver type='raw'/><source file='/a'/><target dev='vda' bus='virtio'/><iotune><total_iops_sec>5"
             "</total_iops_sec><total_iops_sec_max>6</total_iops_sec_max></iotune>")
        "<interface type='user'><model type='e1000'/><link state='down'/><alias name='net0'/></interface>"
        "<graphics type='vnc' port='5900' passwd='x' passwdValidTo='2030-01-01T00:00:00'><listen type='address'/></graphics>",
        &error);
    g_autofree char *shown = NULL;
    char *text;

    g_assert_no_error(error);
    text = json_dumps(command->setup, JSON_COMPACT);
    g_assert_cmpstr(text, ==,
                    "[{\"execute\":\"block_set_io_throttle\",\"arguments\":{\"id\":"
                    "\"/machine/peripheral/virtio-disk0/virtio-backend\",\"bps\":0,\"bps_rd\":0,\"bps_wr\":0,\"iops\":5,"
                    "\"iops_rd\":0,\"iops_wr\":0,\"iops_max\":6}},"
                    "{\"execute\":\"set_link\",\"arguments\":{\"name\":\"net0\",\"up\":false}},"
                    "{\"execute\":\"set_password\",\"arguments\":{\"protocol\":\"vnc\",\"password\":\"x\"}},"
                    "{\"execute\":\"expire_password\",\"arguments\":{\"protocol\":\"vnc\",\"time\":\"1893456000\"}}]");
    free(text);
    /* Not for everybody's eyes. */
    shown = qemu_command_format_setup(command);
    g_assert_nonnull(strstr(shown, "\n  {\"execute\":\"set_password\",\"arguments\":{\"protocol\":\"vnc\",\"password\":\"***\"}}\n"));
}

static void
test_format(void)
{
    g_autoptr(GError) error = NULL;
    char *argv[] = { (char *)"/bin/q", (char *)"-S", (char *)"-name", (char *)"it's", (char *)"-x", (char *)"", NULL };
    char *env[] = { (char *)"A=b c", (char *)"E=", NULL };
    QemuCommand command = { .argv = argv, .env = env };
    g_autofree char *text = qemu_command_format(&command);

    g_assert_cmpstr(text, ==, "A='b c' \\\nE= \\\n/bin/q \\\n-S \\\n-name 'it'\\''s' \\\n-x ''\n");
}

/* --- files, chains, firmware, ports ---------------------------------------------------------------------- */

static char *folder;

static char *
in_folder(const char *name)
{
    return g_build_filename(folder, name, NULL);
}

static void
write_firmware(const char *name, const char *features, const char *code)
{
    g_autofree char *path = g_build_filename(folder, "fw", name, NULL);
    g_autofree char *text = g_strdup_printf(
        "{\"interface-types\":[\"uefi\"],\"mapping\":{\"device\":\"flash\",\"executable\":{\"filename\":\"%s\"},"
        "\"nvram-template\":{\"filename\":\"/vars\"}},\"targets\":[{\"architecture\":\"x86_64\",\"machines\":"
        "[\"pc-q35-*\"]}],\"features\":[%s]}", code, features);

    g_assert_true(g_file_set_contents(path, text, -1, NULL));
}

static void
test_firmware(void)
{
    g_autofree char *fw = in_folder("fw");
    g_autofree char *broken = g_build_filename(fw, "00-broken.json", NULL);
    const char *const folders[] = { "/nonexistent", fw, NULL };
    static const struct {
        const char *os;
        const char *code;       /* NULL: none is found */
    } cases[] = {
        { "<os firmware='efi'><type arch='aarch64' machine='pc-q35-7.2'/></os>", NULL },
        { "<os firmware='efi'><type arch='x86_64' machine='pc-i440fx-7.2'/></os>", NULL },
        { "<os firmware='bios'><type arch='x86_64' machine='pc-q35-7.2'/></os>", NULL },
        /* SMM is switched on for the firmware that needs it, unless it is off on purpose. */
        { "<os firmware='efi'><type arch='x86_64' machine='pc-q35-7.2'/></os>", "/secure" },
        { "<os firmware='efi'><type arch='x86_64' machine='pc-q35-7.2'/></os><features><smm state='off'/></features>", "/plain" },
        { "<os firmware='efi'><type arch='x86_64' machine='pc-q35-7.2'/><loader secure='yes'/></os>", "/secure" },
        { "<os firmware='efi'><type arch='x86_64' machine='pc-q35-7.2'/><loader secure='yes'/></os>"
          "<features><smm state='off'/></features>", NULL },
        { "<os firmware='efi'><type arch='x86_64' machine='pc-q35-7.2'/><firmware><feature name='secure-boot' "
          "enabled='yes'/></firmware></os><features><smm state='on'/></features>", "/secure" },
    };

    g_assert_no_errno(g_mkdir(fw, 0700));
    g_assert_true(g_file_set_contents(broken, "{", 1, NULL));
    write_firmware("40-secure.json", "\"requires-smm\",\"secure-boot\"", "/secure");
    write_firmware("60-plain.json", "", "/plain");
    for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autoptr(GError) error = NULL;
        g_autofree char *xml = g_strdup_printf("<domain><name>n</name>%s</domain>", cases[i].os);
        g_autoptr(xmlDoc) doc = document_parse(xml, -1, "test", &error);
        xmlNode *root = document_root(doc);

        g_assert_no_error(error);
        g_assert_cmpint(firmware_choose(root, folders, "/nvram", &error), ==, cases[i].code != NULL);
        if (!cases[i].code) {
            g_assert_error(error, HV_ERROR, HV_ERR_OPERATION_FAILED);
            continue;
        }
        g_assert_cmpstr(node_text(node_path(root, "os/loader")), ==, cases[i].code);
        g_assert_cmpstr(node_text(node_path(root, "os/nvram")), ==, "/nvram/n_VARS.fd");
        g_assert_cmpstr(node_attr(node_path(root, "os/nvram"), "template"), ==, "/vars");
    }
}

static void
test_prepare_ports(void)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(xmlDoc) doc = make_domain(
        "pc-q35-7.2", "",
        "<graphics type='vnc' port='-1' autoport='yes'><listen type='address' address='127.0.0.1'/></graphics>"
        "<graphics type='vnc' port='-1' autoport='yes'><listen type='address'/></graphics>"
        "<channel type='unix'><target type='virtio' name='org.x'/><alias name='channel0'/></channel>"
        "<interface type='bridge'><source bridge='b'/><target dev='vnet7'/></interface>");
    xmlNode *devices = node_child(document_root(doc), "devices");
    xmlNode *first = node_child(devices, "graphics");
    xmlNode *second = node_next(first, "graphics");
    QemuHost host = { .caps = caps, .id = 1, .state_dir = "/run/x", .monitor_path = "/m" };

    g_assert_true(qemu_prepare_live(document_root(doc), &host, &error));
    g_assert_cmpuint(node_attr_uint(first, "port", 0), >=, 5900);
    g_assert_cmpuint(node_attr_uint(second, "port", 0), >, node_attr_uint(first, "port", 0));
    g_assert_cmpstr(node_child_attr(second, "listen", "address"), ==, "127.0.0.1");
    g_assert_cmpstr(node_child_attr(node_child(devices, "channel"), "source", "path"), ==, "/run/x/channel/target/org.x");
    g_assert_null(node_child_attr(node_child(devices, "interface"), "target", "dev"));
}

static void
test_tap_errors(void)
{
    g_autoptr(GError) error = NULL;
    g_autofree char *ifname = NULL;
    TapRequest request = { .bridge = "hvshnobr9", .queues = 1 };
    int fds[1];

    g_assert_false(tap_open(&request, fds, &ifname, &error));
    g_assert_error(error, HV_ERROR, HV_ERR_SYSTEM_ERROR);
    g_assert_cmpstr(error->message, ==, "Cannot get interface MTU on 'hvshnobr9': No such device");
    g_clear_error(&error);
    request = (TapRequest){ .ifname = "a-name-that-is-too-long", .queues = 1 };
    g_assert_false(tap_open(&request, fds, &ifname, &error));
    g_assert_error(error, HV_ERROR, HV_ERR_SYSTEM_ERROR);
    g_assert_null(ifname);
}

int
main(int argc, char **argv)
{
    json_error_t json_error;
    json_t *root;
    int status;

    g_test_init(&argc, &argv, NULL);
    root = json_loads(CAPS, 0, &json_error);
    caps = qemu_caps_from_json(root, NULL);
    json_decref(root);
    g_assert_nonnull(caps);
    folder = g_dir_make_tmp("hvsh-test-XXXXXX", NULL);
    g_test_add_func("/argv/refused", test_refused);
    g_test_add_func("/argv/options", test_options);
    g_test_add_func("/argv/descriptors", test_descriptors);
    g_test_add_func("/argv/setup-commands", test_setup_commands);
    g_test_add_func("/argv/format", test_format);
    g_test_add_func("/argv/firmware", test_firmware);
    g_test_add_func("/argv/prepare-ports", test_prepare_ports);
    g_test_add_func("/tap/errors", test_tap_errors);
    status = g_test_run();
    file_remove_tree(AT_FDCWD, folder, NULL);
    g_free(folder);
    qemu_caps_free(caps);
    return status;
}
