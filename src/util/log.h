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

/* Where lines about the same thing come from: "qemu.qmp", "backend.call". A filter "1:qemu" matches a part of it. */
#define HV_LOG(level, module, ...) \
    G_STMT_START { \
        if (log_enabled(level, module)) \
            log_write(level, module, G_STRFUNC, __VA_ARGS__); \
    } G_STMT_END
#define HV_DEBUG(module, ...) HV_LOG(LOG_LEVEL_DEBUG, module, __VA_ARGS__)
#define HV_WARN(module, ...) HV_LOG(LOG_LEVEL_WARN, module, __VA_ARGS__)

/* Sets what the environment would have set; NULL leaves the environment's. FALSE with USAGE on bad words. */
gboolean log_configure(const char *filters, const char *outputs, int default_level, GError **error);

G_END_DECLS
