/* The <host> of capabilities: identity, CPU, power, migration, security. */
#include "config.h"

#include <unistd.h>

#include "backend/embedded/capabilities/capabilities.h"
#include "host/cpu.h"
#include "host/identity.h"
#include "host/memory.h"
#include "host/suspend.h"
#include "model/arch.h"
#include "util/uuid.h"

/* --- the processor ------------------------------------------------------------------------------------------ */

gboolean
host_cpu_offer_read(const Capable *capable, HostCpuOffer *offer, GError **error)
{
    g_autofree char *emulator = NULL;

    if (!host_processor_read(capable->host, &offer->processor, error))
        return FALSE;
    offer->arch = host_arch(capable->host);
    emulator = capable_emulator(offer->arch);
    /* Under KVM QEMU adds to every model what it likes guests to have; under TCG models are as they are defined. */
    if (emulator)
        offer->profile = qemu_facts_profile(capable->qemu, emulator, "tcg", NULL);
    /* What QEMU cannot name no guest can have, and no other host's capabilities of the same release tell of it. */
    if (offer->profile)
        offer->processor.features = feature_set_without(offer->processor.features, qemu_profile_unknown_features(offer->profile));
    return TRUE;
}

void
host_cpu_offer_clear(HostCpuOffer *offer)
{
    g_clear_pointer(&offer->arch, g_free);
    host_processor_clear(&offer->processor);
    offer->profile = NULL;
}

CpuOffer
host_cpu_offer_to(const HostCpuOffer *offer)
{
    return (CpuOffer){
        .arch = offer->arch,
        .vendor = offer->processor.vendor,
        .model = offer->processor.model,
        .features = offer->processor.features,
    };
}

static void
add_features(XmlText *xml, const HostCpuOffer *offer, const CpuDecoded *cpu)
{
    FeatureSet listed = cpu->model ? cpu->more : offer->processor.features;

    for (guint i = 0; i < cpu_feature_count(); i++)
        if (feature_set_has(&listed, i))
            xml_text_empty(xml, "feature", "name", cpu_feature(i)->name, NULL);
}

static CpuDecoded
decode_x86(const HostCpuOffer *offer)
{
    const HostProcessor *processor = &offer->processor;

    if (!offer->profile || !arch_is_x86(offer->arch))
        return (CpuDecoded){ 0 };
    return cpu_decode(offer->profile, &(CpuToDecode){ .features = processor->features, .vendor = processor->vendor,
                                                      .family = processor->family, .number = processor->number,
                                                      .subset = TRUE });
}

static void
add_model(XmlText *xml, const HostCpuOffer *offer, const CpuDecoded *cpu)
{
    const HostProcessor *processor = &offer->processor;

    if (cpu->model)
        xml_text_value(xml, "model", cpu->model->name, NULL);
    else if (!arch_is_x86(offer->arch) && processor->model && offer->profile &&
             qemu_profile_model(offer->profile, processor->model))
        xml_text_value(xml, "model", processor->model, NULL);
    if (processor->vendor)
        xml_text_value(xml, "vendor", processor->vendor, NULL);
    if (processor->microcode)
        xml_text_line(xml, "<microcode version='%" G_GUINT64_FORMAT "'/>", processor->microcode);
    if (arch_is_x86(offer->arch) && processor->family)
        xml_text_line(xml, "<signature family='%u' model='%u' stepping='%u'/>", processor->family, processor->number,
                      processor->stepping);
}

static gboolean
add_cpu(const Capable *capable, const HostTopology *topology, XmlText *xml, GError **error)
{
    g_auto(HostCpuOffer) offer = { 0 };
    g_autoptr(GArray) pages = NULL;
    HostCpuSummary summary;
    CpuDecoded cpu;

    if (!host_cpu_offer_read(capable, &offer, error) || !host_topology_summary(capable->host, topology, &summary, error))
        return FALSE;
    pages = host_pages(capable->host, HOST_ALL_CELLS, error);
    if (!pages)
        return FALSE;
    cpu = decode_x86(&offer);
    xml_text_open(xml, "cpu", NULL);
    xml_text_value(xml, "arch", offer.arch, NULL);
    add_model(xml, &offer, &cpu);
    xml_text_line(xml, "<topology sockets='%u' dies='1' cores='%u' threads='%u'/>", summary.sockets, summary.cores,
                  summary.threads);
    if (offer.processor.physical_bits)
        xml_text_line(xml, "<maxphysaddr mode='emulate' bits='%u'/>", offer.processor.physical_bits);
    add_features(xml, &offer, &cpu);
    for (guint i = 0; i < pages->len; i++)
        xml_text_line(xml, "<pages unit='KiB' size='%" G_GUINT64_FORMAT "'/>", g_array_index(pages, HostPages, i).size);
    xml_text_close(xml, "cpu");
    return TRUE;
}

