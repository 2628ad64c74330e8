/* Where the programs are that run beside a QEMU. */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* The path of virtiofsd, which distributions put outside of PATH; the first place that it could have when it is in none. */
const char *helper_virtiofsd_path(void);

G_END_DECLS
