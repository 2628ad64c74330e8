/* Lines of scripts and of standard input, read from files that may be anything. */
#pragma once

#include <glib.h>
#include <stdio.h>

G_BEGIN_DECLS

/* Longer than the longest document that a person puts on a line; a wrong file (a disk image) is not read into memory. */
#define LINE_BYTES_MAX 1048576

typedef struct {
    FILE *file;                 /* borrowed */
    const char *name;           /* for messages; borrowed */
    guint number;               /* of the line that was read last, from 1 */
    /* As readline has it, and so virsh: a carriage return ends a line, NUL bytes are passed over. */
    gboolean as_readline;
} LineSource;

/* Appends the next line, without its end, to @line, which grows to LINE_BYTES_MAX. 1: read; 0: end of the file; -1: @error,
 * a read error or HV_ERR_USAGE with name, number and what is wrong with the line: too long, or a NUL byte in it. */
int line_read(LineSource *source, GString *line, GError **error);

G_END_DECLS
