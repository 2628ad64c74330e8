/* Sets of small numbers: CPUs, NUMA cells. Their text is the kernel's list, "0-3,8" (Documentation/core-api/printk-formats.rst of
 * Linux, %*pbl). */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* Numbers in a set are below this: eight times what Linux can be built for, so that a broken file costs no memory. */
#define CPU_SET_LIMIT 65536

typedef struct CpuSet CpuSet;

CpuSet *cpu_set_new(void);
void cpu_set_free(CpuSet *set);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(CpuSet, cpu_set_free)

/* @number must be below CPU_SET_LIMIT. */
void cpu_set_add(CpuSet *set, guint number);
gboolean cpu_set_has(const CpuSet *set, guint number);
guint cpu_set_count(const CpuSet *set);
/* The lowest number in the set that is at least @from, or -1: for (int i = cpu_set_next(s, 0); i >= 0; i = cpu_set_next(s, i + 1)) */
int cpu_set_next(const CpuSet *set, guint from);
/* The highest number, -1 when the set is empty. */
int cpu_set_last(const CpuSet *set);

/* Blanks at the ends do not matter, an empty text is an empty set. NULL for any other text that is none of the kernel's. */
CpuSet *cpu_set_parse_list(const char *text);
/* "0-3,8"; "" for an empty set. A new string. */
char *cpu_set_format(const CpuSet *set);

G_END_DECLS
