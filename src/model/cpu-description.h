/* <cpu> documents that stand alone: a host's CPU out of capabilities, or a guest's out of a domain or domain capabilities. */
#pragma once

#include "model/document.h"

G_BEGIN_DECLS

typedef enum { CPU_AUTO, CPU_HOST, CPU_GUEST } CpuKind;
typedef enum { CPU_MODE_CUSTOM, CPU_MODE_HOST_MODEL, CPU_MODE_HOST_PASSTHROUGH, CPU_MODE_MAXIMUM } CpuMode;
typedef enum { CPU_MATCH_MINIMUM, CPU_MATCH_EXACT, CPU_MATCH_STRICT } CpuMatch;
typedef enum { CPU_FORCE, CPU_REQUIRE, CPU_OPTIONAL, CPU_DISABLE, CPU_FORBID } CpuPolicy;

typedef struct {
    char *name;
    CpuPolicy policy;           /* CPU_REQUIRE in a host's CPU */
} CpuWish;

typedef struct {
    CpuKind kind;               /* CPU_HOST or CPU_GUEST */
    char *arch;                 /* NULL: not said */
    CpuMode mode;
    CpuMatch match;
    char *model;                /* NULL: not said */
    char *vendor;               /* NULL: not said */
    GPtrArray *features;        /* of CpuWish, no name twice */
} CpuDescription;

/* The description in @xml. CPU_AUTO: one with an <arch> is a host's. @validate: only what the schema allows. Errors are
 * libvirt's. */
CpuDescription *cpu_description_parse(const char *xml, CpuKind kind, gboolean validate, GError **error) G_GNUC_WARN_UNUSED_RESULT;
void cpu_description_free(CpuDescription *cpu);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(CpuDescription, cpu_description_free)

/* The CPUs in a file of the user's: those of one or many <cpu> without a root, of domains, of <host>, of capabilities
 * and of domain capabilities (its host-model), each as a document of its own. @label names the file in errors. An array
 * of strings, never empty; NULL with libvirt's error. */
GPtrArray *cpu_description_extract(const char *text, const char *label, GError **error) G_GNUC_WARN_UNUSED_RESULT;

G_END_DECLS
