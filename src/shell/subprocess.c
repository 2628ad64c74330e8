/* Programs that share the user's terminal: the right side of a pipe, `!COMMAND`, the editor. */
#include "shell/internal.h"

#include <errno.h>
#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include "util/error.h"

pid_t
subprocess_spawn(const char *const *argv, int in_fd, int out_fd, GError **error)
{
    posix_spawn_file_actions_t actions;
    posix_spawnattr_t attributes;
    sigset_t defaults;
    pid_t pid;
    int failed;

    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_adddup2(&actions, in_fd, STDIN_FILENO);
    posix_spawn_file_actions_adddup2(&actions, out_fd, STDOUT_FILENO);
    posix_spawnattr_init(&attributes);
    sigemptyset(&defaults);
    sigaddset(&defaults, SIGPIPE);
    posix_spawnattr_setsigdefault(&attributes, &defaults);
    posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGDEF);

    failed = posix_spawnp(&pid, argv[0], &actions, &attributes, (char *const *)argv, environ);
    posix_spawnattr_destroy(&attributes);
    posix_spawn_file_actions_destroy(&actions);
    if (failed) {
        hv_throw_errno(error, failed, "cannot run '%s'", argv[0]);
        return -1;
    }
    return pid;
}

int
subprocess_wait(pid_t pid)
{
    int status;

    while (waitpid(pid, &status, 0) < 0)
        if (errno != EINTR)
            return 127;
    return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

int
subprocess_shell(const char *command, GError **error)
{
    const char *shell = g_getenv("SHELL");
    const char *const with_command[] = { "/bin/sh", "-c", command, NULL };
    const char *const without[] = { shell && *shell ? shell : "/bin/sh", NULL };
    pid_t pid = subprocess_spawn(*command ? with_command : without, STDIN_FILENO, STDOUT_FILENO, error);

    return pid < 0 ? -1 : subprocess_wait(pid);
}