/* --- the rest ------------------------------------------------------------------------------------------------ */

static void
add_power(const Host *host, XmlText *xml)
{
    static const char *const targets[HOST_SUSPEND_LAST] = {
        [HOST_SUSPEND_MEM] = "suspend_mem", [HOST_SUSPEND_DISK] = "suspend_disk", [HOST_SUSPEND_HYBRID] = "suspend_hybrid",
    };
    gboolean can[HOST_SUSPEND_LAST], any = FALSE;

    for (int i = 0; i < HOST_SUSPEND_LAST; i++) {
        can[i] = host_can_suspend(host, (HostSuspendTarget)i);
        any = any || can[i];
    }
    if (!any) {
        xml_text_empty(xml, "power_management", NULL);
        return;
    }
    xml_text_open(xml, "power_management", NULL);
    for (int i = 0; i < HOST_SUSPEND_LAST; i++)
        if (can[i])
            xml_text_empty(xml, targets[i], NULL);
    xml_text_close(xml, "power_management");
}

/* An IOMMU puts devices into groups. */
static gboolean
has_iommu(const Host *host)
{
    g_autoptr(CpuSet) groups = NULL;

    return host_read_folder(host, "", &groups, NULL, "sys/kernel/iommu_groups") == HOST_OK && cpu_set_count(groups) > 0;
}

static void
add_migration(XmlText *xml)
{
    xml_text_open(xml, "migration_features", NULL);
    xml_text_empty(xml, "live", NULL);
    xml_text_open(xml, "uri_transports", NULL);
    xml_text_value(xml, "uri_transport", "tcp", NULL);
    xml_text_value(xml, "uri_transport", "rdma", NULL);
    xml_text_close(xml, "uri_transports");
    xml_text_close(xml, "migration_features");
}

const char *
security_model(const Host *host)
{
    g_autofree char *apparmor = host_read_word(host, "sys/module/apparmor/parameters/enabled");

    if (host_exists(host, "sys/fs/selinux/enforce"))
        return "selinux";
    return g_strcmp0(apparmor, "Y") == 0 && host_exists(host, "sys/kernel/security/apparmor/profiles") ? "apparmor" : NULL;
}

char *
security_label(const Host *host, int pid, gboolean *enforcing)
{
    const char *model = security_model(host);
    g_autofree char *label = model ? host_read_word(host, "proc/%d/attr/current", pid) : NULL;
    g_autofree char *enforce = host_read_word(host, "sys/fs/selinux/enforce");

    *enforcing = FALSE;
    if (!label)
        return g_strdup("");
    *enforcing = g_str_equal(model, "selinux") ? g_strcmp0(enforce, "1") == 0 : g_str_has_suffix(label, "(enforce)");
    return g_steal_pointer(&label);
}

/* Files and processes of guests belong to whoever starts them. */
static void
add_security(const Host *host, XmlText *xml)
{
    static const char *const types[] = { "kvm", "qemu" };
    g_autofree char *owner = g_strdup_printf("+%u:+%u", (guint)geteuid(), (guint)getegid());
    const char *model = security_model(host);

    xml_text_open(xml, "secmodel", NULL);
    xml_text_value(xml, "model", model ? model : "none", NULL);
    xml_text_value(xml, "doi", SECURITY_DOI, NULL);
    xml_text_close(xml, "secmodel");
    xml_text_open(xml, "secmodel", NULL);
    xml_text_value(xml, "model", "dac", NULL);
    xml_text_value(xml, "doi", SECURITY_DOI, NULL);
    for (gsize i = 0; i < G_N_ELEMENTS(types); i++)
        xml_text_value(xml, "baselabel", owner, "type", types[i], NULL);
    xml_text_close(xml, "secmodel");
}

gboolean
capabilities_add_host(const Capable *capable, XmlText *xml, GError **error)
{
    g_autoptr(HostTopology) topology = NULL;
    char text[UUID_TEXT];
    guchar uuid[16];

    if (!host_uuid(capable->host, capable->uuid_folder, uuid, error))
        return FALSE;
    uuid_format(uuid, text);
    xml_text_open(xml, "host", NULL);
    xml_text_value(xml, "uuid", text, NULL);
    topology = host_topology_read(capable->host, error);
    if (!topology || !add_cpu(capable, topology, xml, error))
        return FALSE;
    add_power(capable->host, xml);
    xml_text_empty(xml, "iommu", "support", has_iommu(capable->host) ? "yes" : "no", NULL);
    add_migration(xml);
    if (!capabilities_add_topology(capable->host, topology, xml, error))
        return FALSE;
    capabilities_add_caches(capable->host, xml);
    add_security(capable->host, xml);
    xml_text_close(xml, "host");
    return TRUE;
}
