/* Conditions on a domain that one can wait for: `await`, and `start --wait`.
 *
 * A list of conditions has commas between them; two commas stand for one that belongs to a condition (as in `echo --split`):
 *
 *   domain-inactive     the domain does not run
 *   state=STATE         it is in that state, "running", "paused", "shutoff" …
 *   console=REGEX       a line of its console matches the POSIX extended expression; lines that are
 *                       there already count, and a match once seen stays seen
 *   job-done            no job is under way on it
 *
 * All of them have to hold at the same time, or any one. */
#pragma once

#include "commands/common.h"

G_BEGIN_DECLS

typedef struct ConditionSet ConditionSet;

/* From the option @option, which must have been given. @any: one of them is enough. */
ConditionSet *condition_set_from_option(CmdContext *ctx, const char *option, gboolean any, GError **error)
    G_GNUC_WARN_UNUSED_RESULT;
void condition_set_free(ConditionSet *set);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(ConditionSet, condition_set_free)

/* Waits, woken by the domain's events and by output on its console, up to @timeout_ms (-1: for ever). Fails with DEADLINE when
 * the time is over or Ctrl-C is pressed: the message then says in which state the domain is and ends with the last
 * lines of the console. Fails at once when nothing can fulfil the conditions any more. */
gboolean condition_set_wait(ConditionSet *set, CmdContext *ctx, DomainRef *dom, gint64 timeout_ms, GError **error)
    G_GNUC_WARN_UNUSED_RESULT;

/* Completion of one condition. */
char **complete_conditions(CmdContext *ctx, unsigned flags);

G_END_DECLS
