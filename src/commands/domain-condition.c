#include "commands/domain-condition.h"

#include <errno.h>
#include <poll.h>
#include <regex.h>
#include <string.h>

#include "commands/console-log.h"
#include "util/deadline.h"

typedef enum {
    CONDITION_INACTIVE,
    CONDITION_STATE,
    CONDITION_CONSOLE,
    CONDITION_JOB_DONE,
} ConditionKind;

typedef struct {
    ConditionKind kind;
    char *text;                 /* as given */
    int state;                  /* DOMAIN_STATE_… */
    regex_t regex;              /* compiled when kind is CONDITION_CONSOLE */
    gboolean met;
} Condition;

struct ConditionSet {
    GPtrArray *conditions;      /* of Condition */
    gboolean any;
    char *text;                 /* as given */
    /* while waiting */
    Connection *conn;
    DomainRef *dom;
    ConsoleLog *console;        /* NULL when no condition needs it, or nothing is recorded yet */
    gboolean gone;              /* the domain exists no more */
    gboolean stopped;           /* it ended while we waited */
};

static void
condition_free(gpointer data)
{
    Condition *condition = data;

    if (condition->kind == CONDITION_CONSOLE)
        regfree(&condition->regex);
    g_free(condition->text);
    g_free(condition);
}

void
condition_set_free(ConditionSet *set)
{
    if (!set)
        return;
    g_ptr_array_unref(set->conditions);
    console_log_close(set->console);
    g_free(set->text);
    g_free(set);
}

/* "shut off", "shutoff", "Shut-Off": what is a letter counts. */
static char *
plain_word(const char *text)
{
    g_autoptr(GString) word = g_string_new(NULL);

    for (const char *p = text; *p; p++)
        if (g_ascii_isalpha(*p))
            g_string_append_c(word, g_ascii_tolower(*p));
    return g_string_free(g_steal_pointer(&word), FALSE);
}

static int
state_from_text(const char *text)
{
    g_autofree char *wanted = plain_word(text);

    for (int state = DOMAIN_STATE_NONE; state <= DOMAIN_STATE_PMSUSPENDED; state++) {
        g_autofree char *shown = plain_word(domain_state_text(state));

        if (strcmp(wanted, shown) == 0 || strcmp(wanted, domain_state_token(state)) == 0)
            return state;
    }
    return -1;
}

static gboolean
parse_regex(Condition *condition, const char *pattern, GError **error)
{
    int code = regcomp(&condition->regex, pattern, REG_EXTENDED | REG_NOSUB);
    char reason[256];

    if (code == 0) {
        condition->kind = CONDITION_CONSOLE;
        return TRUE;
    }
    regerror(code, &condition->regex, reason, sizeof reason);
    return hv_throw(error, HV_ERR_INVALID_ARG, "condition 'console=%s' is no extended regular expression: %s", pattern,
                    reason);
}

static gboolean
parse_condition(Condition *condition, const char *text, GError **error)
{
    if (g_str_has_prefix(text, "console="))
        return parse_regex(condition, text + strlen("console="), error);
    if (strcmp(text, "domain-inactive") == 0) {
        condition->kind = CONDITION_INACTIVE;
    } else if (strcmp(text, "job-done") == 0) {
        condition->kind = CONDITION_JOB_DONE;
    } else if (g_str_has_prefix(text, "state=")) {
        condition->kind = CONDITION_STATE;
        condition->state = state_from_text(text + strlen("state="));
        if (condition->state < 0)
            return hv_throw(error, HV_ERR_INVALID_ARG, "unknown state '%s'; there are running, idle, paused, shutdown, "
                            "shutoff, crashed, pmsuspended", text + strlen("state="));
    } else if (strcmp(text, "guest-agent-available") == 0) {
        return hv_throw(error, HV_ERR_NO_SUPPORT, "virDomainQemuAgentCommand");
    } else {
        return hv_throw(error, HV_ERR_INVALID_ARG, "unknown condition '%s'; there are domain-inactive, state=STATE, "
                        "console=REGEX, job-done", text);
    }
    return TRUE;
}

static gboolean
add_condition(ConditionSet *set, const char *text, GError **error)
{
    Condition *condition = g_new0(Condition, 1);

    condition->kind = CONDITION_INACTIVE;
    condition->text = g_strdup(text);
    g_ptr_array_add(set->conditions, condition);
    return parse_condition(condition, text, error);
}

ConditionSet *
condition_set_from_option(CmdContext *ctx, const char *option, gboolean any, GError **error)
{
    g_autoptr(ConditionSet) set = NULL;
    g_autoptr(GString) word = g_string_new(NULL);
    const char *text = NULL;

    if (!cmd_string(ctx, option, &text, error))
        return NULL;
    set = g_new0(ConditionSet, 1);
    set->conditions = g_ptr_array_new_with_free_func(condition_free);
    set->any = any;
    set->text = g_strdup(text);
    for (const char *p = text;; p++) {
        if (*p == ',' && p[1] == ',') {
            g_string_append_c(word, *p++);
        } else if (*p && *p != ',') {
            g_string_append_c(word, *p);
        } else {
            if (!add_condition(set, word->str, error))
                return NULL;
            g_string_truncate(word, 0);
            if (!*p)
                break;
        }
    }
    return g_steal_pointer(&set);
}

