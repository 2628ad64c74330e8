/* The options of the program itself. */
#include "shell/internal.h"

#include <fcntl.h>
#include <getopt.h>
#include <stdlib.h>
#include <string.h>

#include "shell/help.h"
#include "shell/record.h"
#include "util/error.h"

#define DEBUG_MAX 4
#define DEBUG_DEFAULT 4

/* Long options without a letter. */
enum {
    OPTION_VERSION = 256,
    OPTION_COMPAT,
    OPTION_KEEP_GOING,
    OPTION_NO_HISTORY,
};

const ProgramOption program_options[] = {
    { 'c', "connect", "URI", FALSE, FALSE, "the hypervisor to talk to" },
    { 'd', "debug", "NUM", FALSE, FALSE, "how much to tell: 0 is most, 4 only errors" },
    { 'e', "escape", "CHAR", FALSE, FALSE, "key that leaves a console, such as ^]" },
    { 'f', "file", "FILE", FALSE, TRUE, "run the commands in FILE ('-': standard input)" },
    { 'h', "help", NULL, FALSE, FALSE, "show this text" },
    { 'k', "keepalive-interval", "NUM", FALSE, FALSE, "seconds between keepalive messages, 0 for none" },
    { 'K', "keepalive-count", "NUM", FALSE, FALSE, "keepalive messages that may get lost" },
    { 'l', "log", "FILE", FALSE, FALSE, "append messages to FILE" },
    { 'o', "output", "FORMAT", FALSE, TRUE, "text, json, json-lines, yaml, csv or table" },
    { 'q', "quiet", NULL, FALSE, FALSE, "results only: no headings, no sentences" },
    { 'r', "readonly", NULL, FALSE, FALSE, "refuse whatever would change something" },
    { 't', "timing", NULL, FALSE, FALSE, "show how long each command took" },
    { 'v', NULL, NULL, FALSE, FALSE, "the version number" },
    { 'V', NULL, NULL, FALSE, FALSE, "the version and what is built in" },
    { 0, "version", "TYPE", TRUE, FALSE, "the same; TYPE is short (default) or long" },
    { 0, "compat", NULL, FALSE, TRUE, "be virsh: its name, batches go on after a failure" },
    { 0, "keep-going", NULL, FALSE, TRUE, "batches go on after a failure; the first one is the status in the end" },
    { 0, "no-history", NULL, FALSE, TRUE, "neither read nor write the history file" },
    { 0 },
};

const char *const output_format_names[] = { "text", "json", "json-lines", "yaml", "csv", "table", NULL };

static const char short_options[] = "+:c:d:e:f:hk:K:l:o:qrtvV";

static const struct option long_options[] = {
    { "connect", required_argument, NULL, 'c' },
    { "debug", required_argument, NULL, 'd' },
    { "escape", required_argument, NULL, 'e' },
    { "file", required_argument, NULL, 'f' },
    { "help", no_argument, NULL, 'h' },
    { "keepalive-interval", required_argument, NULL, 'k' },
    { "keepalive-count", required_argument, NULL, 'K' },
    { "log", required_argument, NULL, 'l' },
    { "output", required_argument, NULL, 'o' },
    { "quiet", no_argument, NULL, 'q' },
    { "readonly", no_argument, NULL, 'r' },
    { "timing", no_argument, NULL, 't' },
    { "version", optional_argument, NULL, OPTION_VERSION },
    { "compat", no_argument, NULL, OPTION_COMPAT },
    { "keep-going", no_argument, NULL, OPTION_KEEP_GOING },
    { "no-history", no_argument, NULL, OPTION_NO_HISTORY },
    { NULL, 0, NULL, 0 },
};

static gboolean
format_by_name(const char *name, OutFormat *format)
{
    for (int i = 0; output_format_names[i]; i++) {
        if (strcmp(name, output_format_names[i]) == 0) {
            *format = i;
            return TRUE;
        }
    }
    return FALSE;
}

void
options_clear(ShellOptions *options)
{
    g_free(options->uri);
    g_free(options->script);
}

static gboolean
read_int(const char *text, int *value)
{
    char *end;
    gint64 number = g_ascii_strtoll(text, &end, 10);

    if (end == text || *end || number < G_MININT || number > G_MAXINT)
        return FALSE;
    *value = number;
    return TRUE;
}

static void
set_program(Shell *shell, gboolean virsh)
{
    shell->virsh = virsh;
    shell->program = virsh ? "virsh" : "hvsh";
}

static gboolean
parse_debug(Shell *shell, const char *option, const char *text)
{
    int level;

    if (!read_int(text, &level)) {
        report_complaint(shell, "option %s takes a numeric argument", option);
        return FALSE;
    }
    if (level < 0 || level > DEBUG_MAX)
        report_complaint(shell, "ignoring debug level %d out of range [0-%d]", level, DEBUG_MAX);
    else
        shell->options.debug = level;
    return TRUE;
}

