/* Runs a fuzz target without a fuzzer: every seed, then mutations of the seeds that are the same in every run.
 *
 *   fuzz-NAME [--tap] [--seconds N] [--rounds N] [FILE|FOLDER...]
 *
 * Without files, the seeds are those of corpus/NAME in the source tree. A round is one mutation of every seed. The input that broke a
 * promise, or took too long, is left as fuzz-NAME.crash in the working folder; give it as FILE to see it again. */
#include "fuzz.h"

#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define SEED_MAX (1024 * 1024)
#define INPUT_MAX (64 * 1024)
#define INPUT_SECONDS 20
#define DEFAULT_SECONDS 2
#define DEFAULT_ROUNDS 100000

extern void __sanitizer_set_death_callback(void (*func)(void)) __attribute__((weak));

static const uint8_t *current;
static gsize current_size;
static char *crash_path;
static guint64 executions;
static guint64 random_state = 0x9e3779b97f4a7c15u;

/* Only what a signal handler may do. */
static void
keep_current(void)
{
    int fd = open(crash_path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);

    if (fd < 0 || write(fd, current, current_size) < 0)
        return;
    close(fd);
}

static void
on_signal(int number)
{
    static const char slow[] = "this input takes too long\n";

    if (number == SIGALRM && write(STDERR_FILENO, slow, sizeof slow - 1) < 0)
        _exit(1);
    keep_current();
    signal(SIGABRT, SIG_DFL);
    signal(number, SIG_DFL);
    abort();
}

static void
run(const uint8_t *data, gsize size)
{
    /* Of exactly that size, so that the sanitizer sees a read beyond its end. */
    g_autofree uint8_t *copy = g_memdup2(data, size);

    current = copy;
    current_size = size;
    alarm(INPUT_SECONDS);
    LLVMFuzzerTestOneInput(copy ? copy : (const uint8_t *)"", size);
    alarm(0);
    executions++;
}

/* xorshift64* */
static guint
pick(gsize below)
{
    random_state ^= random_state >> 12;
    random_state ^= random_state << 25;
    random_state ^= random_state >> 27;
    return below ? (guint)((random_state * 0x2545f4914f6cdd1du) >> 33) % (guint)below : 0;
}

static GBytes *
pick_seed(GPtrArray *seeds)
{
    return g_ptr_array_index(seeds, pick(seeds->len));
}

/* A piece of some seed. */
static void
insert_piece(GByteArray *input, GPtrArray *seeds, gboolean replace)
{
    gsize size, at = pick(input->len + 1), tail;
    const uint8_t *bytes = g_bytes_get_data(pick_seed(seeds), &size);
    gsize from = pick(size), length = 1 + pick(MIN(size - from, 256));
    g_autofree uint8_t *rest = NULL;

    if (size == 0 || input->len + length > INPUT_MAX)
        return;
    tail = input->len - at;
    if (replace)
        tail -= MIN(tail, length);
    rest = g_memdup2(input->data + input->len - tail, tail);
    g_byte_array_set_size(input, at);
    g_byte_array_append(input, bytes + from, length);
    if (tail)
        g_byte_array_append(input, rest, tail);
}

static void
mutate(GByteArray *input, GPtrArray *seeds)
{
    static const char special[] = "\0\n\r\t \"'\\<>&;/=:,.|#{}[]()-+%0123456789eExX\x01\x7f\x80\xc3\xe2\xff";
    gsize at, length;

    if (input->len == 0) {
        insert_piece(input, seeds, FALSE);
        return;
    }
    at = pick(input->len);
    length = 1 + pick(MIN(input->len - at, 64));
    switch (pick(8)) {
    case 0:
        input->data[at] ^= 1 << pick(8);
        break;
    case 1:
        input->data[at] = (uint8_t)special[pick(sizeof special - 1)];
        break;
    case 2:
        g_byte_array_remove_range(input, at, length);
        break;
    case 3:
        g_byte_array_set_size(input, at);
        break;
    case 4: {
        g_autofree uint8_t *piece = g_memdup2(input->data + at, length);

        for (guint times = 1 + pick(4); times > 0 && input->len + length <= INPUT_MAX; times--)
            g_byte_array_append(input, piece, length);
        break;
    }
    case 5:
        /* Digits are where limits are. */
        for (gsize i = at; i < input->len; i++) {
            if (g_ascii_isdigit(input->data[i])) {
                input->data[i] = (uint8_t)('0' + pick(10));
                break;
            }
        }
        break;
    case 6:
        insert_piece(input, seeds, FALSE);
        break;
    default:
        insert_piece(input, seeds, TRUE);
    }
}

