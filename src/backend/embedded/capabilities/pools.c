/* <storagepoolCapabilities>: the kinds of storage pools and the formats that each knows. */
#include "config.h"

#include "backend/embedded/capabilities/capabilities.h"

/* Formats are in the order of libvirt's numbers. */
static const char *const image_formats[] = {
    "none", "raw", "dir", "bochs", "cloop", "dmg", "iso", "vpc", "vdi", "fat", "vhd", "ploop", "cow", "qcow", "qcow2", "qed",
    "vmdk", NULL,
};
static const char *const filesystems[] = {
    "auto", "ext2", "ext3", "ext4", "ufs", "iso9660", "udf", "gfs", "gfs2", "vfat", "hfs+", "xfs", "ocfs2", "vmfs", NULL,
};
static const char *const network_filesystems[] = { "auto", "nfs", "glusterfs", "cifs", NULL };
static const char *const volume_groups[] = { "unknown", "lvm2", NULL };
static const char *const partition_tables[] = {
    "unknown", "dos", "dvh", "gpt", "mac", "bsd", "pc98", "sun", "lvm2", NULL,
};
static const char *const partitions[] = {
    "none", "linux", "fat16", "fat32", "linux-swap", "linux-lvm", "linux-raid", "extended", NULL,
};
static const char *const nothing[] = { NULL };

typedef struct {
    const char *usual;              /* NULL: the pool has no formats there */
    const char *const *all;
} PoolFormats;

static const struct {
    const char *type;
    gboolean supported;             /* as in the libvirt whose interface this is */
    PoolFormats source;
    PoolFormats target;
} pool_types[] = {
    { "dir", TRUE, { NULL, NULL }, { "raw", image_formats } },
    { "fs", TRUE, { "auto", filesystems }, { "raw", image_formats } },
    { "netfs", TRUE, { "auto", network_filesystems }, { "raw", image_formats } },
    { "logical", TRUE, { "lvm2", volume_groups }, { NULL, NULL } },
    { "disk", TRUE, { "unknown", partition_tables }, { "none", partitions } },
    { "iscsi", TRUE, { NULL, NULL }, { NULL, NULL } },
    { "iscsi-direct", FALSE, { NULL, NULL }, { NULL, NULL } },
    { "scsi", TRUE, { NULL, NULL }, { NULL, NULL } },
    { "mpath", TRUE, { NULL, NULL }, { NULL, NULL } },
    { "rbd", FALSE, { NULL, NULL }, { "raw", nothing } },
    { "sheepdog", FALSE, { NULL, NULL }, { NULL, NULL } },
    { "gluster", FALSE, { NULL, NULL }, { "raw", image_formats } },
    { "zfs", FALSE, { NULL, NULL }, { NULL, NULL } },
    { "vstorage", FALSE, { NULL, NULL }, { "raw", image_formats } },
};

static void
add_formats(XmlText *xml, const char *options, const char *name, const PoolFormats *formats)
{
    if (!formats->usual)
        return;
    xml_text_open(xml, options, NULL);
    xml_text_empty(xml, "defaultFormat", "type", formats->usual, NULL);
    xml_text_open(xml, "enum", "name", name, NULL);
    for (const char *const *format = formats->all; *format; format++)
        xml_text_value(xml, "value", *format, NULL);
    xml_text_close(xml, "enum");
    xml_text_close(xml, options);
}

char *
pool_capabilities_document(void)
{
    XmlText xml;

    xml_text_init(&xml);
    xml_text_open(&xml, "storagepoolCapabilities", NULL);
    for (gsize i = 0; i < G_N_ELEMENTS(pool_types); i++) {
        xml_text_open(&xml, "pool", "type", pool_types[i].type, "supported", pool_types[i].supported ? "yes" : "no", NULL);
        add_formats(&xml, "poolOptions", "sourceFormatType", &pool_types[i].source);
        add_formats(&xml, "volOptions", "targetFormatType", &pool_types[i].target);
        xml_text_close(&xml, "pool");
    }
    xml_text_close(&xml, "storagepoolCapabilities");
    return xml_text_finish(&xml);
}
