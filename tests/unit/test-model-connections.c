/* Interfaces, character devices and host devices as the model normalises and refuses them: libvirt 9.0.0's answers. */
#include "model/domain.h"

#include <string.h>

#include "test-model-facts.h"
#include "util/error.h"

#define BEGIN "<domain type='qemu'><name>d</name><memory>65536</memory><os><type arch='x86_64' machine='q35'>hvm</type></os><devices>"
#define END "</devices></domain>"
#define NIC(type, rest) "<interface type='" type "'><mac address='52:54:00:00:00:01'/>" rest "</interface>"
#define BRIDGE(rest) NIC("bridge", "<source bridge='br0'/><model type='virtio'/>" rest)
#define USER(rest) NIC("user", "<model type='virtio'/>" rest)
#define HOSTDEV(type, rest) "<hostdev mode='subsystem' type='" type "'" rest "</hostdev>"

/* @has stands in the normalised document, @lacks does not; the devices are all that is given. */
static const struct {
    const char *devices, *has, *lacks;
} accepted[] = {
    { "<interface><source bridge='x'/></interface>", "<interface type='user'>", "<source" },
    { USER("<source dev='eth0'/>"), "<interface type='user'>", "eth0" },
    { USER("<backend type='passt'/><source dev='eth0'/>"), "<source dev='eth0'/>", NULL },
    { NIC("direct", "<source dev='eth0'/>"), "mode='vepa'", NULL },
    { NIC("network", "<source network='n' portgroup='p' portid='i' bridge='b'/>"), "<source network='n' portgroup='p'/>", NULL },
    { NIC("ethernet", "<target dev='vnet3'/>"), "type='ethernet'", "vnet3" },
    { NIC("ethernet", "<target dev='vnet3' managed='no'/>"), "<target dev='vnet3' managed='no'/>", NULL },
    { NIC("user", "<model type='VIRTIO'/>"), "<model type='virtio'/>", NULL },
    { NIC("user", "<model type='am79c973'/>"), "<model type='Am79C973'/>", NULL },
    { BRIDGE("<filterref filter='f'><parameter name='B' value='2'/><parameter name='A' value='1'/></filterref>"),
      "<parameter name='A' value='1'/>\n        <parameter name='B' value='2'/>", NULL },
    { BRIDGE("<filterref filter='f'><parameter name='A' value='a b'/></filterref>"), "<filterref filter='f'/>", NULL },
    { USER("<filterref filter='f'/>"), "<interface", "<filterref" },
    { BRIDGE("<driver queues='1' rx_queue_size='0'/>"), "<interface", "<driver" },
    { BRIDGE("<bandwidth><inbound average='0'/></bandwidth>"), "<interface", "<bandwidth" },
    { BRIDGE("<bandwidth><inbound average='1' peak='0'/></bandwidth>"), "<inbound average='1'/>", NULL },
    { BRIDGE("<vlan><tag id='1'/><tag id='2'/></vlan>"), "<vlan trunk='yes'>", NULL },
    { BRIDGE("<vlan trunk='no'><tag id='1'/></vlan>"), "<vlan>", NULL },
    { BRIDGE("<virtualport type='openvswitch'/>"), "<parameters interfaceid='", NULL },
    { BRIDGE("<virtualport type='802.1Qbg'><parameters managerid='0x11' typeid='010' typeidversion='2' "
             "instanceid='09b11c53-8b5c-4eeb-8f00-d84eaa0aaa4f'/></virtualport>"), "managerid='17' typeid='8'", NULL },
    { USER("<ip address='172.17.2' prefix='24'/>"), "<ip address='172.17.0.2' family='ipv4' prefix='24'/>", NULL },
    { USER("<ip address='2001:0DB8:0::00' prefix='64'/>"), "address='2001:db8::'", NULL },
    { BRIDGE("<coalesce><rx><frames max='0'/></rx></coalesce><tune/><link/><alias/>"), "<interface", "<coalesce" },
    { NIC("vhostuser", "<model type='virtio'/><source type='unix' path='/s' mode='client'><reconnect enabled='no' timeout='3'/></source>"),
      "<reconnect enabled='no'/>", NULL },

    { "<serial/>", "<serial type='pty'>", NULL },
    { "<serial type='pty'><log append='off'/></serial>", "<serial", "<log" },
    { "<serial type='udp'><source mode='connect' service='2'/><source mode='bind' service='1'/></serial>",
      "<source mode='bind' service='1'/>\n      <source mode='connect' service='2'/>", NULL },
    { "<serial type='tcp'><source host='h' service='1'/></serial>", "<source mode='connect' host='h' service='1'/>\n      <protocol type='raw'/>", NULL },
    { "<serial type='pty'><target type='usb-serial'/></serial><console type='pty'/>",
      "<target type='serial' port='0'/>\n      <address type='usb' bus='0' port='1'/>", NULL },
    { "<console type='pty'><target type='virtio'/></console><serial type='pty'/>",
      "<target type='serial' port='0'/>\n    </console>\n    <console type='pty'>\n      <target type='virtio' port='0'/>", NULL },
    { "<serial type='pty'><target port='1'/></serial><serial type='pty'/>", "<target type='isa-serial' port='2'>", NULL },
    { "<channel type='unix'><source mode='bind' path='/var/lib/libvirt/qemu/channel/target/d/n'/><target type='virtio' name='n'/></channel>",
      "<channel type='unix'>", "<source" },
    { "<channel type='pty'><target type='virtio'/><address type='pci' slot='3'/></channel>", "<address type='virtio-serial' controller='0' bus='0' port='1'/>", NULL },
    { "<controller type='virtio-serial' index='1'/><channel type='pty'><target type='virtio'/></channel>",
      "<address type='virtio-serial' controller='0' bus='0' port='1'/>", NULL },

    { HOSTDEV("usb", "><source><address bus='001' device='014'/></source>"), "<address bus='1' device='12'/>", NULL },
    { HOSTDEV("usb", " managed='perhaps'><source><vendor id='1'/><product id='2'/></source>"), "managed='no'", NULL },
    { HOSTDEV("scsi", "><source protocol='iscsi' name='iqn.x'><host name='h'/></source>"), "name='iqn.x/0'", NULL },
    { HOSTDEV("mdev", " model='vfio-pci'><source><address uuid='53764D0E85A042B4AF5C2046B460B1DC'/></source>"), "display='off'", NULL },
    { "<redirdev type='tcp'><source mode='bind' host='h' service='1'/></redirdev><redirfilter><usbdev class='8' product='0xab' allow='yes'/></redirfilter>",
      "<usbdev class='0x08' product='0x00AB' allow='yes'/>", NULL },
    { "<rng model='virtio'><rate bytes='0' period='3'/><backend model='random'/></rng>", "/dev/random", "<rate" },
    { "<vsock model='virtio'><cid auto='yes' address='5'/></vsock>", "<cid auto='yes' address='5'/>", NULL },
};

