/* Key codes: numbers and names of keys in several sets. The codes are those
 * of the Linux input layer (linux/input-event-codes.h), the PC scan codes and the USB HID usage table; the set
 * numbers are libvirt's virKeycodeSet. */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

typedef enum {
    KEYCODES_LINUX = 0,
    KEYCODES_XT = 1,
    KEYCODES_ATSET1 = 2,
    KEYCODES_ATSET2 = 3,
    KEYCODES_ATSET3 = 4,
    KEYCODES_OSX = 5,
    KEYCODES_XT_KBD = 6,
    KEYCODES_USB = 7,
    KEYCODES_WIN32 = 8,
    KEYCODES_QNUM = 9,
    KEYCODES_LAST
} KeycodeSet;

/* "linux", "xt", "atset1" …; -1 when there is no such set. */
int keycode_set_from_name(const char *name);
const char *keycode_set_name(KeycodeSet set);

/* The code of the key called @name in @set ("KEY_LEFTCTRL" in linux, "VK_CONTROL" in win32,
 * "ANSI_A" in os_x); -1 when the set has no names or no such key. */
int keycode_from_name(KeycodeSet set, const char *name);
/* The same key in another set; -1 when it has none there. */
int keycode_translate(KeycodeSet from, KeycodeSet to, guint code);
G_END_DECLS