char **
complete_conditions(CmdContext *ctx, unsigned flags)
{
    static const char *const words[] = {
        "domain-inactive", "state=running", "state=paused", "state=shutoff", "state=crashed", "state=pmsuspended",
        "console=", "job-done", NULL,
    };

    return complete_words(words);
}

static gboolean
needs_console(const ConditionSet *set)
{
    for (guint i = 0; i < set->conditions->len; i++)
        if (((Condition *)g_ptr_array_index(set->conditions, i))->kind == CONDITION_CONSOLE)
            return TRUE;
    return FALSE;
}

static void
match_line(const char *line, gpointer data)
{
    ConditionSet *set = data;

    for (guint i = 0; i < set->conditions->len; i++) {
        Condition *condition = g_ptr_array_index(set->conditions, i);

        if (condition->kind == CONDITION_CONSOLE && !condition->met)
            condition->met = regexec(&condition->regex, line, 0, NULL, 0) == 0;
    }
}

/* The folder of the log comes with the start of the domain. */
static gboolean
open_console(ConditionSet *set, const domain_console_log_result *log, GError **error)
{
    g_autofree char *folder = g_path_get_dirname(log->path);

    if (!g_file_test(folder, G_FILE_TEST_IS_DIR))
        return TRUE;
    set->console = console_log_open(log->path, log->offset, error);
    return set->console != NULL;
}

/* A domain that does not run may have no console yet; its start is an event that brings us here again. */
static gboolean
check_console(ConditionSet *set, GError **error)
{
    g_auto(domain_console_log_result) result = { 0 };
    g_autoptr(GError) local = NULL;

    if (!set->console && needs_console(set) && !set->gone) {
        if (domain_console_log(set->conn, &(domain_console_log_args){ .dom = *set->dom }, &result, &local)) {
            if (!open_console(set, &result, error))
                return FALSE;
        } else if (!g_error_matches(local, HV_ERROR, HV_ERR_OPERATION_INVALID)) {
            g_propagate_error(error, g_steal_pointer(&local));
            return FALSE;
        }
    }
    if (set->console)
        console_log_read(set->console, match_line, set);
    return TRUE;
}

static gboolean
check_job(ConditionSet *set, gboolean *met, GError **error)
{
    g_auto(domain_get_control_info_result) info = { 0 };
    g_autoptr(GError) local = NULL;

    if (domain_get_control_info(set->conn, &(domain_get_control_info_args){ .dom = *set->dom }, &info, &local)) {
        *met = info.state != CONTROL_JOB;
        return TRUE;
    }
    *met = g_error_matches(local, HV_ERROR, HV_ERR_OPERATION_INVALID);
    if (!*met)
        g_propagate_error(error, g_steal_pointer(&local));
    return *met;
}

/* The state now; a domain that has vanished (it was transient) does not run. */
static gboolean
current_state(ConditionSet *set, domain_get_state_result *state, GError **error)
{
    g_autoptr(GError) local = NULL;

    if (!set->gone && domain_get_state(set->conn, &(domain_get_state_args){ .dom = *set->dom }, state, &local))
        return TRUE;
    if (!set->gone && !g_error_matches(local, HV_ERROR, HV_ERR_NO_DOMAIN)) {
        g_propagate_error(error, g_steal_pointer(&local));
        return FALSE;
    }
    set->gone = TRUE;
    state->state = DOMAIN_STATE_SHUTOFF;
    return TRUE;
}

static gboolean
check_conditions(ConditionSet *set, gboolean *holds, GError **error)
{
    g_auto(domain_get_state_result) state = { 0 };
    guint met = 0;

    if (!current_state(set, &state, error) || !check_console(set, error))
        return FALSE;
    for (guint i = 0; i < set->conditions->len; i++) {
        Condition *condition = g_ptr_array_index(set->conditions, i);

        if (condition->kind == CONDITION_INACTIVE)
            condition->met = state.state == DOMAIN_STATE_SHUTOFF;
        else if (condition->kind == CONDITION_STATE)
            condition->met = state.state == condition->state;
        else if (condition->kind == CONDITION_JOB_DONE && set->gone)
            condition->met = TRUE;
        else if (condition->kind == CONDITION_JOB_DONE && !check_job(set, &condition->met, error))
            return FALSE;
        met += condition->met;
    }
    *holds = set->any ? met > 0 : met == set->conditions->len;
    return TRUE;
}