static const struct {
    const char *devices, *message;
} refused[] = {
    { NIC("mcast", "<source port='1'/>"), "Missing required attribute 'address' in element 'source'" },
    { NIC("udp", "<source address='1.1.1.1' port='1'/>"), "'<local>' element missing for 'udp' socket interface" },
    { NIC("hostdev", "<source><address bus='1' slot='1'/></source>"), "missing source address type" },
    { NIC("vdpa", "<source dev='/d'/><model type='e1000'/>"), "invalid model for interface of type 'vdpa': 'e1000'" },
    { NIC("user", "<model type='a.b'/>"), "Model name contains invalid characters" },
    { USER("<mtu size='1500'/>"), "setting MTU on interface type user is not supported yet" },
    { USER("<virtualport type='openvswitch'/>"), "<virtualport> element unsupported for <interface type='user'>" },
    { USER("<ip address='172.17.2.0' prefix='28'/>"), "invalid prefix, must be in range of 4-27" },
    { USER("<ip address='h' prefix='24'/>"), "Invalid address 'h' in <ip>" },
    { USER("<route address='192.168.42.5' prefix='24' gateway='192.168.42.1'/>"),
      "guest interface: Address '192.168.42.5' in route definition is not a network address" },
    { BRIDGE("<ip address='1.2.3.4'/>"), "guest-side IP route" },
    { BRIDGE("<driver rx_queue_size='1000'/>"), "rx_queue_size has to be a power of two" },
    { NIC("bridge", "<source bridge='b'/><model type='e1000'/><driver iommu='on'/>"), "iommu driver option is only supported for virtio devices" },
    { BRIDGE("<bandwidth><inbound peak='1'/></bandwidth>"), "Missing mandatory average or floor attributes" },
    { BRIDGE("<bandwidth><inbound average='1' floor='1'/></bandwidth>"), "floor attribute is not supported for this config" },
    { BRIDGE("<bandwidth><outbound average='1' floor='1'/></bandwidth>"), "'floor' attribute allowed only in <inbound> element" },
    { BRIDGE("<vlan/>"), "missing tag id - each <vlan> must have at least one <tag id='n'/> subelement" },
    { BRIDGE("<vlan><tag id='4096'/></vlan>"), "vlan tag id 4096 too large (maximum 4095)" },
    { BRIDGE("<virtualport/>"), "missing required virtualport type" },
    { BRIDGE("<virtualport type='802.1Qbh'/>"), "missing profileid in <virtualport type='802.1Qbh'>" },
    { BRIDGE("<rom enabled='no' bar='on'/>"), "ROM tuning is not supported when ROM is disabled" },
    { BRIDGE("<boot order='0'/>"), "Invalid value for attribute 'order' in element 'boot': Zero is not permitted" },
    { BRIDGE("<teaming type='transient' persistent='ua-x'/>"), "virtio-net teaming transient interface must be type='hostdev', not 'bridge'" },
    { BRIDGE("<address type='x'/>"), "unknown address type 'x'" },
    { BRIDGE("<address type='pci' domain='0x1' slot='5'/>"), "Invalid PCI address 0001:00:05.0. Only PCI domain 0 is available" },

    { "<serial type='file'><source path='/a'/><source path='/b'/></serial>", "only one source element is allowed for character device" },
    { "<serial type='tcp'><source mode='bind' service='1'/></serial>", "Missing source host attribute for char device" },
    { "<serial type='unix'><source mode='connect' path='/s'><reconnect enabled='yes'/></source></serial>",
      "Missing required attribute 'timeout' in element 'reconnect'" },
    { "<serial type='spicevmc'/>", "spicevmc device type only supports virtio" },
    { "<serial type='pty'><target type='isa-serial' port='4'/></serial>", "Maximum supported number of ISA serial ports is '4'" },
    { "<serial type='pty'><target port='x'/></serial>", "Invalid port number: x" },
    { "<serial type='pty'><target><model name='pl011'/></target></serial>", "Target model 'pl011' requires target type 'system-serial'" },
    { "<serial type='pty'><target type='sclp-serial'/></serial>", "not compatible with guest architecture or machine type" },
    { "<serial type='pty'><address type='pci' slot='7'/></serial>", "Target type 'isa-serial' requires address type 'isa'" },
    { "<console type='pty'><target type='xen'/></console>", "unsupported console target type xen" },
    { "<channel type='pty'/>", "target type must be specified for channel device" },
    { "<channel type='pty'><target type='guestfwd' address='::1' port='1'/></channel>", "guestfwd channel only supports IPv4 addresses" },
    { "<channel type='unix'><target type='guestfwd' address='1.2.3.4' port='1'/></channel>", "Missing source path attribute for char device" },

    { HOSTDEV("usb", ">"), "Missing <source> element in hostdev device" },
    { HOSTDEV("usb", "><source><vendor id='1'/></source>"), "missing product" },
    { HOSTDEV("usb", "><source><vendor id='0'/><product id='1'/></source>"), "Invalid value for attribute 'id' in element 'vendor': Zero is not permitted" },
    { HOSTDEV("pci", "><source><address bus='1' slot='32'/></source>"), "Invalid PCI address slot='0x20', must be <= 0x1F" },
    { HOSTDEV("pci", " rawio='yes'><source><address bus='1' slot='3'/></source>"), "rawio is only supported for scsi host device" },
    { HOSTDEV("scsi", "><source><address bus='0' target='0' unit='0'/></source>"), "'adapter' name must be specified for scsi hostdev source" },
    { HOSTDEV("scsi", "><source protocol='nbd' name='x'/>"), "Unknown SCSI subsystem protocol 'nbd'" },
    { HOSTDEV("scsi_host", "><source protocol='vhost' wwpn='naa.5'/>"), "malformed 'wwpn' value" },
    { HOSTDEV("mdev", "><source><address uuid='53764d0e-85a0-42b4-af5c-2046b460b1dc'/></source>"), "Missing required attribute 'model' in element 'hostdev'" },
    { HOSTDEV("mdev", " model='vfio-pci' display='on'><source><address uuid='53764d0e-85a0-42b4-af5c-2046b460b1dc'/></source>"),
      "graphics device is needed for attribute value 'display=on' in <hostdev>" },
    { HOSTDEV("pci", "><source><address bus='1' slot='3'/></source>") HOSTDEV("pci", "><source><address bus='1' slot='3'/></source>"),
      "Hostdev already exists in the domain configuration" },
    { "<hostdev mode='capabilities' type='net'><source><interface>e</interface></source></hostdev>", "hostdev mode 'capabilities' is not supported in qemu" },
    { "<smartcard mode='host-certificates'/>", "host-certificates mode needs exactly three certificates" },
    { "<redirdev bus='usb'/>", "missing type in redirdev" },
    { "<redirfilter><usbdev version='2' allow='yes'/></redirfilter>", "Cannot parse USB device version 2" },
    { "<rng model='virtio'><backend model='random'/><backend model='builtin'/></rng>", "only one RNG backend is supported" },
    { "<vsock model='virtio'><cid auto='yes' address='1'/></vsock>", "guest CIDs must be >= 3" },
};