static void
run_mutations(GPtrArray *seeds, guint64 rounds, gint64 end)
{
    for (guint64 round = 0; round < rounds; round++) {
        for (guint i = 0; i < seeds->len; i++) {
            g_autoptr(GByteArray) input = g_byte_array_new();
            gsize size;
            const uint8_t *bytes = g_bytes_get_data(g_ptr_array_index(seeds, i), &size);

            if (g_get_monotonic_time() >= end)
                return;
            g_byte_array_append(input, bytes, MIN(size, INPUT_MAX));
            for (guint times = 1 + pick(6); times > 0; times--)
                mutate(input, seeds);
            run(input->data, input->len);
        }
    }
}

static gboolean
add_file(GPtrArray *seeds, const char *path)
{
    g_autoptr(GError) error = NULL;
    char *text;
    gsize size;

    if (!g_file_get_contents(path, &text, &size, &error)) {
        fprintf(stderr, "%s\n", error->message);
        return FALSE;
    }
    g_ptr_array_add(seeds, g_bytes_new_take(text, MIN(size, SEED_MAX)));
    return TRUE;
}

static int
compare_names(gconstpointer a, gconstpointer b)
{
    return strcmp(*(char *const *)a, *(char *const *)b);
}

static gboolean
add_path(GPtrArray *seeds, const char *path)
{
    g_autoptr(GPtrArray) names = g_ptr_array_new_with_free_func(g_free);
    g_autoptr(GDir) dir = g_dir_open(path, 0, NULL);
    const char *name;

    if (!dir)
        return add_file(seeds, path);
    while ((name = g_dir_read_name(dir)))
        g_ptr_array_add(names, g_build_filename(path, name, NULL));
    g_ptr_array_sort(names, compare_names);
    for (guint i = 0; i < names->len; i++)
        if (!add_file(seeds, g_ptr_array_index(names, i)))
            return FALSE;
    return TRUE;
}

static gboolean
add_own_seeds(GPtrArray *seeds, const char *program)
{
    const char *tests = g_getenv("G_TEST_SRCDIR");
    g_autofree char *path = NULL;

    if (!tests || !g_str_has_prefix(program, "fuzz-")) {
        fprintf(stderr, "%s: no seeds: name files or set G_TEST_SRCDIR to the folder tests\n", program);
        return FALSE;
    }
    path = g_build_filename(tests, "fuzz", "corpus", program + strlen("fuzz-"), NULL);
    return add_path(seeds, path);
}

static void
catch_signals(void)
{
    signal(SIGPIPE, SIG_IGN);
    signal(SIGABRT, on_signal);
    signal(SIGALRM, on_signal);
    if (__sanitizer_set_death_callback)
        __sanitizer_set_death_callback(keep_current);
    else
        signal(SIGSEGV, on_signal);
}

int
main(int argc, char **argv)
{
    g_autofree char *program = g_path_get_basename(argv[0]);
    g_autoptr(GPtrArray) seeds = g_ptr_array_new_with_free_func((GDestroyNotify)g_bytes_unref);
    gint64 start = g_get_monotonic_time(), seconds = DEFAULT_SECONDS;
    guint64 rounds = DEFAULT_ROUNDS;
    gboolean tap = FALSE, named = FALSE, good = TRUE;

    crash_path = g_strconcat(program, ".crash", NULL);
    for (int i = 1; i < argc && good; i++) {
        if (strcmp(argv[i], "--tap") == 0) {
            tap = TRUE;
        } else if (strcmp(argv[i], "--seconds") == 0 && i + 1 < argc) {
            seconds = (gint64)g_ascii_strtoull(argv[++i], NULL, 10);
        } else if (strcmp(argv[i], "--rounds") == 0 && i + 1 < argc) {
            rounds = g_ascii_strtoull(argv[++i], NULL, 10);
        } else {
            good = add_path(seeds, argv[i]);
            named = TRUE;
        }
    }
    if (!good || (!named && !add_own_seeds(seeds, program)))
        return 1;
    if (seeds->len == 0) {
        fprintf(stderr, "%s: no seeds\n", program);
        return 1;
    }
    catch_signals();
    run((const uint8_t *)"", 0);
    for (guint i = 0; i < seeds->len; i++) {
        gsize size;
        const uint8_t *bytes = g_bytes_get_data(g_ptr_array_index(seeds, i), &size);

        run(bytes, size);
    }
    run_mutations(seeds, rounds, start + seconds * G_USEC_PER_SEC);
    if (tap)
        printf("1..1\nok 1 - %s\n", program);
    printf("# %" G_GUINT64_FORMAT " executions of %u seeds in %.1f s\n", executions, seeds->len,
           (double)(g_get_monotonic_time() - start) / G_USEC_PER_SEC);
    g_free(crash_path);
    return 0;
}
