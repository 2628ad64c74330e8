/* Ctrl-C for whoever waits below the shell.
 *
 * The program names a descriptor that becomes readable when the user wants the running operation to stop. Waits that
 * may be given up go through cancel_poll(). A wish to stop is told once: what an operation then does to clean up after
 * itself may wait as usual. One thread. */
#pragma once

#include <glib.h>
#include <poll.h>

G_BEGIN_DECLS

/* Most descriptors that cancel_poll() takes. */
#define CANCEL_MAX_FDS 4

/* Borrowed; -1 (as at the start of the program): nothing stops a wait. */
void cancel_set_fd(int fd);
/* A new operation begins, which may be stopped in its turn. */
void cancel_begin(void);
/* Whether the running operation was told to stop. */
gboolean cancel_told(void);

/* @func is told once in an operation, when its waits have taken @after_ms together: whoever looks on shall know that
 * there is nothing amiss. NULL: nobody is told. */
typedef void (*CancelSlowFunc)(gpointer data);
void cancel_set_slow_func(CancelSlowFunc func, gpointer data, int after_ms);

/* poll() that also ends, with -1 and ECANCELED, when the user wants to stop. */
int cancel_poll(struct pollfd *fds, nfds_t n_fds, int timeout_ms);
/* OPERATION_ABORTED "stopped while waiting for WHAT". Returns FALSE. */
gboolean cancel_throw(GError **error, const char *format, ...) G_GNUC_PRINTF(2, 3);

G_END_DECLS