/* A character, or ^ and the letter of a control character. */
static gboolean
parse_escape(Shell *shell, const char *text)
{
    gsize length = strlen(text);

    if (length == 1 && *text != '^') {
        shell->options.escape = *text;
        return TRUE;
    }
    if (length == 2 && *text == '^' && (g_ascii_isalpha(text[1]) || strchr("@[\\]^_", text[1]))) {
        shell->options.escape = g_ascii_toupper(text[1]) & 0x1f;
        return TRUE;
    }
    report_complaint(shell, "Invalid string '%s' for escape sequence", text);
    return FALSE;
}

static gboolean
parse_keepalive(Shell *shell, const char *option, const char *text, int *value)
{
    if (!read_int(text, value)) {
        report_complaint(shell, "Invalid value for option %s", option);
        return FALSE;
    }
    if (*value < 0) {
        report_complaint(shell, "option %s requires a positive integer argument", option);
        return FALSE;
    }
    return TRUE;
}

static gboolean
parse_output(Shell *shell, const char *text)
{
    g_autofree char *names = NULL;

    if (format_by_name(text, &shell->options.format))
        return TRUE;
    names = g_strjoinv(", ", (char **)output_format_names);
    report_complaint(shell, "unknown output format '%s': expected one of %s", text, names);
    return FALSE;
}

static void
print_version(Shell *shell, gboolean is_long)
{
    const ShellHost *host = shell->host;
    g_autofree char *text = NULL;

    if (is_long)
        text = g_strdup_printf("%c%s command line tool of libvirt %s\n%s", g_ascii_toupper(*shell->program),
                               shell->program + 1, host->compat_version, host->features);
    else
        text = g_strdup_printf("%s\n", shell->virsh ? host->compat_version : host->version);
    out_raw(shell->out, text, strlen(text));
}

static void
print_help(Shell *shell)
{
    g_autoptr(GString) text = g_string_new(NULL);

    help_program_page(shell, text);
    out_raw(shell->out, text->str, text->len);
}

/* virsh names an option by its letter where it has one, also when the long form was typed. */
static void
complain_unknown(Shell *shell, const char *word)
{
    g_autoptr(GPtrArray) names = NULL;
    const char *nearest;
    g_autoptr(GError) error = NULL;

    if (optopt > 0 && optopt < OPTION_VERSION) {
        report_complaint(shell, "unsupported option '-%c'. See --help.", optopt);
        return;
    }
    hv_throw(&error, HV_ERR_USAGE, "unsupported option '%s'. See --help.", word);
    names = g_ptr_array_new();
    for (const struct option *option = long_options; option->name; option++)
        g_ptr_array_add(names, (gpointer)option->name);
    g_ptr_array_add(names, NULL);
    nearest = g_str_has_prefix(word, "--") ? suggest_nearest(word + 2, (const char *const *)names->pdata) : NULL;
    if (nearest)
        hv_error_set_hint(&error, "did you mean '--%s'?", nearest);
    report_error(shell, error);
}

static void
complain_missing(Shell *shell)
{
    for (const struct option *option = long_options; option->name; option++) {
        if (option->val != optopt)
            continue;
        report_complaint(shell, "option '-%c'/'--%s' requires an argument", optopt, option->name);
        return;
    }
    report_complaint(shell, "option '-%c' requires an argument", optopt);
}

static gboolean
open_log(Shell *shell, const char *path)
{
    int fd = open(path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0600);

    g_clear_pointer(&shell->log, fclose);
    shell->log = fd >= 0 ? fdopen(fd, "a") : NULL;
    if (!shell->log)
        report_complaint(shell, "failed to open the log file. check the log file path");
    return shell->log != NULL;
}

typedef enum {
    OPTION_GO_ON,
    OPTION_DONE,        /* -h, -v: nothing more is to be done */
    OPTION_BAD,
} OptionResult;

/* @name: the option as it was written, but in full; @word: the argument it came in. */
static OptionResult
apply_option(Shell *shell, int option, const char *name, const char *word)
{
    ShellOptions *options = &shell->options;
    gboolean good = TRUE;

    switch (option) {
    case 'c':
        g_free(options->uri);
        options->uri = g_strdup(optarg);
        break;
    case 'd':
        good = parse_debug(shell, name, optarg);
        break;
    case 'e':
        good = parse_escape(shell, optarg);
        break;
    case 'f':
        g_free(options->script);
        options->script = g_strdup(optarg);
        break;
    case 'h':
        print_help(shell);
        return OPTION_DONE;
    case 'k':
        good = parse_keepalive(shell, name, optarg, &options->keepalive_interval);
        break;
    case 'K':
        good = parse_keepalive(shell, name, optarg, &options->keepalive_count);
        break;
    case 'l':
        good = open_log(shell, optarg);
        break;
    case 'o':
        good = parse_output(shell, optarg);
        break;
    case 'q':
        options->quiet = TRUE;
        break;
    case 'r':
        options->readonly = TRUE;
        break;
    case 't':
        options->timing = TRUE;
        break;
    case 'v':
    case 'V':
    case OPTION_VERSION:
        print_version(shell, option == 'V' || (optarg && option == OPTION_VERSION && strcmp(optarg, "long") == 0));
        return OPTION_DONE;
    case OPTION_COMPAT:
        set_program(shell, TRUE);
        break;
    case OPTION_KEEP_GOING:
        options->keep_going = TRUE;
        break;
    case OPTION_NO_HISTORY:
        options->no_history = TRUE;
        break;
    case ':':
        complain_missing(shell);
        return OPTION_BAD;
    case '?':
    default:
        complain_unknown(shell, word);
        return OPTION_BAD;
    }
    return good ? OPTION_GO_ON : OPTION_BAD;
}

