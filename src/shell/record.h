/* What a command said, collected as JSON values and written in one of the structured formats. */
#pragma once

#include <jansson.h>

#include "shell/internal.h"

G_BEGIN_DECLS

/* All of these append to @text. @columns names the columns of a table (NULL-terminated; NULL when @value is no table). */
void record_write_json(const json_t *value, GString *text);
void record_write_json_lines(const json_t *value, GString *text);
void record_write_csv(const json_t *value, const char *const *columns, gboolean header, GString *text);
void record_write_table(const json_t *value, const char *const *columns, GString *text);
/* Loads libyaml; SYSTEM_ERROR when it is not there. */
gboolean record_yaml_load(GError **error);
gboolean record_write_yaml(const json_t *value, GString *text, GError **error);

/* "true", "12", "text"; nested values as compact JSON; null is @absent. Free with g_free. */
char *record_scalar_text(const json_t *value, const char *absent);

G_END_DECLS
