/* The table of architectures. */
#include "config.h"

#include "model/arch.h"

#include <sys/utsname.h>

static const Arch arches[] = {
    { "alpha", "alpha", 64 }, { "armv6l", "arm", 32 }, { "armv7l", "arm", 32 }, { "aarch64", "aarch64", 64 },
    { "avr", "avr", 16 }, { "cris", "cris", 32 }, { "hppa", "hppa", 32 }, { "i686", "i386", 32 },
    { "loongarch64", "loongarch64", 64 }, { "m68k", "m68k", 32 }, { "microblaze", "microblaze", 32 },
    { "microblazeel", "microblazeel", 32 }, { "mips", "mips", 32 }, { "mipsel", "mipsel", 32 }, { "mips64", "mips64", 64 },
    { "mips64el", "mips64el", 64 }, { "or32", "or1k", 32 }, { "ppc", "ppc", 32 }, { "ppc64", "ppc64", 64 },
    { "ppc64le", "ppc64", 64 }, { "riscv32", "riscv32", 32 }, { "riscv64", "riscv64", 64 }, { "s390x", "s390x", 64 },
    { "sh4", "sh4", 32 }, { "sh4eb", "sh4eb", 32 }, { "sparc", "sparc", 32 }, { "sparc64", "sparc64", 64 },
    { "unicore32", "unicore32", 32 }, { "x86_64", "x86_64", 64 }, { "xtensa", "xtensa", 32 }, { "xtensaeb", "xtensaeb", 32 },
};

guint
arch_count(void)
{
    return G_N_ELEMENTS(arches);
}

const Arch *
arch_nth(guint index)
{
    return &arches[index];
}

const Arch *
arch_find(const char *name)
{
    for (gsize i = 0; i < G_N_ELEMENTS(arches); i++)
        if (g_str_equal(arches[i].name, name))
            return &arches[i];
    return NULL;
}

const char *
arch_host(void)
{
    static struct utsname host;

    if (!*host.machine && uname(&host) < 0)
        return "x86_64";
    /* A 32-bit machine may call itself anything from i386 to i686. */
    if (host.machine[0] == 'i' && g_str_has_suffix(host.machine, "86"))
        return "i686";
    return host.machine;
}

gboolean
arch_is_x86(const char *name)
{
    return g_str_equal(name, "x86_64") || g_str_equal(name, "i686");
}

gboolean
arch_runs(const char *host, const char *guest)
{
    return g_str_equal(host, guest) || (g_str_equal(host, "x86_64") && g_str_equal(guest, "i686"));
}
