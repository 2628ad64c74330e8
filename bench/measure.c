/* measure COMMAND...: runs it with standard input and output on /dev/null, and prints "NANOSECONDS PEAK_KIB" of that run.
 *
 * Timing this small needs a small parent: a Python that forks takes longer to start a program than the program runs, and its
 * own memory would count as the child's peak (execve carries the old image's high-water mark over, getrusage(2)). */
#define _GNU_SOURCE
#include <fcntl.h>
#include <spawn.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>

extern char **environ;

static long long
now_ns(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return now.tv_sec * 1000000000LL + now.tv_nsec;
}

int
main(int argc, char **argv)
{
    posix_spawn_file_actions_t actions;
    struct rusage usage;
    long long begun;
    pid_t pid;
    int status;
    int failed;

    if (argc < 2)
        return 2;
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0);
    posix_spawn_file_actions_addopen(&actions, 1, "/dev/null", O_WRONLY, 0);

    begun = now_ns();
    failed = posix_spawn(&pid, argv[1], &actions, NULL, argv + 1, environ);
    if (failed) {
        fprintf(stderr, "measure: cannot run '%s': %s\n", argv[1], strerror(failed));
        return 2;
    }
    if (wait4(pid, &status, 0, &usage) != pid)
        return 2;
    printf("%lld %ld\n", now_ns() - begun, usage.ru_maxrss);
    return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}
