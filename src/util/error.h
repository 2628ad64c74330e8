/* Errors as values: GError in the domain HV_ERROR, whose codes are libvirt's error numbers.
 *
 * An error is set once, where it happens, and travels up. It carries four things besides
 * the message: the part of the program it comes from (libvirt's virErrorDomain), a hint (what to do about it),
 * the place in a document that it is about, and the sentences that callers put before it ("Failed to start
 * domain 'web'"). The dispatcher alone prints it: each sentence, outermost first, then the message. */
#pragma once

#include <stdarg.h>

#include <glib.h>

G_BEGIN_DECLS

#define HV_ERROR hv_error_quark()
GQuark hv_error_quark(void);

typedef enum {
    HV_ERR_OK = 0,
#define HV_CODE(name, number, bare, detailed) HV_ERR_##name = number,
#include "util/error-codes.def"
#undef HV_CODE
    /* The command line itself is at fault; the message is complete (own number, above libvirt's). */
    HV_ERR_USAGE = 1000,
    /* A command's own sentence with nothing below it. */
    HV_ERR_COMMAND = 1001,
    /* A deadline given by the user has passed: exit status 2. */
    HV_ERR_DEADLINE = 1002,
} HvErrorCode;

/* Where an error comes from: numbers of libvirt's virErrorDomain. */
typedef enum {
    HV_FROM_NONE = 0,
    HV_FROM_CONF = 4,
    HV_FROM_XML = 5,
    HV_FROM_RPC = 7,
    HV_FROM_QEMU = 10,
    HV_FROM_TEST = 12,
    HV_FROM_STORAGE = 18,
    HV_FROM_NETWORK = 19,
    HV_FROM_DOMAIN = 20,
    HV_FROM_CPU = 31,
    HV_FROM_CAPABILITIES = 44,
    HV_FROM_EVENT = 40,
    HV_FROM_URI = 45,
} HvErrorSource;

/* All of these set @error (which may be NULL) and return FALSE, so that a caller may
 * `return hv_throw(…)`. The text is the detail; libvirt's class text is put before it. */
gboolean hv_throw(GError **error, HvErrorCode code, const char *format, ...) G_GNUC_PRINTF(3, 4);
/* The text alone, for the messages that libvirt words without a class text. */
gboolean hv_throw_plain(GError **error, HvErrorCode code, const char *format, ...) G_GNUC_PRINTF(3, 4);
/* The same for functions that take "..." themselves. */
void hv_throw_plain_valist(GError **error, HvErrorCode code, const char *format, va_list args) G_GNUC_PRINTF(3, 0);
/* With the text of @errnum after ": " (code SYSTEM_ERROR, libvirt's form "DETAIL: strerror"). */
gboolean hv_throw_errno(GError **error, int errnum, const char *format, ...) G_GNUC_PRINTF(3, 4);
/* The class text alone. */
gboolean hv_throw_bare(GError **error, HvErrorCode code);

/* Each of these works on an error that is set and does nothing where @error is NULL. */
void hv_error_set_source(GError **error, HvErrorSource source);
/* What to do about it; shown after the message in a form of its own. The first hint stays. */
void hv_error_set_hint(GError **error, const char *format, ...) G_GNUC_PRINTF(2, 3);
/* Where in a document it is: its line (1 is the first), the element there (NULL: the document is no XML), and what would have been right, in the words
 * that go on after "expected" ("a number"), or NULL. The first place stays: whoever is nearest knows best. */
void hv_error_set_place(GError **error, int line, const char *element, const char *expected);
/* The file that the document came from, for an error that has a place. */
void hv_error_set_file(GError **error, const char *file);
/* A sentence to print on a line of its own before everything said so far. Returns FALSE. */
gboolean hv_error_add_sentence(GError **error, const char *format, ...) G_GNUC_PRINTF(2, 3);
/* Only the sentences are printed; the message stays in the JSON form and in the logs. */
void hv_error_hide_message(GError **error);

/* NULL-terminated, outermost sentence first; borrowed. NULL when there are none. */
const char *const *hv_error_sentences(const GError *error);
gboolean hv_error_message_hidden(const GError *error);
const char *hv_error_hint(const GError *error);       /* borrowed, or NULL */
HvErrorSource hv_error_source(const GError *error);

typedef struct {
    char *file;                 /* NULL: the document came from no file */
    int line;
    char *element;              /* or NULL */
    char *expected;             /* NULL: the message says it */
} HvErrorPlace;

/* Borrowed, or NULL. */
const HvErrorPlace *hv_error_place(const GError *error);
/* "web.xml:3: expected a number in <memory>", or the parts there are; new, NULL without a place. */
char *hv_error_place_text(const GError *error);
/* "OPERATION_INVALID"; never NULL. */
const char *hv_error_code_name(int code);

G_END_DECLS
