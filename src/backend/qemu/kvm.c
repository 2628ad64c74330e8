/* The KVM probe: one virtual CPU runs a short program to its `hlt`. */
#include "config.h"

#include "backend/qemu/kvm.h"

#include <errno.h>
#include <fcntl.h>
#include <jansson.h>
#include <linux/kvm.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <sys/wait.h>
#include <unistd.h>

#include "util/deadline.h"
#include "util/error.h"
#include "util/json-file.h"
#include "util/log.h"

#define MODULE "qemu.kvm"

#define KVM_CACHE_MAX 4096
/* A probe that failed may have met a busy host: it is made again after this time. */
#define KVM_FAILURE_HOLDS_S 300
/* Where the guest's only page of memory lies; anything page-aligned below 1 MiB does. */
#define KVM_GUEST_PAGE 0x1000
/* Counts down from four million, in 16-bit code: mov ecx, 0x400000; again: dec ecx; jnz again; hlt. A processor does it in a few
 * milliseconds. A /dev/kvm that is emulated itself, as some virtual machines have it, gets through single instructions
 * but interprets them, two million a second: a real guest does not come up on it, and hangs as far as anybody can see. */
static const guint8 kvm_guest_code[] = {
    0x66, 0xb9, 0x00, 0x00, 0x40, 0x00, 0x66, 0x49, 0x75, 0xfc, 0xf4,
};
/* Changes with the program, so that no answer of an older one is believed. */
#define KVM_PROBE_VERSION 2

/* What the child says: where it failed, and why. */
typedef struct {
    int step;               /* of kvm_steps; 0 when all went well */
    int errnum;
} KvmAnswer;

static const char *const kvm_steps[] = {
    "", "open", "KVM_GET_API_VERSION", "KVM_CREATE_VM", "memory for the guest", "KVM_CREATE_VCPU", "the CPU's state",
    "KVM_RUN",
};

/* --- in the child ---------------------------------------------------------------------------------------- */

static KvmAnswer
kvm_failed(int step)
{
    return (KvmAnswer){ .step = step, .errnum = errno };
}

static KvmAnswer
kvm_run_guest(int kvm)
{
    struct kvm_userspace_memory_region region = {
        .guest_phys_addr = KVM_GUEST_PAGE, .memory_size = 4096,
    };
    struct kvm_sregs sregs;
    struct kvm_regs regs;
    struct kvm_run *run;
    guint8 *page;
    int vm, cpu, run_size;

    if (ioctl(kvm, KVM_GET_API_VERSION, 0) != KVM_API_VERSION)
        return kvm_failed(2);
    vm = ioctl(kvm, KVM_CREATE_VM, 0);
    if (vm < 0)
        return kvm_failed(3);
    page = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (page == MAP_FAILED)
        return kvm_failed(4);
    memcpy(page, kvm_guest_code, sizeof kvm_guest_code);
    region.userspace_addr = (guint64)(guintptr)page;
    if (ioctl(vm, KVM_SET_USER_MEMORY_REGION, &region) < 0)
        return kvm_failed(4);
    cpu = ioctl(vm, KVM_CREATE_VCPU, 0);
    run_size = ioctl(kvm, KVM_GET_VCPU_MMAP_SIZE, 0);
    if (cpu < 0 || run_size < (int)sizeof(*run))
        return kvm_failed(5);
    run = mmap(NULL, (gsize)run_size, PROT_READ | PROT_WRITE, MAP_SHARED, cpu, 0);
    if (run == MAP_FAILED || ioctl(cpu, KVM_GET_SREGS, &sregs) < 0 || ioctl(cpu, KVM_GET_REGS, &regs) < 0)
        return kvm_failed(6);
#if defined(__x86_64__) || defined(__i386__)
    sregs.cs.base = 0;
    sregs.cs.selector = 0;
    regs.rip = KVM_GUEST_PAGE;
    regs.rflags = 2;        /* the bit that is always set */
    if (ioctl(cpu, KVM_SET_SREGS, &sregs) < 0 || ioctl(cpu, KVM_SET_REGS, &regs) < 0)
        return kvm_failed(6);
    errno = 0;
    if (ioctl(cpu, KVM_RUN, 0) < 0 || run->exit_reason != KVM_EXIT_HLT)
        return kvm_failed(7);
#endif
    return (KvmAnswer){ 0 };
}

