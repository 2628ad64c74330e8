/* Types of the fields in interface.def. Fields are owned by the struct that holds them:
 * NAME_result_clear()/operation_clear() frees what a result holds; arguments borrow from the caller. */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* A domain as calls pass it: by value. Found by @uuid; @name is for messages; @id is -1 when
 * not running and is ignored as input. */
typedef struct {
    char *name;
    guchar uuid[16];
    gint32 id;
} DomainRef;

typedef struct {
    guint32 len;
    DomainRef *items;
} DomainRefList;

typedef struct {
    guint32 len;
    guint32 *items;
} UintList;

/* @items is also ended by a NULL, so that it is a GStrv. */
typedef struct {
    guint32 len;
    char **items;
} StringList;

typedef struct {
    guint32 len;
    guint64 *items;
} Uint64List;

typedef struct {
    guint32 len;
    guint8 *items;
} ByteList;

/* A figure with a name: statistics of the host. */
typedef struct {
    char *field;
    guint64 value;
} NamedUint64;

typedef struct {
    guint32 len;
    NamedUint64 *items;
} NamedUint64List;

/* Numbers of libvirt's virTypedParameterType. */
typedef enum {
    PARAM_INT = 1,
    PARAM_UINT = 2,
    PARAM_LLONG = 3,
    PARAM_ULLONG = 4,
    PARAM_DOUBLE = 5,
    PARAM_BOOLEAN = 6,
    PARAM_STRING = 7,
} ParamType;

/* libvirt's virTypedParameter. */
typedef struct {
    char *field;
    ParamType type;
    union {
        gint32 i;
        guint32 u;
        gint64 l;
        guint64 ul;
        double d;
        gboolean b;
        char *s;
    } value;
} TypedParam;

typedef struct {
    guint32 len;
    TypedParam *items;
} TypedParamList;

typedef struct {
    guchar bytes[16];
} Uuid;

/* These append to a list that the caller owns; names and texts are copied. */
void named_uint64_list_add(NamedUint64List *list, const char *field, guint64 value);
void typed_param_list_add_uint(TypedParamList *list, const char *field, guint32 value);
void typed_param_list_add_ullong(TypedParamList *list, const char *field, guint64 value);
void typed_param_list_add_string(TypedParamList *list, const char *field, const char *value);
void typed_param_list_clear(TypedParamList *list);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(TypedParamList, typed_param_list_clear)

/* A secret as calls pass it. @usage_id is "" for one without a use. */
typedef struct {
    guchar uuid[16];
    gint32 usage_type;          /* virSecretUsageType; its name is xml_secret_usage_name() */
    char *usage_id;
} SecretRef;

typedef struct {
    guint32 len;
    SecretRef *items;
} SecretRefList;

void secret_ref_clear(SecretRef *ref);
void secret_ref_copy(const SecretRef *from, SecretRef *to);
void secret_ref_list_clear(SecretRefList *list);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(SecretRef, secret_ref_clear)

void domain_ref_clear(DomainRef *ref);
void domain_ref_copy(const DomainRef *from, DomainRef *to);
void domain_ref_list_clear(DomainRefList *list);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(DomainRef, domain_ref_clear)
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(DomainRefList, domain_ref_list_clear)

/* How a field is stored, freed and passed. */
typedef enum {
    FIELD_i32,
    FIELD_u32,
    FIELD_i64,
    FIELD_u64,
    FIELD_u8,
    FIELD_u16,
    FIELD_str,                  /* char *, never NULL */
    FIELD_optstr,               /* char *, may be NULL */
    FIELD_uuid,
    FIELD_domain,
    FIELD_domains,
    FIELD_secret,
    FIELD_secrets,
    FIELD_u32list,
    FIELD_strlist,
    FIELD_u64list,
    FIELD_bytes,                /* wiped when it is freed */
    FIELD_figures,              /* NamedUint64List */
    FIELD_params,               /* TypedParamList */
    FIELD_chars32,              /* a string that travels as an array of 32 elements, its NUL one of them */
    FIELD_charstr,              /* a string that travels as one element a character (security labels) */
} FieldType;

#define FIELD_CTYPE_i32 gint32
#define FIELD_CTYPE_u32 guint32
#define FIELD_CTYPE_i64 gint64
#define FIELD_CTYPE_u64 guint64
#define FIELD_CTYPE_u8 guint8
#define FIELD_CTYPE_u16 guint16
#define FIELD_CTYPE_str char *
#define FIELD_CTYPE_optstr char *
#define FIELD_CTYPE_uuid Uuid
#define FIELD_CTYPE_domain DomainRef
#define FIELD_CTYPE_domains DomainRefList
#define FIELD_CTYPE_secret SecretRef
#define FIELD_CTYPE_secrets SecretRefList
#define FIELD_CTYPE_u32list UintList
#define FIELD_CTYPE_strlist StringList
#define FIELD_CTYPE_u64list Uint64List
#define FIELD_CTYPE_bytes ByteList
#define FIELD_CTYPE_figures NamedUint64List
#define FIELD_CTYPE_params TypedParamList
#define FIELD_CTYPE_chars32 char *
#define FIELD_CTYPE_charstr char *

G_END_DECLS
