/* A command as data: the descriptor that dispatch, parsing, help, the man page, completion and
 * the documentation test all read. The shell engine knows nothing of hypervisors. */
#pragma once

#include <glib.h>

#include "shell/output.h"

G_BEGIN_DECLS

typedef struct Shell Shell;
typedef struct CmdContext CmdContext;
typedef struct CmdDef CmdDef;
typedef struct CmdOpt CmdOpt;

typedef enum {
    CMD_OPT_BOOL,
    CMD_OPT_STRING,
    CMD_OPT_NUMBER,             /* any number, also a scaled one */
    CMD_OPT_DATA,               /* a bare word in the synopsis: <domain> */
    CMD_OPT_ARGV,               /* all words that remain */
    CMD_OPT_ALIAS,              /* another name of @alias_of; in no help page */
} CmdOptType;

enum {
    CMD_OPT_REQUIRED = 1 << 0,
    CMD_OPT_NAMED_ONLY = 1 << 1,        /* a data word never fills it */
    CMD_OPT_EMPTY_OK = 1 << 2,          /* '' is a value; otherwise it is an error at run time */
    CMD_OPT_HVSH = 1 << 3,              /* an addition of hvsh that virsh does not have */
    CMD_OPT_NEWER = 1 << 4,             /* virsh has it in a release after 9.0.0 */
    CMD_OPT_FILE = 1 << 5,              /* the value names a file: whoever completes words knows how */
};

/* Candidates for the value being typed: a NULL-terminated array that the caller frees with
 * g_strfreev(), or NULL. Candidates that do not begin with the typed word may be included.
 * @ctx holds the options given so far; @flags is the option's complete_flags. */
typedef char **(*CmdCompleter)(CmdContext *ctx, unsigned flags);

struct CmdOpt {
    const char *name;                   /* without the dashes; NULL ends the array */
    CmdOptType type;
    unsigned flags;
    const char *help;
    const char *alias_of;               /* "name", or "name=value" */
    CmdCompleter complete;
    unsigned complete_flags;
};

enum {
    CMD_NO_CONNECTION = 1 << 0,         /* runs without a connection */
    CMD_HIDDEN = 1 << 1,                /* in no list */
    CMD_NEEDS_TTY = 1 << 2,
    CMD_INTERACTIVE = 1 << 3,           /* only inside the interactive loop */
    CMD_HVSH = 1 << 4,                  /* an addition of hvsh */
    CMD_ENDS_SHELL = 1 << 5,            /* quit, exit */
};

struct CmdDef {
    const char *name;
    const char *group;                  /* keyword of the group: "domain" */
    const char *help;                   /* one line */
    const char *desc;
    const CmdOpt *opts;                 /* NULL, or ended by a NULL name */
    unsigned flags;
    /* Each "a|b": two options that exclude each other, checked in this order at run time
     * ("Options --a and --b are mutually exclusive"). NULL-terminated, may be NULL. */
    const char *const *exclusive;
    /* Each "a>b": option a makes sense only with b ("Option --b is required by option --a"). */
    const char *const *requires;
    /* A parsed command line. Returns TRUE, or FALSE with @error set. */
    gboolean (*run)(CmdContext *ctx, GError **error);
};

typedef struct {
    const char *keyword;
    const char *title;
} CmdGroup;

/* What the program gives the shell: its commands, and how to get a connection. The shell
 * passes @connection around without looking into it. */
typedef struct {
    const CmdDef *const *commands;      /* NULL-terminated */
    const CmdGroup *groups;             /* ended by a NULL keyword */
    /* Opens the connection of the command line (or @uri when not NULL) and makes it the
     * current one. Called before the first command that needs one. */
    gboolean (*connect)(Shell *shell, const char *uri, gboolean readonly, GError **error);
    void (*disconnect)(Shell *shell);
    const char *version;                /* of the program */
    const char *compat_version;         /* of the virsh whose texts it follows; its own when called as virsh */
    const char *const *uris;            /* NULL-terminated: the usual ones, for completion */
    const char *features;               /* lines that `-V` prints after the version: what is compiled in */
} ShellHost;

