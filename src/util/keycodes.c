/* Key codes out of one table. */
#include "config.h"

#include "util/keycodes.h"

#include <string.h>

typedef struct {
    const char *linux_name;
    const char *osx_name;
    const char *win32_name;
    gint32 codes[KEYCODES_LAST];
} Keycode;

/* The e0 prefix of AT set 1 is a high bit in QEMU's numbers and 0x100 in those of the Linux XT keyboard driver. */
#define KEYCODE_QNUM(at1) ((at1) < 0 ? -1 : ((at1) & 0xff00) ? (((at1) & 0x7f) | 0x80) : (at1))
#define KEYCODE_XT_KBD(at1) ((at1) < 0 ? -1 : ((at1) & 0xff00) ? (((at1) & 0x7f) | 0x100) : (at1))

static const Keycode keycodes[] = {
#define KEYCODE(name, linux_code, at1, at2, at3, usb, osx_name_, osx, win32_name_, win32) \
    { name, osx_name_, win32_name_, \
      { [KEYCODES_LINUX] = linux_code, [KEYCODES_XT] = at1, [KEYCODES_ATSET1] = at1, [KEYCODES_ATSET2] = at2, \
        [KEYCODES_ATSET3] = at3, [KEYCODES_OSX] = osx, [KEYCODES_XT_KBD] = KEYCODE_XT_KBD(at1), \
        [KEYCODES_USB] = usb, [KEYCODES_WIN32] = win32, [KEYCODES_QNUM] = KEYCODE_QNUM(at1) } },
#include "util/keycodes.def"
#undef KEYCODE
};

static const char *const set_names[KEYCODES_LAST] = {
    [KEYCODES_LINUX] = "linux", [KEYCODES_XT] = "xt", [KEYCODES_ATSET1] = "atset1", [KEYCODES_ATSET2] = "atset2",
    [KEYCODES_ATSET3] = "atset3", [KEYCODES_OSX] = "os_x", [KEYCODES_XT_KBD] = "xt_kbd", [KEYCODES_USB] = "usb",
    [KEYCODES_WIN32] = "win32", [KEYCODES_QNUM] = "qnum",
};

int
keycode_set_from_name(const char *name)
{
    for (int set = 0; set < KEYCODES_LAST; set++)
        if (g_str_equal(set_names[set], name))
            return set;
    /* The name qnum had before. */
    return g_str_equal(name, "rfb") ? KEYCODES_QNUM : -1;
}

const char *
keycode_set_name(KeycodeSet set)
{
    return (guint)set < KEYCODES_LAST ? set_names[set] : NULL;
}

/* The prefix that names in a set have, and the key's name in it. */
static const char *
keycode_name(const Keycode *key, KeycodeSet set, const char **prefix)
{
    switch (set) {
    case KEYCODES_LINUX:
        *prefix = "KEY_";
        return key->linux_name;
    case KEYCODES_OSX:
        *prefix = "";
        return key->osx_name;
    case KEYCODES_WIN32:
        *prefix = "VK_";
        return key->win32_name;
    default:
        return NULL;
    }
}

int
keycode_from_name(KeycodeSet set, const char *name)
{
    for (gsize i = 0; i < G_N_ELEMENTS(keycodes); i++) {
        const char *prefix = "";
        const char *known = keycode_name(&keycodes[i], set, &prefix);

        if (known && g_str_has_prefix(name, prefix) && g_str_equal(known, name + strlen(prefix)))
            return keycodes[i].codes[set];
    }
    return -1;
}

int
keycode_translate(KeycodeSet from, KeycodeSet to, guint code)
{
    if ((guint)from >= KEYCODES_LAST || (guint)to >= KEYCODES_LAST || code > G_MAXINT32)
        return -1;
    if (from == to)
        return (int)code;
    for (gsize i = 0; i < G_N_ELEMENTS(keycodes); i++)
        if (keycodes[i].codes[from] == (gint32)code && keycodes[i].codes[to] >= 0)
            return keycodes[i].codes[to];
    return -1;
}
