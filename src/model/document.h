/* XML documents: reading with limits, looking around, changing, writing.
 *
 * The normalised libxml2 document is the model: there is no second tree of structures. Whoever
 * needs a value reads it from a node with the helpers below.
 *
 * Ownership. An xmlDoc belongs to whoever made it and is freed with document_free() (or
 * g_autoptr(xmlDoc)). Nodes belong to their document. Strings returned as `const char *` are
 * borrowed from the document and stay valid until that attribute or text is changed or removed.
 * Every document made here holds no comments, no processing instructions, no DTD, no entities,
 * and no blank text between elements; the text of an element or attribute is one node.
 *
 * Thread use: a document belongs to one thread at a time. */
#pragma once

#include "model/libxml.h"
#include "util/error.h"

G_BEGIN_DECLS

/* What one document may have, at most. (Elements are nested no deeper than libxml2 allows: 256.) */
#define DOCUMENT_MAX_BYTES (16 * 1024 * 1024)

void document_free(xmlDoc *doc);     /* NULL is allowed */
G_DEFINE_AUTOPTR_CLEANUP_FUNC(xmlDoc, document_free)

/* Reads @len bytes (@len < 0: up to the NUL). @label names the source in errors: a file name, or what libvirt uses
 * for text that came over the API, as "(domain_definition)". Entities, DTDs with declarations, and
 * anything above the limits are refused. Errors: HV_ERR_XML_DETAIL in libvirt's form, "LABEL:LINE:
 * what libxml2 found" with the offending line and a caret below it; HV_ERR_XML_ERROR for the limits. */
xmlDoc *document_parse(const char *xml, gssize len, const char *label, GError **error)
    G_GNUC_WARN_UNUSED_RESULT;
/* The same from a file, refusing by size before reading. Errors of open and read: HV_ERR_SYSTEM_ERROR. */
xmlDoc *document_read_file(const char *path, GError **error) G_GNUC_WARN_UNUSED_RESULT;
/* An empty document with the root element @name. Aborts when libxml2 cannot be loaded. */
xmlDoc *document_new(const char *root) G_GNUC_WARN_UNUSED_RESULT;
xmlDoc *document_copy(const xmlDoc *doc) G_GNUC_WARN_UNUSED_RESULT;

/* --- writing ------------------------------------------------------------------------------ */

/* libvirt's form: two spaces of indentation, single-quoted attributes, empty elements as <a/>, no
 * declaration, a newline at the end. The caller frees with g_free. */
char *document_format(const xmlDoc *doc) G_GNUC_WARN_UNUSED_RESULT;
/* The subtree of @node, its first line indented by @indent spaces. */
char *document_format_node(const xmlNode *node, guint indent) G_GNUC_WARN_UNUSED_RESULT;
/* A subtree that is not libvirt's own (metadata), in libxml2's form: double quotes, no newline at the end. */
char *document_format_foreign(const xmlNode *node) G_GNUC_WARN_UNUSED_RESULT;
/* As libxml2 itself writes nodes (double quotes, each indented from its own level): the form of virsh's --xpath
 * output. Returns an array of strings (free with g_ptr_array_unref), one per matching node, possibly empty.
 * @wrap: one string, the nodes within a root element <nodes>. Errors: HV_ERR_INVALID_ARG with libxml2's words for
 * a bad expression, HV_ERR_INTERNAL_ERROR for one whose value is no node set. */
GPtrArray *document_xpath(const char *xml, const char *expression, gboolean wrap, GError **error)
    G_GNUC_WARN_UNUSED_RESULT;

/* --- looking around ------------------------------------------------------------------------- */

xmlNode *document_root(const xmlDoc *doc);
/* TRUE when @node is an element @name in no namespace. NULL is no element. */
gboolean node_is(const xmlNode *node, const char *name);
const char *node_name(const xmlNode *node);
/* First child element @name, or any element with @name NULL. @parent may be NULL, then so is the result. */
xmlNode *node_child(const xmlNode *parent, const char *name);
/* Next sibling element @name, or any element with @name NULL. */
xmlNode *node_next(const xmlNode *node, const char *name);
/* Down a path of first children, "os/type". */
xmlNode *node_path(const xmlNode *parent, const char *path);
guint node_count(const xmlNode *parent, const char *name);
#define NODE_FOREACH(var, parent, name) \
    for (xmlNode *var = node_child((parent), (name)); var; var = node_next(var, (name)))

/* NULL when the attribute (or the node) is missing. */
const char *node_attr(const xmlNode *node, const char *name);
gboolean node_attr_is(const xmlNode *node, const char *name, const char *value);
/* "yes"/"on" are TRUE, "no"/"off" FALSE, anything else (and nothing) @fallback. */
gboolean node_attr_yes(const xmlNode *node, const char *name, gboolean fallback);
/* Decimal, or hexadecimal with 0x; @fallback when missing or no number. For normalised documents. */
guint64 node_attr_uint(const xmlNode *node, const char *name, guint64 fallback);
/* The text of @node; "" for an empty element, NULL for no node. */
const char *node_text(const xmlNode *node);
const char *node_child_text(const xmlNode *parent, const char *name);
/* Attribute @name of the first child @child. */
const char *node_child_attr(const xmlNode *parent, const char *child, const char *name);
guint64 node_text_uint(const xmlNode *node, guint64 fallback);
int node_line(const xmlNode *node);     /* line in the source text, 0 for what was added later */

/* --- errors about a node -------------------------------------------------------------------- */

/* All of these return FALSE. The place in the text that they add to an error is that of @node, or of what it is in where it
 * was not in the text; the first place stays. A NULL @node has none. */
gboolean node_blame(const xmlNode *node, GError **error);
/* hv_throw() with that place. */
gboolean node_throw(const xmlNode *node, GError **error, HvErrorCode code, const char *format, ...) G_GNUC_PRINTF(4, 5);
/* node_blame() with what was expected there: "a number". After hv_throw(), which returns FALSE too:
 *     return hv_throw(error, …) || node_expect(node, error, "a number"); */
gboolean node_expect(const xmlNode *node, GError **error, const char *format, ...) G_GNUC_PRINTF(3, 4);
/* The same for one of the words of @list (NULL at its end) in @attribute, or in the text with @attribute NULL. */
gboolean node_expect_word(const xmlNode *node, GError **error, const char *attribute, const char *const *list);

/* --- changing ------------------------------------------------------------------------------- */

/* @value NULL removes the attribute. */
void node_set_attr(xmlNode *node, const char *name, const char *value);
void node_set_attrf(xmlNode *node, const char *name, const char *format, ...) G_GNUC_PRINTF(3, 4);
void node_set_text(xmlNode *node, const char *text);
/* New elements: at the end, and before a sibling. @text may be NULL. For a place in libvirt's order
 * see domain_add_child(). */
xmlNode *node_add(xmlNode *parent, const char *name, const char *text);
xmlNode *node_add_before(xmlNode *sibling, const char *name);
/* Unlinks and frees; NULL is allowed. */
void node_remove(xmlNode *node);
void node_remove_children(xmlNode *parent, const char *name);   /* @name NULL: all, text too */
/* Moves (or, with a node of another document, copies) @node to the end of @parent or before @sibling. */
xmlNode *node_append_copy(xmlNode *parent, const xmlNode *node);
xmlNode *node_insert_copy_before(xmlNode *sibling, const xmlNode *node);

G_END_DECLS
