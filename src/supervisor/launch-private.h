/* Reading and writing the members of a launch description: for launch*.c only. */
#pragma once

#include "supervisor/launch.h"

G_BEGIN_DECLS

#define LAUNCH_MAX_STRINGS 16384

json_t *launch_string_to_json(const char *string);
json_t *launch_strings_to_json(char *const *strings, gsize count);
/* A new string; NULL unless it is one. */
char *launch_string_from_json(const json_t *json);
/* NULL unless it is an array of strings. */
char **launch_strings_from_json(const json_t *json);

/* FALSE with INTERNAL_ERROR. A member that is missing and not @required leaves *@value alone. */
gboolean launch_bad_member(GError **error, const char *key, const char *expected);
gboolean launch_read_string(const json_t *json, const char *key, gboolean required, char **value, GError **error);
gboolean launch_read_strings(const json_t *json, const char *key, gboolean required, char ***value, GError **error);

/* launch-release.c */
void launch_release_init(LaunchRelease *release);
void launch_release_clear(LaunchRelease *release);
json_t *launch_release_to_json(const LaunchRelease *release);

/* launch-helper.c */
void launch_helper_free(LaunchHelper *helper);
json_t *launch_helpers_to_json(const GPtrArray *helpers);
gboolean launch_helpers_read(SupervisorLaunch *launch, const json_t *json, GError **error);

G_END_DECLS
