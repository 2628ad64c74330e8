/* Domains: what a <domain> document means.
 *
 * domain_parse() turns what a user wrote into what libvirt would show in `dumpxml --inactive`:
 * defaults filled in, implied controllers and addresses added, unknown elements dropped, children
 * in libvirt's order. Everything else here works on such a normalised document. Memory is in KiB
 * throughout, as in the document.
 *
 * Errors carry libvirt's codes and messages: HV_ERR_XML_ERROR, HV_ERR_CONFIG_UNSUPPORTED, … */
#pragma once

#include "model/document.h"

G_BEGIN_DECLS

/* What one domain may have, at most. */
#define DOMAIN_MAX_DEVICES 2048
#define DOMAIN_MAX_CHILDREN 16384   /* of any other element */

/* What the model must know of the host and its emulators. @data is passed back. Returned strings
 * are the caller's (g_free). @emulator is the path in the document, @arch libvirt's name of the
 * architecture ("x86_64"), @virt_type "qemu" or "kvm". */
typedef struct {
    gpointer data;
    /* "x86_64"; borrowed. */
    const char *(*host_arch)(gpointer data);
    /* The emulator for a domain that names none; NULL with an error when there is none. */
    char *(*default_emulator)(gpointer data, const char *arch, const char *virt_type, GError **error);
    /* Makes sure that facts of @emulator can be asked for. Called once per document before those below. */
    gboolean (*probe)(gpointer data, const char *emulator, const char *arch, const char *virt_type, GError **error);
    /* The machine behind an alias ("q35" → "pc-q35-7.2"); NULL when @machine is no alias. */
    char *(*canonical_machine)(gpointer data, const char *emulator, const char *machine);
    /* The machine for a domain that names none ("pc"); NULL when the emulator has no default. */
    char *(*default_machine)(gpointer data, const char *emulator);
    /* 0: not known (an unknown machine). */
    guint (*max_vcpus)(gpointer data, const char *emulator, const char *machine);
    /* The CPU model of a domain without <cpu>, in libvirt's naming ("qemu64"); NULL: add none. */
    char *(*default_cpu)(gpointer data, const char *emulator, const char *machine, const char *virt_type);
    /* Whether the emulator has the device model ("virtio-net-pci", "usb-tablet"). */
    gboolean (*has_device)(gpointer data, const char *emulator, const char *device);
    /* Where the variables of a UEFI firmware are kept for the domain @name. The function may be NULL: then the path
     * is left to the start. */
    char *(*nvram_path)(gpointer data, const char *name);
} DomainFacts;

typedef enum {
    DOMAIN_PARSE_DEFAULT = 0,
    /* Unknown elements and attributes are HV_ERR_XML_INVALID_SCHEMA. */
    DOMAIN_PARSE_VALIDATE = 1 << 0,
    /* A running domain's document: id, aliases and runtime details are kept. */
    DOMAIN_PARSE_LIVE = 1 << 1,
} DomainParseFlags;

/* Attribute of a live document's <clock offset='variable'>: the adjustment that the guest was started with. */
#define DOMAIN_CLOCK_FIRST_ADJUSTMENT "adjustment0"

typedef enum {
    DOMAIN_FORMAT_DEFAULT = 0,
    DOMAIN_FORMAT_SECURE = 1 << 0,      /* with passwords */
    DOMAIN_FORMAT_INACTIVE = 1 << 1,    /* of a live document: without id, aliases, runtime details */
    DOMAIN_FORMAT_UPDATE_CPU = 1 << 2,
    DOMAIN_FORMAT_MIGRATABLE = 1 << 3,  /* without what the receiving side adds by itself, with passwords */
} DomainFormatFlags;

/* --- from text and to text ------------------------------------------------------------------ */

/* Parses and normalises. @filename is for errors; NULL means "(domain_definition)". @facts may be
 * NULL for the test driver, which knows no emulator and
 * takes any virt type. @warnings, if not NULL, gets a string for everything that was dropped
 * because it is not known ("FILE:LINE: unknown element <x> in <y>"). A missing uuid is generated. */
xmlDoc *domain_parse(const char *xml, gssize len, const char *filename, const DomainFacts *facts,
                     DomainParseFlags flags, GPtrArray *warnings, GError **error)
    G_GNUC_WARN_UNUSED_RESULT;
/* Reads what was normalised before (our own files): only well-formedness, the root, name and uuid are
 * checked. */
xmlDoc *domain_load(const char *xml, gssize len, const char *filename, GError **error)
    G_GNUC_WARN_UNUSED_RESULT;
