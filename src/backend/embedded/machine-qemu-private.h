/* What the files of the QEMU machine share. */
#pragma once

#include "backend/embedded/machine-qemu.h"
#include "backend/embedded/supervisor-client.h"
#include "backend/qemu/qmp.h"

G_BEGIN_DECLS

typedef struct {
    Machine base;
    const Paths *paths;
    Store *store;
    QemuFacts *facts;
    const Host *host;
} MachineQemu;

#define MACHINE_TIMEOUT_MS 30000

/* machine-helpers.c */
GPtrArray *machine_qemu_logs(Machine *base, const StoreDomain *domain);

/* machine-tpm.c */
gboolean machine_qemu_forget_tpm(Machine *base, const StoreDomain *domain, const xmlDoc *doc, gboolean keep, gboolean remove,
                                 char **folder, GError **error);

/* machine-start.c */
gboolean machine_qemu_start(Machine *base, const MachineStart *start, GError **error);
GPtrArray *machine_qemu_query_ptys(QmpConn *conn, GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* machine-plan.c */
char *machine_qemu_plan(Machine *base, const MachineStart *start, GError **error);
char *machine_qemu_native(Machine *base, const MachineStart *start, GError **error);
GPtrArray *machine_qemu_explain(Machine *base, const MachineStart *start, GError **error);

/* machine-console.c */
int machine_qemu_console(Machine *base, const StoreDomain *domain, const xmlNode *device, gboolean force, gboolean safe,
                         GError **error);
char *machine_qemu_console_log(Machine *base, const StoreDomain *domain, xmlDoc *live, guint64 *offset, GError **error);
/* Has the output of the first serial console that records nothing go to RUN/qemu/NAME/console.log too. */
void machine_qemu_record_console(MachineQemu *machine, const char *name, xmlDoc *doc);
/* Writes down how much of the console's recording is of earlier runs. The runtime folder is there. */
gboolean machine_qemu_mark_console(MachineQemu *machine, const char *name, const xmlDoc *doc, GError **error);

/* machine-nvram.c */
void machine_qemu_complete(Machine *base, xmlDoc *doc);
gboolean machine_qemu_nvram_exists(Machine *base, const xmlDoc *doc, char **path);
/* Makes the variable store of UEFI firmware from its template where it is missing (or is to be reset). *@made: the path of
 * one that was not there before; a new string. */
gboolean machine_qemu_make_nvram(const MachineStart *start, char **made, GError **error);

G_END_DECLS