/* --- a parsed command, as handlers see it; everything returned is borrowed from @ctx --- */

Shell *cmd_shell(CmdContext *ctx);
Out *cmd_out(CmdContext *ctx);
/* The command's own name, whatever the user called it. */
const char *cmd_name(const CmdContext *ctx);

gboolean cmd_given(const CmdContext *ctx, const char *name);
gboolean cmd_bool(const CmdContext *ctx, const char *name);
/* The text as given, or NULL; no check for emptiness. */
const char *cmd_text(const CmdContext *ctx, const char *name);
/* As cmd_text(), but an empty value is an error unless the option is CMD_OPT_EMPTY_OK. *@value is NULL when
 * the option was not given. */
gboolean cmd_string(const CmdContext *ctx, const char *name, const char **value, GError **error);
/* NULL-terminated; never NULL, possibly empty. */
const char *const *cmd_argv(const CmdContext *ctx, const char *name);
/* Numbers: *@value is untouched when the option was not given (test with cmd_given()).
 * Errors are virsh's "Numeric value 'abc' for <count> option is malformed or out of range". */
gboolean cmd_int(const CmdContext *ctx, const char *name, int *value, GError **error);
gboolean cmd_uint(const CmdContext *ctx, const char *name, guint *value, GError **error);
gboolean cmd_ulonglong(const CmdContext *ctx, const char *name, guint64 *value, GError **error);
gboolean cmd_longlong(const CmdContext *ctx, const char *name, gint64 *value, GError **error);
/* A size with a suffix; @scale is the unit of a bare number (1, 1024, …), @max the largest result. */
gboolean cmd_scaled(const CmdContext *ctx, const char *name, guint64 scale, guint64 max,
                    guint64 *value, GError **error);
/* A timeout in seconds as virsh reads it (0 and malformed are errors), given back in milliseconds. */
gboolean cmd_timeout_ms(const CmdContext *ctx, const char *name, gint64 *ms, GError **error);

/* --- the running shell, as handlers see it --- */

gpointer shell_connection(Shell *shell);                /* NULL before it was needed */
void shell_set_connection(Shell *shell, gpointer connection);   /* takes it over */
const char *shell_default_uri(Shell *shell);            /* of -c; may be NULL */
void shell_set_default_uri(Shell *shell, const char *uri);
gboolean shell_readonly(Shell *shell);
void shell_set_readonly(Shell *shell, gboolean readonly);       /* changes the prompt too */
gboolean shell_is_virsh(Shell *shell);                  /* called as virsh, or --compat */
char shell_escape_char(Shell *shell);                   /* of -e; '\035' is ^] */
int shell_keepalive_interval(Shell *shell);
int shell_keepalive_count(Shell *shell);
const ShellHost *shell_host(Shell *shell);
/* The exit status of the shell when it ends next (of `quit`). */
void shell_request_end(Shell *shell);
/* Ctrl-C was pressed, or a signal asks the running command to stop. Handlers that wait put
 * the descriptor into their poll(); it becomes readable then. */
gboolean shell_interrupted(Shell *shell);
int shell_interrupt_fd(Shell *shell);
/* Debug line of -d N (0 = most) to where virsh puts it. */
void shell_debug(Shell *shell, int level, const char *format, ...) G_GNUC_PRINTF(3, 4);

/* Opens $VISUAL, $EDITOR or a default on a private file that holds @text; gives back what
 * the user left there. Runs without a shell unless the variable holds blanks or quotes are needed by words. */
char *shell_edit_text(Shell *shell, const char *text, const char *suffix, GError **error);
/* Asks a yes/no/… question on the terminal: returns one of the letters of @answers, 0 on error. */
char shell_ask(Shell *shell, const char *question, const char *answers, GError **error);

G_END_DECLS