/* A guest that has ended writes nothing more, and a domain that is gone does not come back. */
static gboolean
is_hopeless(const ConditionSet *set)
{
    guint hopeless = 0;

    for (guint i = 0; i < set->conditions->len; i++) {
        const Condition *condition = g_ptr_array_index(set->conditions, i);

        if (!condition->met && (set->gone || (set->stopped && condition->kind == CONDITION_CONSOLE)))
            hopeless++;
    }
    return set->any ? hopeless == set->conditions->len : hopeless > 0;
}

/* What the user needs to see where the waiting was in vain. */
static gboolean
throw_diagnosis(ConditionSet *set, HvErrorCode code, const char *why, GError **error)
{
    g_auto(domain_get_state_result) state = { 0 };
    g_autoptr(GString) text = g_string_new(NULL);
    g_autofree char *tail = NULL;

    g_string_append_printf(text, "%s while waiting for '%s' of domain '%s'\n", why, set->text, set->dom->name);
    for (guint i = 0; set->conditions->len > 1 && i < set->conditions->len; i++) {
        const Condition *condition = g_ptr_array_index(set->conditions, i);

        g_string_append_printf(text, "condition: %s: %s\n", condition->text, condition->met ? "met" : "not met");
    }
    if (set->gone)
        g_string_append(text, "state: the domain exists no more");
    else if (domain_get_state(set->conn, &(domain_get_state_args){ .dom = *set->dom }, &state, NULL))
        g_string_append_printf(text, "state: %s (%s)", domain_state_text(state.state),
                               domain_reason_text(state.state, state.reason));
    else
        g_string_append(text, "state: unknown");
    if (!set->console) {
        g_auto(domain_console_log_result) log = { 0 };

        if (!set->gone && domain_console_log(set->conn, &(domain_console_log_args){ .dom = *set->dom }, &log, NULL))
            open_console(set, &log, NULL);
        if (set->console)
            console_log_read(set->console, match_line, set);
    }
    tail = set->console ? console_log_tail(set->console, "    ") : NULL;
    if (tail && *tail) {
        tail[strlen(tail) - 1] = '\0';
        g_string_append_printf(text, "\nlast lines of the console:\n%s", tail);
    }
    return hv_throw(error, code, "%s", text->str);
}

/* Takes what @source has; what was in them is looked up afterwards, but for the end of the domain, which a quick
 * restart would hide. */
static gboolean
drain_events(ConditionSet *set, EventSource *source, GError **error)
{
    for (;;) {
        g_auto(Event) event = { 0 };
        int got = event_source_next(source, &event, error);

        if (got <= 0)
            return got == 0;
        if (event.id == EVENT_LIFECYCLE && event.n1 == LIFECYCLE_STOPPED)
            set->stopped = TRUE;
        if (event.id == EVENT_LIFECYCLE && event.n1 == LIFECYCLE_STARTED) {
            set->stopped = FALSE;
            g_clear_pointer(&set->console, console_log_close);
        }
    }
}

/* FALSE with DEADLINE when the time is over or the user gave up. */
static gboolean
wait_for_news(ConditionSet *set, CmdContext *ctx, EventSource *source, gint64 deadline, GError **error)
{
    struct pollfd fds[3] = {
        { .fd = event_source_fd(source), .events = POLLIN },
        { .fd = shell_interrupt_fd(cmd_shell(ctx)), .events = POLLIN },
        { .fd = set->console ? console_log_fd(set->console) : -1, .events = POLLIN },
    };
    int ready = poll(fds, G_N_ELEMENTS(fds), deadline < 0 ? -1 : deadline_remaining_ms(deadline));

    if (ready < 0 && errno != EINTR)
        return hv_throw_errno(error, errno, "cannot wait for domain '%s'", set->dom->name);
    if (shell_interrupted(cmd_shell(ctx)))
        return throw_diagnosis(set, HV_ERR_DEADLINE, "interrupted", error);
    if (ready == 0)
        return throw_diagnosis(set, HV_ERR_DEADLINE, "the time is over", error);
    return TRUE;
}

gboolean
condition_set_wait(ConditionSet *set, CmdContext *ctx, DomainRef *dom, gint64 timeout_ms, GError **error)
{
    gint64 deadline = timeout_ms >= 0 ? g_get_monotonic_time() + timeout_ms * 1000 : -1;
    g_autoptr(EventSource) source = NULL;

    set->conn = cmd_connection(ctx);
    set->dom = dom;
    /* Subscribing comes before the first look, so nothing falls between the two. */
    source = conn_events(set->conn, dom, -1, error);
    if (!source)
        return FALSE;
    for (;;) {
        gboolean holds = FALSE;

        if (!drain_events(set, source, error) || !check_conditions(set, &holds, error))
            return FALSE;
        if (holds)
            return TRUE;
        if (is_hopeless(set))
            return throw_diagnosis(set, HV_ERR_OPERATION_FAILED, "the domain ended", error);
        if (!wait_for_news(set, ctx, source, deadline, error))
            return FALSE;
    }
}
