/* What a dry run says: a JSON object, as text, of
 *   "text"     for people
 *   "files"    [{"action": "read", "write", "make", "link", "log" or "tap", "path": …, "target": … or null}, …]
 *   "argv"     the emulator's command line, [] where none is run
 *   "qmp"      the monitor's commands, in order
 *   "helpers"  [{"alias": …, "argv": […]}, …]
 * and whatever else its maker has to say. A target is where a file stands in the guest, what a link leads to, or the bridge that a
 * tap device is in. */
#pragma once

#include <glib.h>
#include <jansson.h>

G_BEGIN_DECLS

json_t *plan_new(void);
/* @path and @target may be NULL. */
void plan_add_file(json_t *plan, const char *action, const char *path, const char *target);
/* "files:" and a line each. */
void plan_append_files(const json_t *plan, GString *text);
json_t *plan_strings(char *const *strings);
/* Takes @plan and @text; new. */
char *plan_finish(json_t *plan, GString *text);

G_END_DECLS
