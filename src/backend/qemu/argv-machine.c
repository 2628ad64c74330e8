/* -machine, -accel, firmware, -rtc, -boot and what goes with them. */
#include "config.h"

#include "backend/qemu/argv-builder.h"

#include <string.h>
#include <time.h>

#include "util/error.h"

/* --- firmware -------------------------------------------------------------------------------------------- */

/* The nodes that -machine pflashN=… refers to, so they come before it. Takes the reference to @props. */
static void
argv_add_pflash(ArgvBuilder *b, guint index, json_t *props, gboolean read_only)
{
    g_autofree char *storage = g_strdup_printf("libvirt-pflash%u-storage", index);
    g_autofree char *format = g_strdup_printf("libvirt-pflash%u-format", index);

    props_str(props, "node-name", storage);
    props_bool(props, "auto-read-only", TRUE);
    props_str(props, "discard", "unmap");
    argv_add_json(b, "-blockdev", props);
    argv_add_json(b, "-blockdev",
                  json_pack("{s:s,s:b,s:s,s:s}", "node-name", format, "read-only", read_only, "driver", "raw", "file",
                            storage));
}

static json_t *
pflash_file(ArgvBuilder *b, const char *driver, const char *path, gboolean writable)
{
    argv_add_file(b, path, NULL, writable, FALSE);
    return json_pack("{s:s,s:s}", "driver", driver, "filename", path);
}

static const xmlNode *
argv_pflash_loader(const ArgvBuilder *b)
{
    const xmlNode *loader = node_path(b->domain, "os/loader");

    return loader && node_attr_is(loader, "type", "pflash") && *node_text(loader) ? loader : NULL;
}

/* Where the variables are: <nvram> names a file by its text, anything else by <source>. */
static gboolean
argv_has_nvram(const ArgvBuilder *b)
{
    const xmlNode *nvram = node_path(b->domain, "os/nvram");

    return nvram && (node_child(nvram, "source") || *node_text(nvram));
}

static json_t *
argv_nvram_props(ArgvBuilder *b, GError **error)
{
    const xmlNode *nvram = node_path(b->domain, "os/nvram"), *source = node_child(nvram, "source");

    if (!source)
        return pflash_file(b, "file", node_text(nvram), TRUE);
    if (node_attr(source, "file"))
        return pflash_file(b, "file", node_attr(source, "file"), TRUE);
    if (node_attr(source, "dev"))
        return pflash_file(b, "host_device", node_attr(source, "dev"), TRUE);
    return disk_source_network(b, source, "libvirt-pflash1-storage", error);
}

gboolean
argv_add_firmware_nodes(ArgvBuilder *b, GError **error)
{
    const xmlNode *loader = argv_pflash_loader(b);
    gboolean read_only = node_attr_yes(loader, "readonly", FALSE);
    json_t *variables;

    if (!loader)
        return TRUE;
    argv_add_pflash(b, 0, pflash_file(b, "file", node_text(loader), !read_only), read_only);
    if (!argv_has_nvram(b))
        return TRUE;
    variables = argv_nvram_props(b, error);
    if (!variables)
        return FALSE;
    argv_add_pflash(b, 1, variables, FALSE);
    return TRUE;
}

/* --- machine --------------------------------------------------------------------------------------------- */

static gboolean
argv_feature_on(const ArgvBuilder *b, const char *name)
{
    const xmlNode *feature = node_child(node_child(b->domain, "features"), name);

    return feature && node_attr_yes(feature, "state", TRUE);
}

static gboolean
argv_has_memory_model(const ArgvBuilder *b, const char *model)
{
    NODE_FOREACH(memory, b->devices, "memory")
        if (node_attr_is(memory, "model", model))
            return TRUE;
    return FALSE;
}

static void
argv_append_irqchip(GString *options, const xmlNode *ioapic)
{
    const char *driver = node_attr(ioapic, "driver");

    if (g_strcmp0(driver, "kvm") == 0)
        g_string_append(options, ",kernel_irqchip=on");
    else if (g_strcmp0(driver, "qemu") == 0)
        g_string_append(options, ",kernel_irqchip=split");
}

