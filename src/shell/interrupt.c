/* Ctrl-C: a pipe that becomes readable, for whoever waits in poll(). */
#include "shell/internal.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <unistd.h>

static int interrupt_pipe[2] = { -1, -1 };
static volatile sig_atomic_t interrupt_seen;

static void
on_interrupt(int signum)
{
    int saved = errno;

    interrupt_seen = 1;
    if (write(interrupt_pipe[1], "!", 1) < 0) {
        /* The pipe is full: it is readable already. */
    }
    errno = saved;
}

gboolean
interrupt_catch(void)
{
    struct sigaction action = { .sa_handler = on_interrupt };

    if (interrupt_pipe[0] >= 0)
        return TRUE;
    if (pipe2(interrupt_pipe, O_CLOEXEC | O_NONBLOCK) < 0)
        return FALSE;
    sigemptyset(&action.sa_mask);
    return sigaction(SIGINT, &action, NULL) == 0;
}

void
interrupt_raise(void)
{
    if (interrupt_pipe[1] >= 0)
        on_interrupt(SIGINT);
    interrupt_seen = 1;
}

int
interrupt_fd(void)
{
    if (interrupt_pipe[0] < 0 && interrupt_catch() && interrupt_seen)
        interrupt_raise();
    return interrupt_pipe[0];
}

gboolean
interrupt_pending(void)
{
    return interrupt_seen;
}

void
interrupt_reset(void)
{
    char drop[64];

    interrupt_seen = 0;
    if (interrupt_pipe[0] < 0)
        return;
    while (read(interrupt_pipe[0], drop, sizeof drop) > 0)
        ;
}

gboolean
shell_interrupted(Shell *shell)
{
    return interrupt_pending();
}

int
shell_interrupt_fd(Shell *shell)
{
    return interrupt_fd();
}
