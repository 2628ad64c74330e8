/* Where what a QEMU binary has said about itself is kept: one file for each binary and kind of facts, keyed by the binary's path,
 * size and modification time and by the running kernel. Anything else in it, and any damage, means that the binary is asked
 * again; a cache that cannot be written is no error. */
#pragma once

#include <glib.h>
#include <jansson.h>

G_BEGIN_DECLS

#define QEMU_FACTS_MODULE "qemu.facts"  /* of traces (util/log.h) */

typedef struct FactsCache FactsCache;

/* @cache_dir NULL: reads nothing and keeps nothing. @kind names the facts beside the general ones (NULL): "tcg". @format changes with
 * the form or the content of the facts. */
FactsCache *facts_cache_new(const char *cache_dir, const char *emulator, const char *kind, int format);
void facts_cache_free(FactsCache *cache);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(FactsCache, facts_cache_free)

/* A new reference, NULL when there are no facts that hold. */
json_t *facts_cache_read(const FactsCache *cache);
/* @facts stays the caller's. */
void facts_cache_write(const FactsCache *cache, json_t *facts);

G_END_DECLS
