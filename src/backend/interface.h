/* The backend interface as C: what the preprocessor makes of interface.def. */
#pragma once

#include "backend/types.h"

G_BEGIN_DECLS

typedef struct Connection Connection;

typedef enum {
#define OP(id, NAME, program, procedure, access, api) OP_##NAME,
#define ARG(id, type, field)
#define RES(id, type, field)
#define END(id)
#include "backend/interface.def"
    OPERATION_COUNT,
} Operation;

#define OP(id, NAME, program, procedure, access, api) typedef struct {
#define ARG(id, type, field) FIELD_CTYPE_##type field;
#define RES(id, type, field)
#define END(id) } id##_args;
#include "backend/interface.def"

#define OP(id, NAME, program, procedure, access, api) typedef struct {
#define ARG(id, type, field)
#define RES(id, type, field) FIELD_CTYPE_##type field;
#define END(id) } id##_result;
#include "backend/interface.def"

typedef enum {
    OP_READ,
    OP_WRITE,
} OperationAccess;

typedef enum {
    PROGRAM_HVSH = 0,
    PROGRAM_REMOTE = 0x20008086,
    PROGRAM_QEMU = 0x20008087,
} OperationProgram;

typedef struct {
    const char *name;
    FieldType type;
    gsize offset;
} FieldInfo;

typedef struct {
    const char *name;                   /* "domain_get_info" */
    const char *api;                    /* "virDomainGetInfo" */
    OperationProgram program;
    int procedure;
    OperationAccess access;
    const FieldInfo *args;              /* ended by a NULL name */
    gsize args_size;
    const FieldInfo *result;
    gsize result_size;
} OperationInfo;

const OperationInfo *operation_info(Operation op);

/* Frees the fields that a struct of @fields owns and sets the struct to zero. */
void fields_clear(const FieldInfo *fields, gsize size, gpointer structure);

/* What goes with a call beside its fields: descriptors and streams. All may be NULL/0. */
typedef struct {
    const int *fds_in;                  /* borrowed */
    gsize n_fds_in;
    struct Stream **stream;             /* out: a call that opens a stream stores it here */
} CallExtra;

/* Runs @op. @result must be zeroed or fresh; it is written only on success, and is then the
 * caller's to clear. Refuses write operations on a read-only connection. */
gboolean conn_call(Connection *conn, Operation op, const void *args, void *result, GError **error)
    G_GNUC_WARN_UNUSED_RESULT;
gboolean conn_call_extra(Connection *conn, Operation op, const void *args, void *result,
                         const CallExtra *extra, GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* domain_get_info_result_clear() and so on, and g_auto(domain_get_info_result). */
#define OP(id, NAME, program, procedure, access, api) \
    G_GNUC_UNUSED static inline void \
    id##_result_clear(id##_result *result) \
    { \
        fields_clear(operation_info(OP_##NAME)->result, sizeof *result, result); \
    } \
    G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(id##_result, id##_result_clear)
#define ARG(id, type, field)
#define RES(id, type, field)
#define END(id)
#include "backend/interface.def"

G_END_DECLS