static void G_GNUC_NORETURN
kvm_child(const char *device, int timeout_ms, int answer_fd)
{
    KvmAnswer answer;
    int kvm;

    /* A child that hangs for good must hold nothing of the one who asked: no lock, and no pipe whose reader waits for
     * its end. */
    if (answer_fd > 0)
        close_range(0, (guint)answer_fd - 1, 0);
    close_range((guint)answer_fd + 1, ~0U, 0);
    /* Ends it should the one who asked be gone by then. */
    signal(SIGALRM, SIG_DFL);
    alarm((guint)timeout_ms / 1000 + 1);
    kvm = open(device, O_RDWR | O_CLOEXEC);
    answer = kvm < 0 ? kvm_failed(1) : kvm_run_guest(kvm);
    if (write(answer_fd, &answer, sizeof(answer)) != (ssize_t)sizeof(answer))
        _exit(1);
    _exit(0);
}

/* --- in the parent --------------------------------------------------------------------------------------- */

/* An open that waits for nothing tells what needs no child. */
static gboolean
kvm_check_node(const char *device, KvmState *state, char **detail)
{
    struct stat st;
    int errnum;

    if (stat(device, &st) == 0 && access(device, R_OK | W_OK) == 0)
        return TRUE;
    errnum = errno;
    *state = errnum == EACCES || errnum == EPERM ? KVM_DENIED : KVM_ABSENT;
    if (*state == KVM_DENIED)
        *detail = g_strdup_printf("%s cannot be opened: %s", device, g_strerror(errnum));
    else
        *detail = g_strdup_printf("%s does not exist: the processor's virtualization is off or not passed on, "
                                  "or the kvm module is not loaded", device);
    return FALSE;
}

/* The deadline holds for the whole probe. The child is reaped by a process in between that nobody waits for: it may
 * hang in the kernel where not even SIGKILL reaches it. */
static gboolean
kvm_ask_child(const char *device, int timeout_ms, KvmAnswer *answer, gboolean *timed_out)
{
    gint64 deadline = deadline_after(timeout_ms);
    int pipe_fds[2], pid_fds[2];
    gboolean answered = FALSE, started = FALSE;
    pid_t between, child = 0;
    int status;

    *timed_out = FALSE;
    if (pipe2(pipe_fds, O_CLOEXEC) < 0)
        return FALSE;
    if (pipe2(pid_fds, O_CLOEXEC) < 0) {
        close(pipe_fds[0]);
        close(pipe_fds[1]);
        return FALSE;
    }
    between = fork();
    if (between == 0) {
        child = fork();
        if (child == 0) {
            close(pid_fds[1]);
            kvm_child(device, timeout_ms, pipe_fds[1]);
        }
        _exit(write(pid_fds[1], &child, sizeof(child)) == (ssize_t)sizeof(child) && child > 0 ? 0 : 1);
    }
    close(pipe_fds[1]);
    close(pid_fds[1]);
    if (between > 0) {
        waitpid(between, &status, 0);
        started = read(pid_fds[0], &child, sizeof(child)) == (ssize_t)sizeof(child) && child > 0;
    }
    if (started) {
        struct pollfd pfd = { .fd = pipe_fds[0], .events = POLLIN };
        int ready;

        do
            ready = poll(&pfd, 1, deadline_remaining_ms(deadline));
        while (ready < 0 && errno == EINTR);
        *timed_out = ready == 0;
        answered = ready > 0 && read(pipe_fds[0], answer, sizeof(*answer)) == (ssize_t)sizeof(*answer);
        if (!answered)
            kill(child, SIGKILL);
    }
    close(pipe_fds[0]);
    close(pid_fds[0]);
    return answered;
}

KvmState
kvm_probe(const char *device, int timeout_ms, char **detail)
{
    g_autofree char *text = NULL;
    KvmState state = KVM_USABLE;
    KvmAnswer answer = { 0 };
    gboolean timed_out;

    if (!kvm_check_node(device, &state, &text)) {
        if (detail)
            *detail = g_steal_pointer(&text);
        return state;
    }
    if (!kvm_ask_child(device, timeout_ms, &answer, &timed_out)) {
        state = timed_out ? KVM_HANGS : KVM_BROKEN;
        text = timed_out ? g_strdup_printf("%s opens, but a guest hangs on it: a few million instructions were not done "
                                           "within %.1f s", device, timeout_ms / 1000.0)
                         : g_strdup_printf("the probe of %s ended without an answer", device);
    } else if (answer.step) {
        gsize step = CLAMP(answer.step, 1, (int)G_N_ELEMENTS(kvm_steps) - 1);

        state = step == 1 && (answer.errnum == EACCES || answer.errnum == EPERM) ? KVM_DENIED : KVM_BROKEN;
        text = g_strdup_printf("%s does not work: %s: %s", device, kvm_steps[step],
                               answer.errnum ? g_strerror(answer.errnum) : "the guest did not halt");
    }
    if (detail)
        *detail = g_steal_pointer(&text);
    return state;
}

