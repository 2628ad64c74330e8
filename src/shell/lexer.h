/* Words of a command line, in virsh's grammar.
 *
 * In a string, blanks separate words; `;` and newline separate commands; '…' is literal (and may stay open at the end),
 * "…" and a backslash take the next character literally; a word that begins with # is a comment up to the newline.
 * In argv form each argument is one word and nothing in it is special. */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

typedef enum {
    LEX_END,
    LEX_WORD,
    LEX_SEPARATOR,      /* `;`, a newline or a comment */
    LEX_PIPE,           /* `| COMMAND`: the word is the rest of the line */
    LEX_WRITE,          /* `>`: the next word is a file */
    LEX_APPEND,         /* `>>` */
    LEX_ERROR,
} LexKind;

enum {
    /* `|`, `>` and `>>` at the start of a word are operators. */
    LEX_OPERATORS = 1 << 0,
    /* The line is being typed: quotes may be open at its end. */
    LEX_UNFINISHED = 1 << 1,
};

typedef struct {
    const char *const *argv;    /* argv form; NULL in string form */
    const char *text;           /* what remains of the string */
    unsigned flags;
    const char *word_start;     /* where the last word began; string form */
    char quote;                 /* open quote at the end of an unfinished line, else 0 */
} Lexer;

void lexer_init_string(Lexer *lexer, const char *text, unsigned flags);
void lexer_init_argv(Lexer *lexer, const char *const *argv);

/* The next token. *@word is set for LEX_WORD and LEX_PIPE (free it with g_free), NULL otherwise.
 * LEX_ERROR: `missing "` or `dangling \` in @error. */
LexKind lexer_next(Lexer *lexer, char **word, GError **error);

G_END_DECLS
