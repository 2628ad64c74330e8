#include "util/cancel.h"

#include <errno.h>
#include <unistd.h>

#include "util/error.h"

typedef struct {
    int wish[2];                /* the user's Ctrl-C */
    int wait[2];                /* what is waited for */
} Fixture;

static void
setup(Fixture *f, gconstpointer data)
{
    g_assert_cmpint(pipe(f->wish), ==, 0);
    g_assert_cmpint(pipe(f->wait), ==, 0);
    cancel_set_fd(f->wish[0]);
}

static void
teardown(Fixture *f, gconstpointer data)
{
    cancel_set_fd(-1);
    for (int i = 0; i < 2; i++) {
        close(f->wish[i]);
        close(f->wait[i]);
    }
}

static int
wait_for(const Fixture *f, int timeout_ms)
{
    struct pollfd fds[] = { { .fd = f->wait[0], .events = POLLIN } };

    return cancel_poll(fds, G_N_ELEMENTS(fds), timeout_ms);
}

static void
test_stops_once(Fixture *f, gconstpointer data)
{
    g_assert_cmpint(write(f->wish[1], "!", 1), ==, 1);
    g_assert_cmpint(wait_for(f, 10000), ==, -1);
    g_assert_cmpint(errno, ==, ECANCELED);
    g_assert_true(cancel_told());
    /* cleaning up */
    g_assert_cmpint(wait_for(f, 1), ==, 0);
    /* the next operation, as long as nobody has read the wish */
    cancel_begin();
    g_assert_cmpint(wait_for(f, 10000), ==, -1);
}

static void
test_answer_wins(Fixture *f, gconstpointer data)
{
    g_assert_cmpint(write(f->wish[1], "!", 1), ==, 1);
    g_assert_cmpint(write(f->wait[1], "x", 1), ==, 1);
    g_assert_cmpint(wait_for(f, 10000), ==, 1);
    g_assert_false(cancel_told());
}

static void
test_unwatched(Fixture *f, gconstpointer data)
{
    cancel_set_fd(-1);
    g_assert_cmpint(write(f->wish[1], "!", 1), ==, 1);
    g_assert_cmpint(wait_for(f, 1), ==, 0);
    g_assert_cmpint(cancel_poll(NULL, 0, 1), ==, 0);
}

static void
count(gpointer data)
{
    ++*(int *)data;
}

static void
test_slow(Fixture *f, gconstpointer data)
{
    int told = 0;

    cancel_begin();
    cancel_set_slow_func(count, &told, 20);
    g_assert_cmpint(wait_for(f, 0), ==, 0);
    g_assert_cmpint(told, ==, 0);
    for (int i = 0; i < 30; i++)
        g_assert_cmpint(wait_for(f, 2), ==, 0);
    g_assert_cmpint(told, ==, 1);
    cancel_begin();
    g_assert_cmpint(wait_for(f, 40), ==, 0);
    g_assert_cmpint(told, ==, 2);
    cancel_begin();
    g_assert_cmpint(write(f->wait[1], "x", 1), ==, 1);
    g_assert_cmpint(wait_for(f, -1), ==, 1);
    g_assert_cmpint(told, ==, 2);
    cancel_set_slow_func(NULL, NULL, 0);
    cancel_begin();
    g_assert_cmpint(wait_for(f, -1), ==, 1);
}

static void
test_error(void)
{
    g_autoptr(GError) error = NULL;

    g_assert_false(cancel_throw(&error, "the %s", "monitor"));
    g_assert_error(error, HV_ERROR, HV_ERR_OPERATION_ABORTED);
    g_assert_cmpstr(error->message, ==, "operation aborted: stopped while waiting for the monitor");
}

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add("/cancel/stops-once", Fixture, NULL, setup, test_stops_once, teardown);
    g_test_add("/cancel/answer-wins", Fixture, NULL, setup, test_answer_wins, teardown);
    g_test_add("/cancel/unwatched", Fixture, NULL, setup, test_unwatched, teardown);
    g_test_add("/cancel/slow", Fixture, NULL, setup, test_slow, teardown);
    g_test_add_func("/cancel/error", test_error);
    return g_test_run();
}