/* Keys of the guest that the machine wraps, which only s390x can. */
static gboolean
argv_append_keywrap(ArgvBuilder *b, GString *options, GError **error)
{
    NODE_FOREACH(cipher, node_child(b->domain, "keywrap"), "cipher") {
        if (!g_str_equal(b->arch, "s390x"))
            return hv_throw(error, HV_ERR_CONFIG_UNSUPPORTED, "%s-key-wrap is not available with this QEMU binary",
                            node_attr(cipher, "name"));
        g_string_append_printf(options, ",%s-key-wrap=%s", node_attr(cipher, "name"), node_attr(cipher, "state"));
    }
    return TRUE;
}

/* Memory that AMD's processors encrypt. */
static gboolean
argv_has_sev(const ArgvBuilder *b)
{
    return node_attr_is(node_child(b->domain, "launchSecurity"), "type", "sev");
}

gboolean
argv_add_machine(ArgvBuilder *b, GError **error)
{
    const xmlNode *features = node_child(b->domain, "features");
    const xmlNode *numa = node_path(b->domain, "cpu/numa");
    const char *core = node_child_attr(b->domain, "memory", "dumpCore");
    g_autoptr(GString) options = g_string_new(b->machine_name);

    g_string_append(options, ",usb=off");
    argv_append_switch(options, "vmport", node_child_attr(features, "vmport", "state"));
    argv_append_switch(options, "smm", node_child_attr(features, "smm", "state"));
    argv_append_switch(options, "dump-guest-core", core ? core : "off");
    if (node_path(b->domain, "memoryBacking/nosharepages"))
        g_string_append(options, ",mem-merge=off");
    if (argv_has_memory_model(b, "nvdimm"))
        g_string_append(options, ",nvdimm=on");
    argv_append_irqchip(options, node_child(features, "ioapic"));
    if (!argv_append_keywrap(b, options, error))
        return FALSE;
    if (argv_has_sev(b))
        g_string_append(options, ",confidential-guest-support=lsec0");
    if (g_str_equal(b->arch, "aarch64"))
        argv_append(options, "gic-version", node_child_attr(features, "gic", "version"));
    if (g_strcmp0(node_child_attr(b->devices, "iommu", "model"), "smmuv3") == 0)
        g_string_append(options, ",iommu=smmuv3");
    if (!argv_append_speaker(b, options, error))
        return FALSE;
    if (argv_has_hmat(b))
        g_string_append(options, ",hmat=on");
    if (!numa && b->machine->default_ram_id)
        argv_append(options, "memory-backend", b->machine->default_ram_id);
    if (argv_pflash_loader(b)) {
        g_string_append(options, ",pflash0=libvirt-pflash0-format");
        if (argv_has_nvram(b))
            g_string_append(options, ",pflash1=libvirt-pflash1-format");
    }
    /* The BIOS speaks to the first serial port when there is no screen. */
    if (node_attr_yes(node_path(b->domain, "os/bios"), "useserial", FALSE))
        g_string_append(options, ",graphics=off");
    argv_add(b, "-machine", options->str);

    if (b->kvm) {
        argv_add(b, "-accel", "kvm");
    } else {
        const xmlNode *cache = node_path(features, "tcg/tb-cache");

        if (cache)
            argv_addf(b, "-accel", "tcg,tb-size=%" G_GUINT64_FORMAT, argv_kib(cache, 0) / 1024);
        else
            argv_add(b, "-accel", "tcg");
    }
    if (argv_pflash_loader(b) && node_attr_yes(argv_pflash_loader(b), "secure", FALSE))
        argv_add(b, "-global", "driver=cfi.pflash01,property=secure,value=on");
    return TRUE;
}

/* --- clock ----------------------------------------------------------------------------------------------- */

static const xmlNode *
argv_timer(const ArgvBuilder *b, const char *name)
{
    NODE_FOREACH(timer, node_child(b->domain, "clock"), "timer")
        if (node_attr_is(timer, "name", name))
            return timer;
    return NULL;
}

