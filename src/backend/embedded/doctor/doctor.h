/* What stands between a host and its first guest: checks, each with what it found and the one command that mends it. */
#pragma once

#include "backend/embedded/capabilities/capabilities.h"

G_BEGIN_DECLS

typedef enum {
    DOCTOR_PASS,
    DOCTOR_WARN,                /* guests run, but something of theirs will not */
    DOCTOR_FAIL,                /* guests do not run, or not as they should */
} DoctorLevel;

typedef struct {
    DoctorLevel level;
    char *text;
    char *fix;                  /* a command, or a sentence where none would do; NULL: nothing to mend */
} Finding;

/* One check. It fills @finding, which is a pass with no text. */
typedef void (*DoctorCheck)(const Capable *capable, Finding *finding);

void finding_set(Finding *finding, DoctorLevel level, const char *format, ...) G_GNUC_PRINTF(3, 4);
/* "sudo " is put before the command for whoever is not root. */
void finding_fix(Finding *finding, const char *format, ...) G_GNUC_PRINTF(2, 3);
/* The fix is to install what brings @thing: "qemu", "qemu-img", "firmware", "swtpm", "virtiofsd", "passt". */
void finding_fix_package(Finding *finding, const Capable *capable, const char *thing);

typedef struct {
    const char *subject;
    DoctorCheck run;
} DoctorItem;

/* Ended by a NULL subject. */
extern const DoctorItem doctor_host_checks[];       /* the kernel and the machine */
extern const DoctorItem doctor_program_checks[];    /* what is installed */

G_END_DECLS