static const char *
either_env(const char *own, const char *virsh)
{
    const char *value = g_getenv(own);

    return value ? value : g_getenv(virsh);
}

/* As virsh, which looks at its level again where the options gave none: a bad one is complained about twice. */
static void
apply_debug_environment(Shell *shell)
{
    const char *text = either_env("HVSH_DEBUG", "VIRSH_DEBUG");
    int level;

    if (!text || shell->options.debug >= 0)
        return;
    if (read_int(text, &level) && level >= 0 && level <= DEBUG_MAX)
        shell->options.debug = level;
    else
        report_complaint(shell, "%s not set with a valid numeric value",
                         g_getenv("HVSH_DEBUG") ? "HVSH_DEBUG" : "VIRSH_DEBUG");
}

static gboolean
apply_log_environment(Shell *shell)
{
    const char *path = either_env("HVSH_LOG_FILE", "VIRSH_LOG_FILE");

    return !path || !*path || open_log(shell, path);
}

gboolean
options_parse(Shell *shell, int argc, char **argv, int *status)
{
    const char *name = strrchr(argv[0], '/');
    int option, word = 1, index = -1;

    set_program(shell, strcmp(name ? name + 1 : argv[0], "virsh") == 0);
    shell->options.debug = -1;
    shell->options.escape = '\035';
    shell->options.keepalive_interval = -1;
    shell->options.keepalive_count = -1;
    *status = 1;
    apply_debug_environment(shell);
    if (!apply_log_environment(shell))
        return FALSE;
    opterr = 0;
    while ((option = getopt_long(argc, argv, short_options, long_options, &index)) != -1) {
        char letter[] = { '-', (char)option, '\0' };
        g_autofree char *full = index >= 0 ? g_strconcat("--", long_options[index].name, NULL) : NULL;
        OptionResult result = apply_option(shell, option, full ? full : letter, argv[word]);

        *status = result == OPTION_BAD ? 1 : 0;
        if (result != OPTION_GO_ON)
            return FALSE;
        word = optind;
        index = -1;
    }
    shell->options.first_word = optind;
    if (shell->virsh)
        apply_debug_environment(shell);
    if (shell->options.debug < 0)
        shell->options.debug = DEBUG_DEFAULT;
    return TRUE;
}

static const ProgramOption *
find_option_of_word(const char *word)
{
    gboolean is_long = g_str_has_prefix(word, "--");

    for (const ProgramOption *option = program_options; option->letter || option->name; option++) {
        if (is_long ? option->name && strcmp(option->name, word + 2) == 0
                    : word[0] == '-' && option->letter == word[1] && word[1] && !word[2])
            return option;
    }
    return NULL;
}

/* Only what changes the answers matters to completion. */
static void
skim_option(Shell *shell, const char *word, const char *value)
{
    const char *equals = strchr(word, '=');

    if (g_str_has_prefix(word, "--connect=") || (g_str_has_prefix(word, "-c") && word[2]))
        value = equals && word[1] == '-' ? equals + 1 : word + 2;
    else if (strcmp(word, "-c") != 0 && strcmp(word, "--connect") != 0)
        value = NULL;
    if (value) {
        g_free(shell->options.uri);
        shell->options.uri = g_strdup(value);
    }
    if (strcmp(word, "-r") == 0 || strcmp(word, "--readonly") == 0)
        shell->options.readonly = TRUE;
}

gsize
options_skim(Shell *shell, const char *const *words, gsize n_words, const ProgramOption **pending)
{
    gsize i = 0;

    *pending = NULL;
    while (i + 1 < n_words && words[i][0] == '-' && words[i][1]) {
        const ProgramOption *option = find_option_of_word(words[i]);

        if (strcmp(words[i], "--") == 0)
            return i + 1;
        if (option && option->argument && !option->optional) {
            if (i + 2 == n_words)
                *pending = option;
            skim_option(shell, words[i], words[i + 1]);
            i += 2;
        } else {
            skim_option(shell, words[i], NULL);
            i++;
        }
    }
    return i;
}
