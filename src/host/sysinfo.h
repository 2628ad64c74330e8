/* What firmware says about a machine, as libvirt's <sysinfo type='smbios'> element. For host_sysinfo() and its tests. */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* One block such as <system>. The text of an entry is never NULL; the name of an entry is NULL in <oemStrings>. */
typedef struct {
    const char *element;        /* "system"; static */
    GPtrArray *names;           /* static strings */
    GPtrArray *texts;
} SysinfoBlock;

/* Blocks in the order of the document. */
typedef GPtrArray Sysinfo;

Sysinfo *sysinfo_new(void);
void sysinfo_free(Sysinfo *sysinfo);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Sysinfo, sysinfo_free)

/* Adds the blocks that the output of `dmidecode -q` describes; types that libvirt does not show are passed over. */
void sysinfo_add_dmidecode(Sysinfo *sysinfo, const char *text);
/* A new block; it is dropped again by sysinfo_format() when it stays empty. */
SysinfoBlock *sysinfo_add_block(Sysinfo *sysinfo, const char *element);
/* @name must be static; an empty or missing @text adds nothing. */
void sysinfo_add_entry(SysinfoBlock *block, const char *name, const char *text);
/* NULL when there is nothing in it. Entries that are no XML text lose what XML cannot hold. A new string. */
char *sysinfo_format(const Sysinfo *sysinfo);

G_END_DECLS
