/* Where the embedded driver keeps its state.
 *
 *            system (root)     session                                      embed?root=DIR
 *   config   /etc/hvsh         $XDG_CONFIG_HOME/hvsh                        DIR/etc
 *   state    /var/lib/hvsh     $XDG_DATA_HOME/hvsh                          DIR/lib
 *   cache    /var/cache/hvsh   $XDG_CACHE_HOME/hvsh                         DIR/cache
 *   run      /run/hvsh         $XDG_RUNTIME_DIR/hvsh, or CACHE/run          DIR/run
 *   log      /var/log/hvsh     $XDG_STATE_HOME/hvsh/log                     DIR/log
 *
 * (XDG base directory specification 0.8; where a variable is unset or relative its default under $HOME is taken.) */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

typedef enum {
    PATHS_SYSTEM,
    PATHS_SESSION,
    PATHS_EMBED,
} PathsKind;

typedef struct {
    PathsKind kind;
    char *config;
    char *state;
    char *cache;
    char *run;
    char *log;
} Paths;

/* @root is for PATHS_EMBED only, absolute. Nothing is created. INVALID_ARG for a root that is not absolute, INTERNAL_ERROR
 * when there is no home directory. */
Paths *paths_new(PathsKind kind, const char *root, GError **error) G_GNUC_WARN_UNUSED_RESULT;
void paths_free(Paths *paths);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Paths, paths_free)

/* RUN/qemu/NAME (NAME escaped for use as a file name): a new string. */
char *paths_domain_run(const Paths *paths, const char *name);
/* CONFIG/qemu/NAME.xml: a new string. */
char *paths_domain_config(const Paths *paths, const char *name);
/* LOG/qemu/NAME.log: a new string. */
char *paths_domain_log(const Paths *paths, const char *name);

G_END_DECLS