/* Text for the user. The whole document (with passwords) is document_format(). */
char *domain_format(const xmlDoc *doc, DomainFormatFlags flags, GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* --- live documents --------------------------------------------------------------------------- */

/* A copy with id and aliases, for a domain about to run. */
xmlDoc *domain_make_live(const xmlDoc *doc, int id) G_GNUC_WARN_UNUSED_RESULT;
/* A copy of a live document with nothing of the running domain in it. */
xmlDoc *domain_make_inactive(const xmlDoc *doc) G_GNUC_WARN_UNUSED_RESULT;
/* Gives every device that has none its alias, in libvirt's numbering ("virtio-disk0", "net0"). */
void domain_assign_aliases(xmlDoc *doc);

/* --- names and uuids -------------------------------------------------------------------------- */

/* Errors in libvirt's words for what cannot be a name: empty, with a slash or a newline, above 255 bytes as a
 * file name, not UTF-8, or "." and "..". */
gboolean domain_check_name(const char *name, GError **error);
const char *domain_name(const xmlDoc *doc);             /* never NULL in a normalised document */
void domain_set_name(xmlDoc *doc, const char *name);
const char *domain_uuid(const xmlDoc *doc);             /* "74722d00-0000-4000-8000-000000000201" */

/* --- views -------------------------------------------------------------------------------------- */

const char *domain_os_type(const xmlDoc *doc);          /* "hvm" */
const char *domain_machine(const xmlDoc *doc);          /* NULL in the test driver */
const char *domain_emulator(const xmlDoc *doc);         /* NULL in the test driver */
gboolean domain_is_q35(const xmlDoc *doc);
gboolean domain_is_i440fx(const xmlDoc *doc);

guint64 domain_max_memory(const xmlDoc *doc);
guint64 domain_memory(const xmlDoc *doc);               /* currentMemory */
void domain_set_memory(xmlDoc *doc, guint64 kib);
guint domain_max_vcpus(const xmlDoc *doc);
guint domain_vcpus(const xmlDoc *doc);

typedef enum { DOMAIN_ON_POWEROFF, DOMAIN_ON_REBOOT, DOMAIN_ON_CRASH } DomainLifecycle;
const char *domain_lifecycle(const xmlDoc *doc, DomainLifecycle which);         /* "destroy", "restart", … */
/* @action is libvirt's name; whether it makes sense for @which is checked (HV_ERR_INVALID_ARG, CONFIG_UNSUPPORTED). */
gboolean domain_set_lifecycle(xmlDoc *doc, DomainLifecycle which, const char *action, GError **error);

const char *domain_title(const xmlDoc *doc);            /* NULL: none */
const char *domain_description(const xmlDoc *doc);      /* NULL: none */
/* NULL or "" removes. A title with a newline is HV_ERR_INVALID_ARG. */
gboolean domain_set_title(xmlDoc *doc, const char *title, GError **error);
void domain_set_description(xmlDoc *doc, const char *description);
/* The child of <metadata> in namespace @uri, as text, without its key; HV_ERR_NO_DOMAIN_METADATA. */
char *domain_metadata(const xmlDoc *doc, const char *uri, GError **error) G_GNUC_WARN_UNUSED_RESULT;
/* Replaces the child in namespace @uri by the element in @xml, which is put in that namespace
 * under prefix @key; @xml NULL removes it. */
gboolean domain_set_metadata(xmlDoc *doc, const char *uri, const char *key, const char *xml, GError **error);

/* --- devices ------------------------------------------------------------------------------------ */

xmlNode *domain_devices(const xmlDoc *doc);             /* never NULL in a normalised document */
/* The first device of @kind ("disk", "interface", "serial", …; NULL: any) after @previous (NULL: from the
 * start). `for (dev = NULL; (dev = domain_next_device(doc, dev, "disk"));)` */
xmlNode *domain_next_device(const xmlDoc *doc, const xmlNode *previous, const char *kind);
const char *device_alias(const xmlNode *device);        /* NULL: none */
void device_set_alias(xmlNode *device, const char *alias);
/* The attribute of a disk's <source> that tells where it is, whatever its type (file, dev, dir, name, volume);
 * NULL: no medium. */
const char *disk_source(const xmlNode *disk);
/* Index of a disk name ("sdc" → 2), -1 for what is none. */
int disk_name_index(const char *name);
const char *disk_target(const xmlNode *disk);           /* "vda" */
const char *disk_device(const xmlNode *disk);           /* "disk", "cdrom", "floppy", "lun" */
gboolean disk_is_empty(const xmlNode *disk);
gboolean disk_is_empty_drive(const xmlNode *disk);      /* a cdrom or floppy without a medium */
/* A new child in the place that libvirt's order gives it. @parent may be <domain>, <devices>, a device or
 * anything below them; the order comes from the schema table. */
xmlNode *domain_add_child(xmlNode *parent, const char *name);
/* The child @name, made where missing. */
xmlNode *domain_ensure_child(xmlNode *parent, const char *name);

G_END_DECLS