static char *
normalised(const char *devices, GError **error)
{
    g_autofree char *xml = g_strconcat(BEGIN, devices, END, NULL);
    g_autoptr(xmlDoc) doc = domain_parse(xml, -1, NULL, &test_model_facts, DOMAIN_PARSE_DEFAULT, NULL, error);

    return doc ? document_format(doc) : NULL;
}

static void
test_accepted(void)
{
    for (gsize i = 0; i < G_N_ELEMENTS(accepted); i++) {
        g_autoptr(GError) error = NULL;
        g_autofree char *text = normalised(accepted[i].devices, &error);

        g_assert_no_error(error);
        if (!strstr(text, accepted[i].has) || (accepted[i].lacks && strstr(text, accepted[i].lacks)))
            g_error("%s became\n%s\nwithout '%s' or with '%s'", accepted[i].devices, text, accepted[i].has,
                    accepted[i].lacks ? accepted[i].lacks : "");
    }
}

/* What was normalised twice stays as it is; once is not enough for a console that a serial port has put in second place. */
static void
test_stable(void)
{
    for (gsize i = 0; i < G_N_ELEMENTS(accepted); i++) {
        g_autofree char *text = NULL, *before = NULL;

        for (int round = 0; round < 3; round++) {
            g_autoptr(GError) error = NULL;
            g_autoptr(xmlDoc) doc = NULL;

            g_free(before);
            before = g_steal_pointer(&text);
            text = before ? g_strdup(before) : normalised(accepted[i].devices, &error);
            g_assert_no_error(error);
            doc = domain_parse(text, -1, NULL, &test_model_facts, DOMAIN_PARSE_DEFAULT, NULL, &error);
            g_assert_no_error(error);
            g_free(text);
            text = document_format(doc);
        }
        g_assert_cmpstr(before, ==, text);
    }
}

static void
test_refused(void)
{
    for (gsize i = 0; i < G_N_ELEMENTS(refused); i++) {
        g_autoptr(GError) error = NULL;
        g_autofree char *text = normalised(refused[i].devices, &error);

        if (text || !strstr(error->message, refused[i].message))
            g_error("%s: expected '%s', got '%s'", refused[i].devices, refused[i].message, text ? "no error" : error->message);
    }
}

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/model/connections/accepted", test_accepted);
    g_test_add_func("/model/connections/stable", test_stable);
    g_test_add_func("/model/connections/refused", test_refused);
    return g_test_run();
}
