/* What the files of the shell engine share. Nothing outside src/shell includes it but `complete`, `help` and `self-test`
 * through their own headers. */
#pragma once

#include <stdio.h>

#include "shell/command.h"
#include "shell/lexer.h"

G_BEGIN_DECLS

typedef enum {
    OUT_FORMAT_TEXT,
    OUT_FORMAT_JSON,
    OUT_FORMAT_JSON_LINES,
    OUT_FORMAT_YAML,
    OUT_FORMAT_CSV,
    OUT_FORMAT_TABLE,
} OutFormat;

/* --- options.c --- */

typedef struct {
    char *uri;                  /* of -c; NULL when not given */
    gboolean readonly;
    gboolean quiet;
    gboolean timing;
    gboolean compat;
    gboolean keep_going;
    gboolean no_history;
    OutFormat format;
    char *script;               /* of -f; "-" is standard input */
    int debug;                  /* 0 = most, 4 = least */
    char escape;
    int keepalive_interval;
    int keepalive_count;
    int first_word;             /* index of the first word after the options */
} ShellOptions;

typedef struct {
    char letter;                /* 0 where there is only a long form */
    const char *name;           /* NULL where there is only a letter */
    const char *argument;       /* "URI"; NULL when it takes none */
    gboolean optional;          /* the argument may be left out */
    gboolean addition;          /* virsh does not have it */
    const char *help;
} ProgramOption;

/* Ended by an option without letter and name. */
extern const ProgramOption program_options[];
extern const char *const output_format_names[];

/* Returns TRUE to go on; FALSE to end at once with *@status. */
gboolean options_parse(Shell *shell, int argc, char **argv, int *status);
void options_clear(ShellOptions *options);
/* Applies the program options at the front of @words (for completion) and returns the index of the first word that
 * is none of them; *@pending is set to the option whose argument the last word is, else NULL. */
gsize options_skim(Shell *shell, const char *const *words, gsize n_words, const ProgramOption **pending);

/* --- shell.c --- */

struct Shell {
    const ShellHost *host;
    const char *program;        /* "hvsh" or "virsh": the name in texts */
    gboolean virsh;             /* virsh's loose batch status and bare texts */
    gboolean loop;              /* commands come from the loop, not from the command line */
    gboolean terminal;          /* the loop is on a terminal */
    ShellOptions options;
    Out *out;
    gpointer connection;
    FILE *log;
    gboolean ending;
    int passed_over;            /* with --keep-going: the first failure's status, which is that of the program in the end */
    const char *source_name;    /* file of the batch that runs, or NULL */
    guint source_line;
};

/* Parses and runs a string. Returns the status of the last command, or in strict mode of the first that failed; *@stopped
 * tells that strict mode gave up. */
int shell_run_string(Shell *shell, const char *text, unsigned lex_flags, gboolean *stopped);
/* Strict batch status: called as hvsh and without --keep-going. */
gboolean shell_strict(const Shell *shell);
/* Whether a batch ends with a command that failed with @status; where it goes on, the failure is kept in mind. */
gboolean shell_stops_after(Shell *shell, int status);
/* After the first write that failed there is no one to talk to. */
gboolean shell_output_lost(Shell *shell);

/* --- arguments.c --- */

typedef struct {
    const CmdOpt *opt;
    char *value;                /* NULL for a boolean */
} CmdArg;

struct CmdContext {
    Shell *shell;
    const CmdDef *def;
    GArray *args;               /* of CmdArg, in the order given */
    const char **argv;          /* values of the CMD_OPT_ARGV option */
    gboolean ignore_failure;    /* a `-` stood before the command */
    LexKind redirect;           /* LEX_PIPE, LEX_WRITE, LEX_APPEND, or LEX_END for none */
    char *redirect_to;
};

CmdContext *cmd_context_new(Shell *shell, const CmdDef *def);
void cmd_context_free(CmdContext *ctx);
void cmd_context_add(CmdContext *ctx, const CmdOpt *opt, const char *value);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(CmdContext, cmd_context_free)

/* All commands of the line, an array of CmdContext that may be empty; NULL with HV_ERR_USAGE. */
GPtrArray *arguments_parse(Shell *shell, Lexer *lexer, GError **error);

/* --- registry.c --- */

const CmdDef *registry_find(const ShellHost *host, const char *name);
const CmdGroup *registry_find_group(const ShellHost *host, const char *keyword);
const CmdOpt *registry_find_option(const CmdDef *def, const char *name);
/* The option that an alias stands for; *@value is the value it carries, or NULL. Other options: themselves. */
const CmdOpt *registry_resolve_option(const CmdDef *def, const CmdOpt *opt, const char **value);

/* --- suggest.c --- */

/* The candidate nearest to @word, or NULL when none is near. */
const char *suggest_nearest(const char *word, const char *const *candidates);
void suggest_command(const ShellHost *host, const char *word, GError **error);
void suggest_option(const CmdDef *def, const char *word, GError **error);

/* --- report.c --- */

/* Prints the error, in the form that the output has, and to the log file. */
void report_error(Shell *shell, const GError *error);
/* A CancelSlowFunc with the Shell as @data: tells a person at a terminal that the command has not hung. */
void report_waiting(gpointer data);
/* A bare "error: TEXT" line before there is a command. */
void report_complaint(Shell *shell, const char *format, ...) G_GNUC_PRINTF(2, 3);
/* "warning: REMARK" on stderr: what works, but perhaps not as meant. */
void report_remark(Shell *shell, const char *remark);
int report_status(const GError *error);

/* --- interrupt.c --- */

/* From now on SIGINT only makes interrupt_fd() readable. */
gboolean interrupt_catch(void);
int interrupt_fd(void);
gboolean interrupt_pending(void);
/* Acts as if Ctrl-C had been pressed: what waits stops. */
void interrupt_raise(void);
/* Forgets what has been pressed before the next command. */
void interrupt_reset(void);

/* --- subprocess.c --- */

/* Runs @argv with the given descriptors and this process's terminal. Returns its pid or -1. */
pid_t subprocess_spawn(const char *const *argv, int in_fd, int out_fd, GError **error);
/* Waits for it: 0 to 255, or 128 + signal. */
int subprocess_wait(pid_t pid);
/* The user's own shell command, on the user's terminal. */
int subprocess_shell(const char *command, GError **error);

/* --- out (output.c) --- */

Out *out_new(OutFormat format, gboolean quiet);
void out_free(Out *out);
OutFormat out_format(const Out *out);
/* Starts and ends what one command says. @ok FALSE: it failed. */
void out_command_begin(Out *out);
gboolean out_command_end(Out *out, gboolean ok, GError **error);
/* Sends what follows to @fd; returns the descriptor before. */
int out_redirect(Out *out, int fd);
void out_clear_write_error(Out *out);
/* Unconditional text to where output goes. */
void out_raw(Out *out, const char *text, gsize length);
/* The functions that put a warning, and one that virsh does not have, on stderr. */
void out_set_warning_hooks(Out *out, void (*warn)(gpointer data, const char *text),
                           void (*remark)(gpointer data, const char *text), gpointer data);

/* --- repl.c, batch.c --- */

int repl_run(Shell *shell);
int batch_run(Shell *shell);

G_END_DECLS
