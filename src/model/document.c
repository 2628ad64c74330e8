#include "model/document.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "util/error.h"

/* What a parse has found wrong so far; the first finding stays. */
typedef struct {
    xmlParserCtxt *parser;
    const char *label;
    GError *error;
} Parse;

void
document_free(xmlDoc *doc)
{
    if (doc)
        xmlFreeDoc(doc);
}

/* A longer line is no line of a person's: a whole document without line ends, or a file that is no document. */
#define CONTEXT_LINE_MAX 1024
/* What is shown of such a line, before the position and after it. */
#define CONTEXT_AROUND 72

/* @length bytes at @start as text for a terminal: no control characters, and UTF-8 even where the file is not. */
static char *
context_text(const char *start, gsize length)
{
    g_autofree char *bytes = g_strndup(start, length);
    char *text = g_utf8_make_valid(bytes, -1);

    for (char *c = text; *c; c++)
        if (g_ascii_iscntrl(*c) && *c != '\t')
            *c = '?';
    return text;
}

/* The line of the source around the parser's position, and a line that points at that position. libvirt's text for an
 * empty line is part of what its users' scripts compare. */
static char *
parse_context(const xmlParserInput *input)
{
    const char *base = (const char *)input->base, *start = (const char *)input->cur;
    const char *end = (const char *)input->end;
    g_autofree char *pointer = NULL;
    g_autofree char *line = NULL;
    gsize column, length;

    if (!base || !start || start > end)
        return NULL;
    while (start > base && start < end && (*start == '\n' || *start == '\r'))
        start--;
    while (start > base && (start == end || (*start != '\n' && *start != '\r')))
        start--;
    if (start < end && (*start == '\n' || *start == '\r'))
        start++;
    column = (const char *)input->cur - start;
    for (length = 0; start + length < end && start[length] && !strchr("\r\n", start[length]);)
        length++;
    column = MIN(column, length);
    if (length > CONTEXT_LINE_MAX) {
        gsize from = column > CONTEXT_AROUND ? column - CONTEXT_AROUND : 0;

        start += from;
        column -= from;
        length = MIN(length - from, column + CONTEXT_AROUND);
    }
    line = length > 0 ? context_text(start, length) : g_strdup("(null)");
    pointer = g_strnfill(column, '-');
    for (gsize i = 0; i < column; i++)
        if (start[i] == '\t')
            pointer[i] = '\t';
    return g_strdup_printf("%s\n%s^", line, pointer);
}

/* In the words of hv_error_set_place(). */
static char *
parse_expected(const xmlError *found)
{
    if (found->code == XML_ERR_TAG_NAME_MISMATCH && found->str1)
        return g_strdup_printf("</%s>", found->str1);
    if (found->code == XML_ERR_TAG_NOT_FINISHED && found->str1)
        return g_strdup_printf("</%s> before the end", found->str1);
    if (found->code == XML_ERR_DOCUMENT_EMPTY)
        return g_strdup("an XML document");
    return g_strdup("well-formed XML");
}

static void
parse_found(void *data, xmlError *found)
{
    Parse *parse = ((xmlParserCtxt *)data)->_private;
    g_autofree char *context = NULL, *message = NULL, *expected = NULL;

    if (parse->error || !found || found->level != XML_ERR_FATAL || !found->message)
        return;
    message = g_strdup(found->message);
    if (g_str_has_suffix(message, "\n"))
        message[strlen(message) - 1] = '\0';
    if (parse->parser->input)
        context = parse_context(parse->parser->input);
    hv_throw(&parse->error, HV_ERR_XML_DETAIL, "%s:%d: %s%s%s", parse->label, found->line, message,
             context ? "\n" : "", context ? context : "");
    hv_error_set_source(&parse->error, HV_FROM_XML);
    expected = parse_expected(found);
    hv_error_set_place(&parse->error, found->line, NULL, expected);
}

static void
parse_entity(void *data, const xmlChar *name, int type, const xmlChar *public_id,
             const xmlChar *system_id, xmlChar *content)
{
    xmlParserCtxt *parser = data;
    Parse *parse = parser->_private;

    if (!parse->error)
        hv_throw(&parse->error, HV_ERR_XML_ERROR, "%s:%d: entity '%s' is declared, but entities are not allowed here",
                 parse->label, parser->input ? parser->input->line : 0, (const char *)name);
    if (parser->input)
        hv_error_set_place(&parse->error, parser->input->line, NULL, "XML without entities of its own");
    xmlStopParser(parser);
}

static gboolean
text_is_blank(const xmlNode *node)
{
    for (const char *c = (const char *)node->content; c && *c; c++)
        if (!g_ascii_isspace(*c))
            return FALSE;
    return TRUE;
}

