/* Logging and traces for developers, off unless the environment asks for it.
 *
 * HVSH_LOG_FILTERS (or LIBVIRT_LOG_FILTERS), words "LEVEL:MODULE": "1:qemu 3:*".
 * HVSH_LOG_OUTPUTS (or LIBVIRT_LOG_OUTPUTS), words "LEVEL:stderr", "LEVEL:file:PATH",
 * "LEVEL:syslog:NAME", "LEVEL:journald". HVSH_LOG_LEVEL (or LIBVIRT_DEBUG) sets the level for everything else.
 * Levels: 1 debug, 2 info, 3 warning, 4 error. Without outputs, lines go to stderr.
 * Formats and names are those of libvirt's logging (https://libvirt.org/logging.html).
 * Nothing secret may be given to these functions. */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

typedef enum {
    LOG_LEVEL_DEBUG = 1,
    LOG_LEVEL_INFO = 2,
    LOG_LEVEL_WARN = 3,
    LOG_LEVEL_ERROR = 4,
} LogLevel;

/* Cheap: one comparison when nothing is set. */
gboolean log_enabled(LogLevel level, const char *module);
void log_write(LogLevel level, const char *module, const char *function, const char *format, ...)
    G_GNUC_PRINTF(4, 5);

/* Where lines about the same thing come from. A filter "1:qemu" matches a part of it. The modules:
 *   backend.connection     operations: who is asked for what, how long it took
 *   embedded.live          what events change in live documents
 *   embedded.store         locks, definitions, status
 *   embedded.supervisor    the supervisor's start
 *   qemu.facts             what a QEMU can do: asked, or found in the cache
 *   qemu.kvm               whether KVM can be used
 *   qemu.monitor           commands of QMP, without arguments and answers
 *   util.process           programs that are run, without their arguments */
#define HV_LOG(level, module, ...) \
    G_STMT_START { \
        if (log_enabled(level, module)) \
            log_write(level, module, G_STRFUNC, __VA_ARGS__); \
    } G_STMT_END
#define HV_DEBUG(module, ...) HV_LOG(LOG_LEVEL_DEBUG, module, __VA_ARGS__)
#define HV_WARN(module, ...) HV_LOG(LOG_LEVEL_WARN, module, __VA_ARGS__)

/* Sets what the environment says; log_enabled() does it where nobody has. FALSE with USAGE when a variable holds bad
 * words: it is ignored, the others are used. */
gboolean log_configure_from_env(GError **error);
/* Sets the same by hand; NULL is an empty variable. FALSE with USAGE on bad words: nothing has changed then. */
gboolean log_configure(const char *filters, const char *outputs, int default_level, GError **error);

G_END_DECLS