/* --- the cache ------------------------------------------------------------------------------------------- */

/* The answer holds for this boot and this device node; a bad one for a while only. */
static json_t *
kvm_key(const char *device)
{
    g_autofree char *boot_id = NULL;
    struct stat st;

    if (stat(device, &st) < 0 || !g_file_get_contents("/proc/sys/kernel/random/boot_id", &boot_id, NULL, NULL))
        return NULL;
    return json_pack("{s:i,s:s,s:s,s:I,s:I,s:I}", "probe", KVM_PROBE_VERSION, "boot", g_strstrip(boot_id), "device", device, "number",
                     (json_int_t)st.st_rdev, "mtime", (json_int_t)st.st_mtim.tv_sec, "inode", (json_int_t)st.st_ino);
}

static gboolean
kvm_cache_read(const char *path, json_t *key, KvmState *state, char **detail)
{
    struct stat st;
    json_t *root;
    int number = -1;
    const char *text = NULL;
    gboolean found = FALSE, fresh;

    if (stat(path, &st) < 0)
        return FALSE;
    fresh = ABS(g_get_real_time() / G_USEC_PER_SEC - st.st_mtim.tv_sec) < KVM_FAILURE_HOLDS_S;
    root = json_file_read(AT_FDCWD, path, NULL, KVM_CACHE_MAX, 0, NULL);
    if (json_equal(json_object_get(root, "key"), key) &&
        json_unpack(root, "{s:i,s?s}", "state", &number, "detail", &text) == 0 && number >= KVM_USABLE &&
        number <= KVM_BROKEN && (number == KVM_USABLE || fresh)) {
        *state = (KvmState)number;
        *detail = g_strdup(text);
        found = TRUE;
    }
    json_decref(root);
    return found;
}

static void
kvm_cache_write(const char *path, json_t *key, KvmState state, const char *detail)
{
    g_autofree char *folder = g_path_get_dirname(path);
    json_t *root = json_pack("{s:O,s:i}", "key", key, "state", (int)state);
    char *text;

    if (detail)
        json_object_set_new(root, "detail", json_string(detail));
    text = json_dumps(root, JSON_COMPACT);
    if (text && g_mkdir_with_parents(folder, 0700) == 0)
        g_file_set_contents_full(path, text, -1, G_FILE_SET_CONTENTS_CONSISTENT, 0600, NULL);
    free(text);
    json_decref(root);
}

KvmState
kvm_check(const char *device, const char *cache_dir, char **detail)
{
    g_autofree char *text = NULL;
    g_autofree char *path = cache_dir ? g_build_filename(cache_dir, "capabilities", "kvm.json", NULL) : NULL;
    KvmState state = KVM_USABLE;
    json_t *key = NULL;

    if (kvm_check_node(device, &state, &text)) {
        key = path ? kvm_key(device) : NULL;
        if (key && kvm_cache_read(path, key, &state, &text)) {
            HV_DEBUG(MODULE, "%s: hit: %s", device, text ? text : "usable");
        } else {
            gint64 began = g_get_monotonic_time();

            state = kvm_probe(device, KVM_PROBE_TIMEOUT_MS, &text);
            HV_DEBUG(MODULE, "%s tried for %" G_GINT64_FORMAT " us: %s", device, g_get_monotonic_time() - began,
                     text ? text : "usable");
            if (key && state != KVM_DENIED && state != KVM_ABSENT)
                kvm_cache_write(path, key, state, text);
        }
        json_decref(key);
    }
    if (detail)
        *detail = g_steal_pointer(&text);
    return state;
}

gboolean
kvm_require(const char *device, const char *cache_dir, GError **error)
{
    g_autofree char *detail = NULL;

    if (kvm_check(device, cache_dir, &detail) == KVM_USABLE)
        return TRUE;
    hv_throw(error, HV_ERR_CONFIG_UNSUPPORTED, "KVM is not usable on this host: %s; type='qemu' works without it", detail);
    hv_error_set_source(error, HV_FROM_QEMU);
    hv_error_set_hint(error, "%s", KVM_HINT);
    return FALSE;
}