/* Leaves elements, attributes and text that says something. */
static void
document_strip(xmlNode *parent)
{
    gboolean has_elements = FALSE;

    for (const xmlNode *node = parent->children; node; node = node->next)
        has_elements |= node->type == XML_ELEMENT_NODE;
    for (xmlNode *node = parent->children, *next; node; node = next) {
        next = node->next;
        if (node->type == XML_ELEMENT_NODE) {
            document_strip(node);
        } else if (node->type == XML_TEXT_NODE ? has_elements && text_is_blank(node)
                                               : node->type != XML_CDATA_SECTION_NODE) {
            xmlUnlinkNode(node);
            xmlFreeNode(node);
        }
    }
    if (!has_elements && parent->children && parent->children->next) {
        /* Text that a comment or a CDATA section had cut in pieces. */
        char *text = (char *)xmlNodeGetContent(parent);

        node_set_text(parent, text);
        xmlFree(text);
    }
}

static void
parser_free(xmlParserCtxt *parser)
{
    xmlFreeParserCtxt(parser);
}
G_DEFINE_AUTOPTR_CLEANUP_FUNC(xmlParserCtxt, parser_free)

xmlDoc *
document_parse(const char *xml, gssize len, const char *label, GError **error)
{
    gsize size = len < 0 ? strlen(xml) : (gsize)len;
    g_autoptr(xmlParserCtxt) parser = NULL;
    g_autoptr(xmlDoc) doc = NULL;
    Parse parse = { .label = label };

    if (size > DOCUMENT_MAX_BYTES) {
        hv_throw(error, HV_ERR_XML_ERROR, "%s: the document has %" G_GSIZE_FORMAT
                 " bytes, more than the %d MiB allowed", label, size, DOCUMENT_MAX_BYTES >> 20);
        return NULL;
    }
    if (!libxml_load(error))
        return NULL;

    parser = xmlNewParserCtxt();
    if (!parser || !parser->sax) {
        hv_throw_bare(error, HV_ERR_NO_MEMORY);
        return NULL;
    }
    parse.parser = parser;
    parser->_private = &parse;
    parser->sax->serror = (xmlStructuredErrorFunc)parse_found;
    parser->sax->entityDecl = parse_entity;
    doc = xmlCtxtReadMemory(parser, xml, size, label, NULL,
                            XML_PARSE_NONET | XML_PARSE_NOENT | XML_PARSE_NOCDATA | XML_PARSE_NOWARNING);
    if (parse.error) {
        g_propagate_error(error, parse.error);
        return NULL;
    }
    if (!doc || !parser->wellFormed || !document_root(doc)) {
        hv_throw(error, HV_ERR_XML_DETAIL, "%s: failed to parse xml document", label);
        return NULL;
    }

    document_strip((xmlNode *)doc);
    return g_steal_pointer(&doc);
}

xmlDoc *
document_read_file(const char *path, GError **error)
{
    g_autofree char *text = NULL;
    struct stat st;
    gsize size = 0;
    int fd;

    fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
    if (fd < 0) {
        hv_throw_errno(error, errno, "Failed to open file '%s'", path);
        return NULL;
    }
    if (fstat(fd, &st) == 0 && S_ISREG(st.st_mode) && st.st_size > DOCUMENT_MAX_BYTES) {
        hv_throw(error, HV_ERR_XML_ERROR, "%s: the document has %lld bytes, more than the %d MiB allowed",
                 path, (long long)st.st_size, DOCUMENT_MAX_BYTES >> 20);
        close(fd);
        return NULL;
    }
    text = g_malloc(DOCUMENT_MAX_BYTES + 2);
    while (size <= DOCUMENT_MAX_BYTES) {
        gssize got = read(fd, text + size, DOCUMENT_MAX_BYTES + 1 - size);

        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0) {
            hv_throw_errno(error, errno, "Failed to read file '%s'", path);
            close(fd);
            return NULL;
        }
        if (got == 0)
            break;
        size += got;
    }
    close(fd);
    return document_parse(text, size, path, error);
}

xmlDoc *
document_new(const char *root)
{
    g_autoptr(GError) failure = NULL;
    xmlDoc *doc;

    if (!libxml_load(&failure))
        g_error("%s", failure->message);
    doc = xmlNewDoc((const xmlChar *)"1.0");
    xmlDocSetRootElement(doc, xmlNewDocNode(doc, NULL, (const xmlChar *)root, NULL));
    return doc;
}

xmlDoc *
document_copy(const xmlDoc *doc)
{
    return xmlCopyDoc((xmlDoc *)doc, 1);
}

static void
xpath_context_free(xmlXPathContext *context)
{
    xmlXPathFreeContext(context);
}
G_DEFINE_AUTOPTR_CLEANUP_FUNC(xmlXPathContext, xpath_context_free)

