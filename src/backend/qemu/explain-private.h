/* What the files of explain share. */
#pragma once

#include "backend/qemu/explain.h"

#include "model/document.h"

G_BEGIN_DECLS

typedef struct {
    const char *name;           /* "-device"; borrowed, like the value */
    const char *value;          /* NULL for none */
    json_t *props;              /* of the value: a JSON object as it is, "a=b,c=d" as one; NULL for neither */
    const char *kind;           /* the driver, type or model: the first word of "virtio,id=a" */
    const char *id;
    const xmlNode *owner;       /* NULL: none found */
    gboolean native;            /* the user's own */
    gboolean settled;
} ExplainOption;

typedef struct {
    const xmlNode *domain;
    GArray *options;
    GHashTable *by_id;          /* id → index of its option + 1; devices are not in it */
} Explainer;

/* Appends the options of @argv, whose words they borrow. The caller drops their props. */
void explain_read_options(Explainer *explainer, char **argv);
/* A word of the option's value: the one of "nodeid" in "node,nodeid=1"; NULL for none. */
const char *explain_option_string(const ExplainOption *option, const char *key);

/* Appends what is said to the monitor before the guest runs; each has its owner. The texts are kept in @texts. */
void explain_read_setup(Explainer *explainer, const json_t *setup, GPtrArray *texts);
/* Gives every option that some element has led to its owner. */
void explain_find_owners(Explainer *explainer);

G_END_DECLS
