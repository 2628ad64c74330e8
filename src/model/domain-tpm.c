/* Trusted platform modules. */
#include "model/normalise.h"

#include <string.h>

#include "util/error.h"
#include "util/uuid.h"

static const char *const pcr_banks[] = { "sha1", "sha256", "sha384", "sha512" };

/* Puts the banks in order; each counts once. */
static gboolean
normalise_banks(xmlNode *banks, GError **error)
{
    gboolean wanted[G_N_ELEMENTS(pcr_banks)] = { FALSE };

    NODE_FOREACH(bank, banks, NULL) {
        gsize i = 0;

        while (i < G_N_ELEMENTS(pcr_banks) && !node_is(bank, pcr_banks[i]))
            i++;
        if (i == G_N_ELEMENTS(pcr_banks))
            return node_throw(bank, error, HV_ERR_CONFIG_UNSUPPORTED, "Unsupported PCR banks '%s'", node_name(bank));
        wanted[i] = TRUE;
    }
    if (!banks)
        return TRUE;
    node_remove_children(banks, NULL);
    for (gsize i = 0; i < G_N_ELEMENTS(pcr_banks); i++)
        if (wanted[i])
            node_add(banks, pcr_banks[i], NULL);
    return TRUE;
}

static gboolean
normalise_emulator(const Normalise *n, const xmlNode *tpm, xmlNode *backend, GError **error)
{
    xmlNode *encryption = node_child(backend, "encryption");
    const char *persistent = node_attr(backend, "persistent_state");

    if (encryption) {
        g_autofree char *uuid = uuid_canonical(node_attr(encryption, "secret"));

        if (!uuid)
            return hv_throw(error, HV_ERR_INTERNAL_ERROR, "Unable to parse secret uuid '%s'", node_attr(encryption, "secret")) ||
                   node_expect(backend, error, "a UUID as 'secret' of <encryption>");
        node_set_attr(encryption, "secret", uuid);
    }
    if (persistent && strcmp(persistent, "yes") != 0 && strcmp(persistent, "no") != 0)
        return hv_throw(error, HV_ERR_INTERNAL_ERROR, "Invalid persistent_state value, either 'yes' or 'no'") ||
               node_expect(backend, error, "yes or no as 'persistent_state'");
    if (g_strcmp0(persistent, "no") == 0)
        node_set_attr(backend, "persistent_state", NULL);
    if (!node_attr(backend, "version"))
        node_set_attr(backend, "version", node_attr_is(tpm, "model", "tpm-tis") && n->is_x86 ? "1.2" : "2.0");
    return normalise_banks(node_child(backend, "active_pcr_banks"), error);
}

static gboolean
normalise_external(xmlNode *backend, GError **error)
{
    xmlNode *source = node_child(backend, "source");
    const char *mode = node_attr(source, "mode");

    if (!node_attr(source, "type"))
        return node_throw(backend, error, HV_ERR_XML_ERROR, "missing external TPM backend type");
    if (!node_attr_is(source, "type", "unix"))
        return node_throw(backend, error, HV_ERR_XML_ERROR, "only source type 'unix' is supported for external TPM device");
    if (mode && strcmp(mode, "connect") != 0)
        return node_throw(backend, error, HV_ERR_XML_ERROR, "only 'client' mode is supported for external TPM device");
    if (!node_attr(source, "path"))
        return node_throw(backend, error, HV_ERR_XML_ERROR, "missing socket path for external TPM device");
    node_set_attr(source, "mode", "connect");
    return TRUE;
}

gboolean
normalise_tpm(const Normalise *n, xmlNode *tpm, GError **error)
{
    xmlNode *backend = node_child(tpm, "backend");

    if (!backend)
        return node_throw(tpm, error, HV_ERR_XML_ERROR, "missing TPM device backend");
    if (node_next(backend, "backend"))
        return node_throw(tpm, error, HV_ERR_XML_ERROR, "only one TPM backend is supported");
    if (!node_attr(tpm, "model"))
        node_set_attr(tpm, "model", g_str_has_prefix(n->arch, "ppc64") ? "tpm-spapr" : "tpm-tis");
    if (node_attr_is(backend, "type", "emulator"))
        return normalise_emulator(n, tpm, backend, error);
    if (node_attr_is(backend, "type", "external"))
        return normalise_external(backend, error);
    if (!node_child_attr(backend, "device", "path"))
        node_set_attr(domain_ensure_child(backend, "device"), "path", "/dev/tpm0");
    return TRUE;
}

/* --- checks ---------------------------------------------------------------------------------------------- */

gboolean
check_tpms(const Normalise *n, GError **error)
{
    guint count = 0;

    NODE_FOREACH(tpm, n->devices, "tpm") {
        const char *model = node_attr(tpm, "model");
        const xmlNode *backend = node_child(tpm, "backend");
        gboolean emulator = node_attr_is(backend, "type", "emulator"), old = emulator && node_attr_is(backend, "version", "1.2");

        if (!node_attr_is(tpm, "model", "spapr-tpm-proxy") && ++count > 1)
            return node_throw(tpm, error, HV_ERR_CONFIG_UNSUPPORTED, "only a single TPM non-proxy device is supported");
        if (node_child(backend, "active_pcr_banks") && !node_attr_is(backend, "version", "2.0"))
            return node_throw(tpm, error, HV_ERR_XML_ERROR, "<active_pcr_banks/> requires TPM version '2.0'");
        if (old && (strcmp(model, "tpm-crb") == 0 || strcmp(model, "tpm-spapr") == 0))
            return node_throw(tpm, error, HV_ERR_CONFIG_UNSUPPORTED, "Unsupported interface '%s' for TPM 1.2", model);
        if (!n->facts->has_device(n->facts->data, n->emulator, strcmp(model, "tpm-tis") == 0 && n->is_virt ? "tpm-tis-device" : model))
            return node_throw(tpm, error, HV_ERR_CONFIG_UNSUPPORTED, "The QEMU executable %s does not support TPM model %s",
                              n->emulator, model);
    }
    return TRUE;
}