/* The guest's date: now (or <clock start>), moved by the adjustment, in UTC or local time. */
static void
argv_append_date(GString *options, const xmlNode *clock, gboolean local)
{
    g_autoptr(GDateTime) now = g_date_time_new_now_utc();
    gint64 seconds = node_attr(clock, "start") ? (gint64)node_attr_uint(clock, "start", 0) : g_date_time_to_unix(now);
    const char *adjustment = node_attr(clock, "adjustment");
    g_autoptr(GDateTime) shown = NULL;
    g_autofree char *text = NULL;

    seconds += adjustment ? g_ascii_strtoll(adjustment, NULL, 10) : 0;
    shown = local ? g_date_time_new_from_unix_local(seconds) : g_date_time_new_from_unix_utc(seconds);
    if (!shown)
        shown = g_date_time_ref(now);
    text = g_date_time_format(shown, "%Y-%m-%dT%H:%M:%S");
    g_string_append(options, text);
}

static gboolean
argv_has_pit(const ArgvBuilder *b)
{
    return qemu_caps_has_device(b->caps, "kvm-pit");
}

void
argv_add_clock(ArgvBuilder *b)
{
    const xmlNode *clock = node_child(b->domain, "clock");
    const char *offset = node_attr(clock, "offset");
    const xmlNode *rtc = argv_timer(b, "rtc");
    const xmlNode *pit = argv_timer(b, "pit");
    const xmlNode *hpet = argv_timer(b, "hpet");
    g_autoptr(GString) options = g_string_new("base=");

    if (g_strcmp0(offset, "localtime") == 0 || g_strcmp0(offset, "timezone") == 0)
        g_string_append(options, "localtime");
    else if (g_strcmp0(offset, "variable") == 0 || g_strcmp0(offset, "absolute") == 0)
        argv_append_date(options, clock, node_attr_is(clock, "basis", "localtime"));
    else
        g_string_append(options, "utc");
    if (g_strcmp0(offset, "timezone") == 0 && node_attr(clock, "timezone"))
        g_ptr_array_add(b->env, g_strdup_printf("TZ=%s", node_attr(clock, "timezone")));
    if (rtc && node_attr_is(rtc, "track", "guest"))
        g_string_append(options, ",clock=vm");
    else if (rtc && node_attr_is(rtc, "track", "realtime"))
        g_string_append(options, ",clock=rt");
    else if (rtc && node_attr_is(rtc, "track", "wall"))
        g_string_append(options, ",clock=host");
    if (rtc && node_attr_is(rtc, "tickpolicy", "catchup"))
        g_string_append(options, ",driftfix=slew");
    argv_add(b, "-rtc", options->str);

    if (pit && (!node_attr(pit, "tickpolicy") || node_attr_is(pit, "tickpolicy", "delay")) && argv_has_pit(b))
        argv_add(b, "-global", "kvm-pit.lost_tick_policy=delay");
    else if (pit && node_attr_is(pit, "tickpolicy", "discard") && argv_has_pit(b))
        argv_add(b, "-global", "kvm-pit.lost_tick_policy=discard");
    if (hpet && b->x86 && !node_attr_yes(hpet, "present", TRUE))
        argv_add(b, "-no-hpet", NULL);
}

/* --- boot ------------------------------------------------------------------------------------------------ */

static void
argv_add_sleep_states(ArgvBuilder *b)
{
    const xmlNode *pm = node_child(b->domain, "pm");
    const char *chip = b->q35 ? "ICH9-LPC" : "PIIX4_PM";
    const char *memory = node_child_attr(pm, "suspend-to-mem", "enabled");
    const char *disk = node_child_attr(pm, "suspend-to-disk", "enabled");

    if (memory)
        argv_addf(b, "-global", "%s.disable_s3=%d", chip, !g_str_equal(memory, "yes"));
    if (disk)
        argv_addf(b, "-global", "%s.disable_s4=%d", chip, !g_str_equal(disk, "yes"));
}