static void
xpath_object_free(xmlXPathObject *object)
{
    xmlXPathFreeObject(object);
}
G_DEFINE_AUTOPTR_CLEANUP_FUNC(xmlXPathObject, xpath_object_free)

static char *
node_dump(xmlDoc *doc, xmlNode *node)
{
    xmlBuffer *buffer = xmlBufferCreate();
    char *text;

    xmlNodeDump(buffer, doc, node, 0, 1);
    text = g_strdup((const char *)xmlBufferContent(buffer));
    xmlBufferFree(buffer);
    return text;
}

static void
xpath_quiet(void *data, const xmlError *found)
{
}

/* libxml2's words for an expression that cannot be evaluated, as it prints them where nobody catches them: the
 * expression and the place follow unless that is its end. */
static void
throw_xpath(const xmlXPathContext *context, GError **error)
{
    static const struct {
        int code;
        const char *text;
    } texts[] = {
        { XML_XPATH_NUMBER_ERROR, "Number encoding" },
        { XML_XPATH_UNFINISHED_LITERAL_ERROR, "Unfinished literal" },
        { XML_XPATH_START_LITERAL_ERROR, "Start of literal" },
        { XML_XPATH_VARIABLE_REF_ERROR, "Expected $ for variable reference" },
        { XML_XPATH_UNDEF_VARIABLE_ERROR, "Undefined variable" },
        { XML_XPATH_INVALID_PREDICATE_ERROR, "Invalid predicate" },
        { XML_XPATH_UNCLOSED_ERROR, "Missing closing curly brace" },
        { XML_XPATH_UNKNOWN_FUNC_ERROR, "Unregistered function" },
        { XML_XPATH_INVALID_OPERAND, "Invalid operand" },
        { XML_XPATH_INVALID_TYPE, "Invalid type" },
        { XML_XPATH_INVALID_ARITY, "Invalid number of arguments" },
        { XML_XPATH_UNDEF_PREFIX_ERROR, "Undefined namespace prefix" },
    };
    const xmlError *last = &context->lastError;
    const char *text = "Invalid expression";

    for (gsize i = 0; i < G_N_ELEMENTS(texts); i++)
        if (texts[i].code == last->code)
            text = texts[i].text;
    if (last->str1 && last->int1 >= 0 && last->int1 < 100 && (gsize)last->int1 < strlen(last->str1))
        g_set_error(error, HV_ERROR, HV_ERR_INVALID_ARG, "XPath error : %s\n%s\n%*s^", text, last->str1, last->int1, "");
    else
        g_set_error(error, HV_ERROR, HV_ERR_INVALID_ARG, "XPath error : %s", text);
}

GPtrArray *
document_xpath(const char *xml, const char *expression, gboolean wrap, GError **error)
{
    g_autoptr(GPtrArray) result = g_ptr_array_new_with_free_func(g_free);
    g_autoptr(xmlParserCtxt) parser = NULL;
    g_autoptr(xmlDoc) doc = NULL;
    g_autoptr(xmlDoc) wrapper = NULL;
    g_autoptr(xmlXPathContext) context = NULL;
    g_autoptr(xmlXPathObject) object = NULL;

    if (!libxml_load(error))
        return NULL;
    /* Without the indentation of the text, so that libxml2 indents each node anew from its own level. */
    parser = xmlNewParserCtxt();
    doc = xmlCtxtReadMemory(parser, xml, strlen(xml), NULL, NULL,
                            XML_PARSE_NONET | XML_PARSE_NOERROR | XML_PARSE_NOWARNING | XML_PARSE_NOBLANKS);
    context = doc ? xmlXPathNewContext(doc) : NULL;
    if (!context) {
        hv_throw(error, HV_ERR_INTERNAL_ERROR, "cannot read the document again");
        return NULL;
    }
    context->node = document_root(doc);
    context->error = (xmlStructuredErrorFunc)xpath_quiet;
    object = xmlXPathEval((const xmlChar *)expression, context);
    if (!object) {
        throw_xpath(context, error);
        return NULL;
    }
    if (object->type != XPATH_NODESET) {
        hv_throw(error, HV_ERR_INTERNAL_ERROR, "Incorrect xpath '%s'", expression);
        return NULL;
    }

    if (wrap) {
        wrapper = document_new("nodes");
        for (int i = 0; object->nodesetval && i < object->nodesetval->nodeNr; i++) {
            xmlNode *copy = xmlDocCopyNode(object->nodesetval->nodeTab[i], wrapper, 1);

            if (copy)
                xmlAddChild(document_root(wrapper), copy);
        }
        g_ptr_array_add(result, node_dump(wrapper, document_root(wrapper)));
    } else {
        for (int i = 0; object->nodesetval && i < object->nodesetval->nodeNr; i++)
            g_ptr_array_add(result, node_dump(doc, object->nodesetval->nodeTab[i]));
    }
    return g_steal_pointer(&result);
}
