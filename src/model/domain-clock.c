/* The guest's clock and its timers. */
#include "model/normalise.h"

#include <string.h>

#include "util/error.h"
#include "util/sizes.h"

/* What may be said of each timer, and by which words; a list that is missing takes nothing. */
static const struct {
    const char *name;
    const char *ticks, *tracks;
    gboolean has_frequency_and_mode;
} timers[] = {
    { "pit", "delay|catchup|discard", NULL, FALSE },
    { "rtc", "delay|catchup", "guest|wall|realtime", FALSE },
    { "hpet", "delay|catchup|merge|discard", NULL, FALSE },
    { "tsc", "delay|catchup|merge|discard", NULL, TRUE },
    { "kvmclock", NULL, NULL, FALSE },
    { "hypervclock", NULL, NULL, FALSE },
    { "armvtimer", "delay|discard", NULL, FALSE },
    { "platform", "delay|catchup|merge|discard", "boot|guest|wall|realtime", FALSE },
};

static gboolean
is_one_of(const char *value, const char *list)
{
    g_auto(GStrv) words = list ? g_strsplit(list, "|", -1) : NULL;

    return words && g_strv_contains((const char *const *)words, value);
}

static gboolean
throw_timer_option(const xmlNode *timer, const char *option, GError **error)
{
    return node_throw(timer, error, HV_ERR_CONFIG_UNSUPPORTED, "timer %s doesn't support setting of timer %s",
                      node_attr(timer, "name"), option);
}

static gboolean
check_timer(const Normalise *n, const xmlNode *timer, GError **error)
{
    const char *name = node_attr(timer, "name"), *tick = node_attr(timer, "tickpolicy"), *track = node_attr(timer, "track");
    gsize i = 0;

    while (i + 1 < G_N_ELEMENTS(timers) && strcmp(timers[i].name, name) != 0)
        i++;
    if (tick && !timers[i].ticks)
        return throw_timer_option(timer, "tickpolicy", error);
    if (track && !timers[i].tracks)
        return throw_timer_option(timer, "track", error);
    if (node_attr(timer, "frequency") && !timers[i].has_frequency_and_mode)
        return throw_timer_option(timer, "frequency", error);
    if (node_attr(timer, "mode") && !timers[i].has_frequency_and_mode)
        return throw_timer_option(timer, "mode", error);
    if (strcmp(name, "platform") == 0)
        return node_throw(timer, error, HV_ERR_CONFIG_UNSUPPORTED, "unsupported timer type (name) '%s'", name);
    /* Only KVM can stop the virtual timer of ARM. */
    if (strcmp(name, "armvtimer") == 0 && (strcmp(n->virt, "kvm") != 0 || !n->is_virt))
        return node_throw(timer, error, HV_ERR_CONFIG_UNSUPPORTED,
                          "Configuring the '%s' timer is not supported for virtType=%s arch=%s "
                          "machine=%s guests", name, n->virt, n->arch, n->machine);
    if (track && !is_one_of(track, timers[i].tracks))
        return node_throw(timer, error, HV_ERR_CONFIG_UNSUPPORTED, "unsupported %s timer track '%s'", name, track);
    if (tick && !is_one_of(tick, timers[i].ticks))
        return node_throw(timer, error, HV_ERR_CONFIG_UNSUPPORTED, "unsupported %s%s tickpolicy '%s'", name,
                          strcmp(name, "pit") == 0 ? "" : " timer", tick);
    return TRUE;
}

static gboolean
normalise_timer(xmlNode *timer, GError **error)
{
    xmlNode *catchup = node_child(timer, "catchup");
    static const char *const parts[] = { "threshold", "slew", "limit" };

    if (node_attr(timer, "frequency") && node_attr_uint(timer, "frequency", 0) == 0)
        node_set_attr(timer, "frequency", NULL);
    for (gsize i = 0; catchup && i < G_N_ELEMENTS(parts); i++)
        if (node_attr(catchup, parts[i]) && node_attr_uint(catchup, parts[i], 0) == 0)
            node_set_attr(catchup, parts[i], NULL);
    if (!catchup)
        return TRUE;
    if (!node_attr_is(timer, "tickpolicy", "catchup"))
        return node_throw(timer, error, HV_ERR_XML_ERROR,
                          "setting of timer catchup policies is only supported with tickpolicy='catchup'");
    if (!catchup->properties)
        node_remove(catchup);
    return TRUE;
}

static gboolean
normalise_offset(xmlNode *clock, GError **error)
{
    const char *adjustment = node_attr(clock, "adjustment"), *digits = adjustment && *adjustment == '-' ? adjustment + 1 : adjustment;
    gboolean is_number = digits && uint_parse(digits, 0, G_MAXINT64, &(guint64){ 0 });

    if (!*(node_attr(clock, "offset") ?: ""))
        node_set_attr(clock, "offset", "utc");
    if (node_attr_is(clock, "offset", "timezone") && node_attr_is(clock, "timezone", ""))
        return node_throw(clock, error, HV_ERR_INTERNAL_ERROR, "missing 'timezone' attribute for clock with offset='timezone'");
    if (node_attr_is(clock, "offset", "variable") && !is_number)
        node_set_attr(clock, "adjustment", "0");
    if (!adjustment || (!node_attr_is(clock, "offset", "utc") && !node_attr_is(clock, "offset", "localtime")))
        return TRUE;
    if (strcmp(adjustment, "reset") == 0)
        return TRUE;
    if (!is_number)
        return node_throw(clock, error, HV_ERR_XML_ERROR, "unknown clock adjustment '%s'", adjustment);
    /* An offset from one of the clocks. */
    node_set_attr(clock, "basis", node_attr(clock, "offset"));
    node_set_attr(clock, "offset", "variable");
    return TRUE;
}

gboolean
normalise_clock(Normalise *n, GError **error)
{
    xmlNode *clock = domain_ensure_child(n->root, "clock");

    if (!normalise_offset(clock, error))
        return FALSE;
    NODE_FOREACH(timer, clock, "timer")
        if (!normalise_timer(timer, error))
            return node_blame(timer, error);
    return TRUE;
}

gboolean
check_timers(const Normalise *n, GError **error)
{
    NODE_FOREACH(timer, node_child(n->root, "clock"), "timer")
        if (!check_timer(n, timer, error))
            return node_blame(timer, error);
    return TRUE;
}