/* Devices without an address: the id that changes when the guest is copied. */
static void
argv_add_generation_id(ArgvBuilder *b)
{
    const char *id = node_child_text(b->domain, "genid");
    json_t *props;

    if (!id)
        return;
    props = device_props("vmgenid");
    props_str(props, "guid", id);
    props_str(props, "id", "vmgenid0");
    argv_add_json(b, "-device", props);
}

static void
argv_add_direct_kernel(ArgvBuilder *b, const xmlNode *os)
{
    static const struct {
        const char *element;
        const char *option;
        gboolean file;
    } parts[] = {
        { "kernel", "-kernel", TRUE }, { "initrd", "-initrd", TRUE }, { "cmdline", "-append", FALSE },
        { "dtb", "-dtb", TRUE },
    };

    for (gsize i = 0; i < G_N_ELEMENTS(parts); i++) {
        const char *text = node_child_text(os, parts[i].element);

        if (!text || !*text)
            continue;
        argv_add(b, parts[i].option, text);
        if (parts[i].file)
            argv_add_file(b, text, NULL, FALSE, FALSE);
    }
    if (node_path(os, "acpi/table")) {
        argv_addf(b, "-acpitable", "sig=SLIC,file=%s", node_text(node_path(os, "acpi/table")));
        argv_add_file(b, node_text(node_path(os, "acpi/table")), NULL, FALSE, FALSE);
    }
}

gboolean
argv_add_launch_security(ArgvBuilder *b, GError **error)
{
    const xmlNode *security = node_child(b->domain, "launchSecurity");
    json_t *props;

    if (!argv_has_sev(b))
        return TRUE;
    /* QEMU takes the owner's certificate and session from files alone, which would have to be made where the guest runs. */
    if (node_child(security, "dhCert") || node_child(security, "session"))
        return hv_throw(error, HV_ERR_CONFIG_UNSUPPORTED,
                        "<dhCert> and <session> of SEV launch security are not supported: the guest's owner cannot be asked");
    props = json_pack("{s:s,s:s}", "qom-type", "sev-guest", "id", "lsec0");
    props_text_uint(props, "cbitpos", security, "cbitpos");
    props_text_uint(props, "reduced-phys-bits", security, "reducedPhysBits");
    props_text_uint(props, "policy", security, "policy");
    props_attr_bool(props, "kernel-hashes", security, "kernelHashes");
    argv_add_json(b, "-object", props);
    return TRUE;
}

void
argv_add_boot(ArgvBuilder *b)
{
    const xmlNode *os = node_child(b->domain, "os");
    const xmlNode *menu = node_child(os, "bootmenu");
    const xmlNode *bios = node_child(os, "bios");
    const xmlNode *loader = node_child(os, "loader");
    g_autoptr(GString) options = g_string_new(NULL);

    argv_add(b, "-no-shutdown", NULL);
    if ((b->x86 || g_str_equal(b->arch, "aarch64")) && !argv_feature_on(b, "acpi"))
        argv_add(b, "-no-acpi", NULL);
    argv_add_sleep_states(b);
    if (node_path(b->domain, "features/smm/tseg"))
        argv_addf(b, "-global", "mch.extended-tseg-mbytes=%" G_GUINT64_FORMAT,
                  argv_kib(node_path(b->domain, "features/smm/tseg"), 0) / 1024);
    argv_append_switch(options, "menu", node_attr(menu, "enable"));
    if (menu && node_attr_yes(menu, "enable", FALSE))
        argv_append(options, "splash-time", node_attr(menu, "timeout"));
    argv_append(options, "reboot-timeout", node_attr(bios, "rebootTimeout"));
    g_string_append(options, ",strict=on");
    argv_add(b, "-boot", options->str + 1);
    argv_add_direct_kernel(b, os);
    argv_add_generation_id(b);
    if (loader && !argv_pflash_loader(b) && *node_text(loader)) {
        argv_add(b, "-bios", node_text(loader));
        argv_add_file(b, node_text(loader), NULL, FALSE, FALSE);
    }
}
