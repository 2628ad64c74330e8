/* What commands about domains share: the connection, finding the domain that an option names, states as
 * words, completion of names. */
#pragma once

#include "backend/connection.h"
#include "backend/constants.h"
#include "shell/command.h"

G_BEGIN_DECLS

/* The current connection, of the program's own type. */
Connection *cmd_connection(CmdContext *ctx);

enum {
    DOMAIN_BY_ID = 1 << 0,
    DOMAIN_BY_UUID = 1 << 1,
    DOMAIN_BY_NAME = 1 << 2,
    DOMAIN_BY_ANY = DOMAIN_BY_ID | DOMAIN_BY_UUID | DOMAIN_BY_NAME,
};

/* The domain that option "domain" names, tried as id, as UUID and as name in that order. A domain that is not
 * there is the sentence "failed to get domain 'x'" alone. The caller clears *@dom. */
gboolean cmd_domain(CmdContext *ctx, DomainRef *dom, GError **error) G_GNUC_WARN_UNUSED_RESULT;
gboolean cmd_domain_by(CmdContext *ctx, unsigned by, DomainRef *dom, GError **error) G_GNUC_WARN_UNUSED_RESULT;
/* The same for an option that may be missing: *@given tells. */
gboolean cmd_domain_optional(CmdContext *ctx, gboolean *given, DomainRef *dom, GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* A failure in virsh's own words, without the class text of @code. */
gboolean cmd_fail(GError **error, HvErrorCode code, const char *format, ...) G_GNUC_PRINTF(3, 4);
/* A failure that prints nothing: only the exit status and the structured form tell of it. */
gboolean cmd_fail_silently(GError **error, HvErrorCode code, const char *format, ...) G_GNUC_PRINTF(3, 4);
/* An option that is an error when empty, without a word. */
gboolean cmd_quiet_string(CmdContext *ctx, const char *name, const char **value, GError **error);

/* "--pass-fds N,M,…" as descriptors; *@fds is new, NULL when the option was not given. */
gboolean cmd_pass_fds(CmdContext *ctx, int **fds, gsize *n_fds, GError **error) G_GNUC_WARN_UNUSED_RESULT;
/* The file that option @name gives, as text. */
gboolean cmd_read_file(CmdContext *ctx, const char *name, const char **path, char **text, GError **error)
    G_GNUC_WARN_UNUSED_RESULT;
/* Larger than a secret of libvirt's largest size in base64. */
#define CMD_BYTES_UNCOPIED (128 * 1024)
/* The same for what may hold NULs, or be a secret: *@length bytes, and one NUL more. Up to CMD_BYTES_UNCOPIED bytes are in no other
 * place of the memory, so that whoever wipes *@text wipes all. */
gboolean cmd_read_bytes(CmdContext *ctx, const char *name, const char **path, char **text, gsize *length, GError **error)
    G_GNUC_WARN_UNUSED_RESULT;
/* AFFECT_… of --live, --config and --current. */
guint32 cmd_affect_flags(CmdContext *ctx);
/* The words of a repeatable option with single blanks between; new. */
char *cmd_joined(CmdContext *ctx, const char *name);

/* "shut off"; and the fixed token of structured output, "shutoff". */
const char *domain_state_text(int state);
const char *domain_state_token(int state);
/* "booted" */
const char *domain_reason_text(int state, int reason);
#define OUT_STATE(state) OUT_TOKEN(domain_state_text(state), domain_state_token(state))

/* The title or description (METADATA_…); "" where there is none. */
gboolean domain_text(Connection *conn, const DomainRef *dom, int type, guint32 affect, char **text, GError **error)
    G_GNUC_WARN_UNUSED_RESULT;

/* Completion: names of domains; the flags are LIST_… filters of connect_list_all_domains. */
char **complete_domains(CmdContext *ctx, unsigned flags);
/* Their UUIDs, where a name is not taken. */
char **complete_domain_uuids(CmdContext *ctx, unsigned flags);
/* The XML of the domain that was typed, of the running one where it runs; NULL when it cannot be had. New string. */
char *complete_domain_xml(CmdContext *ctx);
/* A copy of a fixed list. */
char **complete_words(const char *const *words);

/* The option "domain" of nearly every command. */
#define CMD_DOMAIN(text, filter) \
    { .name = "domain", .type = CMD_OPT_DATA, .flags = CMD_OPT_REQUIRED, .help = (text), \
      .complete = complete_domains, .complete_flags = (filter) }
#define CMD_DOMAIN_ANY CMD_DOMAIN("name, id or UUID of the domain", 0)
#define CMD_DOMAIN_ACTIVE CMD_DOMAIN("name, id or UUID of a running domain", LIST_ACTIVE)
#define CMD_AFFECT(what) \
    { .name = "live", .type = CMD_OPT_BOOL, .help = what " the running domain" }, \
    { .name = "config", .type = CMD_OPT_BOOL, .help = what " the definition, for the next boot" }, \
    { .name = "current", .type = CMD_OPT_BOOL, .help = what " the domain in the state it is in now" }
#define CMD_OPT_END { .name = NULL }

G_END_DECLS
