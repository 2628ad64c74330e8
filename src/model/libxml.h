/* libxml2, loaded when the first document is made.
 *
 * Linking it costs every program start close to a millisecond (it pulls in ICU), which commands
 * such as `list` would pay for nothing. Files that use libxml2 include this header instead of
 * <libxml/…>: the functions of libxml2 used in this program are named in libxml.def, and each name
 * is redefined here to a pointer that libxml_load() fills. Structures and constants are
 * libxml2's own. */
#pragma once

#include <glib.h>
#include <libxml/parser.h>
#include <libxml/relaxng.h>
#include <libxml/tree.h>
#include <libxml/xmlerror.h>
#include <libxml/xpath.h>
#include <libxml/xpathInternals.h>

G_BEGIN_DECLS

/* Loads the library once; further calls are free. Every entry point of document.h that makes a
 * document or reads text calls it, so whoever holds an xmlDoc needs not. Fails with
 * HV_ERR_INTERNAL_ERROR when the library or one of its functions is missing. */
gboolean libxml_load(GError **error);

#define HV_LIBXML(name) extern __typeof__(name) *hv_##name;
#include "model/libxml.def"
#undef HV_LIBXML
/* A variable of libxml2 that holds a function. */
extern xmlFreeFunc *hv_xmlFree;

#undef xmlFree

#define xmlAddChild hv_xmlAddChild
#define xmlAddNextSibling hv_xmlAddNextSibling
#define xmlAddPrevSibling hv_xmlAddPrevSibling
#define xmlBufferContent hv_xmlBufferContent
#define xmlBufferCreate hv_xmlBufferCreate
#define xmlBufferFree hv_xmlBufferFree
#define xmlCopyDoc hv_xmlCopyDoc
#define xmlDocCopyNode hv_xmlDocCopyNode
#define xmlDocSetRootElement hv_xmlDocSetRootElement
#define xmlFree (*hv_xmlFree)
#define xmlFreeDoc hv_xmlFreeDoc
#define xmlFreeNode hv_xmlFreeNode
#define xmlFreeNs hv_xmlFreeNs
#define xmlFreeParserCtxt hv_xmlFreeParserCtxt
#define xmlGetLineNo hv_xmlGetLineNo
#define xmlInitParser hv_xmlInitParser
#define xmlNewDoc hv_xmlNewDoc
#define xmlNewDocNode hv_xmlNewDocNode
#define xmlNewDocText hv_xmlNewDocText
#define xmlNewNs hv_xmlNewNs
#define xmlNewParserCtxt hv_xmlNewParserCtxt
#define xmlNodeDump hv_xmlNodeDump
#define xmlNodeGetContent hv_xmlNodeGetContent
#define xmlRelaxNGFreeParserCtxt hv_xmlRelaxNGFreeParserCtxt
#define xmlRelaxNGFreeValidCtxt hv_xmlRelaxNGFreeValidCtxt
#define xmlRelaxNGNewParserCtxt hv_xmlRelaxNGNewParserCtxt
#define xmlRelaxNGNewValidCtxt hv_xmlRelaxNGNewValidCtxt
#define xmlRelaxNGParse hv_xmlRelaxNGParse
#define xmlRelaxNGSetParserStructuredErrors hv_xmlRelaxNGSetParserStructuredErrors
#define xmlRelaxNGSetValidStructuredErrors hv_xmlRelaxNGSetValidStructuredErrors
#define xmlRelaxNGValidateDoc hv_xmlRelaxNGValidateDoc
#define xmlRemoveProp hv_xmlRemoveProp
#define xmlSetGenericErrorFunc hv_xmlSetGenericErrorFunc
#define xmlSetNs hv_xmlSetNs
#define xmlSetProp hv_xmlSetProp
#define xmlStopParser hv_xmlStopParser
#define xmlCtxtReadMemory hv_xmlCtxtReadMemory
#define xmlUnlinkNode hv_xmlUnlinkNode
#define xmlValidateNCName hv_xmlValidateNCName
#define xmlXPathEval hv_xmlXPathEval
#define xmlXPathFreeContext hv_xmlXPathFreeContext
#define xmlXPathFreeObject hv_xmlXPathFreeObject
#define xmlXPathNewContext hv_xmlXPathNewContext

G_END_DECLS
