#include "shell/lexer.h"

#include <string.h>

#include "util/error.h"

void
lexer_init_string(Lexer *lexer, const char *text, unsigned flags)
{
    *lexer = (Lexer){ .text = text, .flags = flags, .word_start = text };
}

void
lexer_init_argv(Lexer *lexer, const char *const *argv)
{
    *lexer = (Lexer){ .argv = argv };
}

static gboolean
is_blank(char c)
{
    return c == ' ' || c == '\t';
}

static void
skip_blanks(Lexer *lexer)
{
    while (is_blank(*lexer->text) || (lexer->text[0] == '\\' && lexer->text[1] == '\n'))
        lexer->text += *lexer->text == '\\' ? 2 : 1;
}

static LexKind
next_operator(Lexer *lexer, char **word)
{
    const char *end;

    if (*lexer->text == '>') {
        lexer->text++;
        if (*lexer->text != '>')
            return LEX_WRITE;
        lexer->text++;
        return LEX_APPEND;
    }

    end = strchrnul(lexer->text, '\n');
    *word = g_strndup(lexer->text + 1, end - lexer->text - 1);
    lexer->text = end;
    return LEX_PIPE;
}

static LexKind
next_word(Lexer *lexer, char **word, GError **error)
{
    g_autoptr(GString) value = g_string_new(NULL);
    const char *p = lexer->text;
    char quote = 0;

    for (; *p; p++) {
        if (!quote && (is_blank(*p) || *p == ';' || *p == '\n'))
            break;
        if ((*p == '\'' || *p == '"') && (!quote || quote == *p)) {
            quote = quote ? 0 : *p;
            continue;
        }
        if (*p == '\\' && quote != '\'') {
            p++;
            if (!*p) {
                if (lexer->flags & LEX_UNFINISHED)
                    break;
                hv_throw(error, HV_ERR_USAGE, "dangling \\");
                return LEX_ERROR;
            }
            if (*p == '\n')
                continue;
        }
        g_string_append_c(value, *p);
    }
    if (quote == '"' && !(lexer->flags & LEX_UNFINISHED)) {
        hv_throw(error, HV_ERR_USAGE, "missing \"");
        return LEX_ERROR;
    }

    lexer->text = p;
    lexer->quote = quote;
    *word = g_strdup(value->str);
    return LEX_WORD;
}

LexKind
lexer_next(Lexer *lexer, char **word, GError **error)
{
    *word = NULL;
    if (lexer->argv) {
        if (!*lexer->argv)
            return LEX_END;
        *word = g_strdup(*lexer->argv++);
        return LEX_WORD;
    }

    skip_blanks(lexer);
    lexer->word_start = lexer->text;
    switch (*lexer->text) {
    case '\0':
        return LEX_END;
    case ';':
    case '\n':
        lexer->text++;
        return LEX_SEPARATOR;
    case '#':
        lexer->text = strchrnul(lexer->text, '\n');
        return LEX_SEPARATOR;
    case '|':
    case '>':
        if (lexer->flags & LEX_OPERATORS)
            return next_operator(lexer, word);
        break;
    default:
        break;
    }
    return next_word(lexer, word, error);
}
