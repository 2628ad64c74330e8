/* Options that name the emulator, machine and domain type that a question about CPUs is about. */
#pragma once

#include "shell/command.h"

G_BEGIN_DECLS

#define CPU_TARGET_VIRTTYPE(more) \
    { .name = "virttype", .type = CMD_OPT_STRING, .flags = (more), .help = "type of the domain: qemu or kvm", \
      .complete = complete_virt_types }
#define CPU_TARGET_EMULATOR(more) \
    { .name = "emulator", .type = CMD_OPT_STRING, .flags = (more) | CMD_OPT_FILE, .help = "path of the emulator" }
#define CPU_TARGET_ARCH(more) \
    { .name = "arch", .type = CMD_OPT_STRING, .flags = (more), .help = "architecture of the domain", \
      .complete = complete_arches }
#define CPU_TARGET_MACHINE(more) \
    { .name = "machine", .type = CMD_OPT_STRING, .flags = (more), .help = "machine type of the domain", \
      .complete = complete_machines }

char **complete_virt_types(CmdContext *ctx, unsigned flags);
char **complete_arches(CmdContext *ctx, unsigned flags);
/* Those of the architecture that was typed. */
char **complete_machines(CmdContext *ctx, unsigned flags);

/* NULL where not given; borrowed from the command. */
typedef struct {
    char *virttype;
    char *emulator;
    char *arch;
    char *machine;
} CpuTarget;

/* @emulator is the name of the option with the emulator's path. */
gboolean cpu_target_read(CmdContext *ctx, const char *emulator, CpuTarget *target, GError **error) G_GNUC_WARN_UNUSED_RESULT;

G_END_DECLS
