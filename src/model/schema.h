/* The shape of a document as a table: which elements and attributes there are, in which order
 * libvirt writes them, which values they take, and what they are by default. */
#pragma once

#include "model/document.h"

G_BEGIN_DECLS

typedef enum {
    SCHEMA_ONE = 0,             /* at most one among its siblings; the first one counts */
    SCHEMA_MANY = 1 << 0,
    SCHEMA_TEXT = 1 << 1,       /* holds text */
    SCHEMA_FOREIGN = 1 << 2,    /* whatever is inside is kept as it is */
    SCHEMA_FULL = 1 << 3,       /* says nothing, and is dropped, without attributes and children */
    SCHEMA_LOOSE = 1 << 4,      /* its children stay in the order in which they were written */
} SchemaFlags;

/* One element. @attributes is a list of words in libvirt's order, each NAME[!][KIND][~DEFAULT]:
 * ! required; KIND one of
 *   =a|b|c  one of these values        :u  decimal number      :n  number, 0x… allowed
 *   :i      signed number              :y  yes or no           :o  on or off
 *   :d      decimal number, an int that is not negative
 *   :p      decimal number above 0  :P      number above 0, 0x… allowed     nothing: any text
 *   :U :I   as :u and :i, but of 64 bits instead of 32
 * @when limits the entry to elements whose attribute ("type=pci|ccw") or whose parent's attribute
 * ("../type=file|dir") has one of the values; "type=" is true where it is missing. */
typedef struct SchemaElement SchemaElement;
struct SchemaElement {
    const char *name;           /* in a namespace: "{uri}name" */
    SchemaFlags flags;
    const char *when;
    const char *attributes;
    const SchemaElement *children;      /* in libvirt's order, ends with a NULL name */
};

#define SCHEMA(name, flags, when, attributes, ...) \
    { name, flags, when, attributes, __VA_OPT__((const SchemaElement[]){ __VA_ARGS__, { NULL } }) }

/* One word of SchemaElement.attributes. Nothing ends with a NUL: the pointers point into the list. */
typedef struct {
    const char *name;
    gsize name_len;
    gboolean required;
    char kind;                  /* '=' or the letter after ':', 0 for any text */
    const char *values;         /* of kind '=' */
    gsize values_len;
    const char *fallback;       /* NULL: no default */
    gsize fallback_len;
} SchemaAttribute;

/* Reads the word at *@at (NULL for no list) and moves on; FALSE at the end. */
gboolean schema_next_attribute(const char **at, SchemaAttribute *rule);

/* Checks @node and what is below it against @schema, fills in defaults, drops what is unknown, and
 * puts attributes and children in order. What was dropped is reported in @warnings (may be NULL), one
 * string each, with @label and the line. @strict: it is HV_ERR_XML_INVALID_SCHEMA instead. Bad
 * values are HV_ERR_XML_ERROR in libvirt's words. */
gboolean schema_apply(xmlNode *node, const SchemaElement *schema, const char *label, gboolean strict,
                      GPtrArray *warnings, GError **error);
/* Throws what libvirt says of attribute @name of @node when it has words of its own for it; FALSE when it has none.
 * @value NULL: the attribute is missing. For schema.c. */
gboolean schema_throw_attribute(const xmlNode *node, const char *name, const char *value, GError **error);
/* Throws what libvirt says of the unknown element @node where it refuses such; FALSE where it takes no notice. For schema.c. */
gboolean schema_throw_element(const xmlNode *node, GError **error);
/* Throws what libvirt says of a second element like @node where it minds; FALSE where the first one counts. For schema.c. */
gboolean schema_throw_repeated(const xmlNode *node, GError **error);
/* The entry for @node, which must be within the element that @root describes; NULL when unknown. */
const SchemaElement *schema_find(const xmlNode *node, const SchemaElement *root);
/* Makes a new child in its place. Unknown names go to the end. */
xmlNode *schema_add_child(xmlNode *parent, const SchemaElement *root, const char *name);

extern const SchemaElement schema_domain;
extern const SchemaElement schema_devices[];

G_END_DECLS
