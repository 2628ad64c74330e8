/* A QEMU that only speaks QMP, for faults, races and scale. It takes libvirt's kind of command line, finds its monitor there
 * (-chardev socket,id=charmonitor,fd=N | path=P, or -qmp unix:P / stdio) and plays a machine with CPUs that run or not.
 *
 * HVSH_FAKE_QEMU holds its part: directives separated by ';' or line ends (a value that begins with '@' names a file of
 * them).
 *   die-at-once MESSAGE        writes it to stderr and exits with 1
 *   die-after N                exits with 1 instead of answering the Nth command after the negotiation
 *   kill-after N               the same with SIGKILL to itself
 *   stall-greeting             accepts, and never says anything
 *   rubbish                    greets with something that is not QMP
 *   rubbish-after N            answers the Nth command like that
 *   stall COMMAND              never answers that command, nor any after it
 *   error COMMAND CLASS TEXT   refuses that command
 *   answer COMMAND JSON        answers it with {"return": JSON}
 *   event COMMAND JSON         sends that event (an object with "event") after answering the command
 *   ignore-term                SIGTERM does nothing
 *   ignore-powerdown           the guest does not react to system_powerdown
 *   argv-file PATH             writes its argv there, one argument a line
 *
 * Any command that the script does not know and the machine does not either is answered with {}. */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>
#include <unistd.h>

#include <jansson.h>

typedef struct {
    char *verb;
    char *rest;
} Directive;

#define MAX_DIRECTIVES 64

static Directive directives[MAX_DIRECTIVES];
static int n_directives;

static int listener = -1;       /* of the monitor */
static int link_fd = -1;        /* the one connection */
static int out_fd = -1;
static char *input;
static size_t input_length;
static int negotiated;
static int commands;            /* since the first negotiation */
static int stalled;
static int received_fds[16];
static int n_received_fds;

static const char *run_state = "prelaunch";
static int running;
static int no_shutdown;
static int reset_means_shutdown;
static const char *machine_uuid = "00000000-0000-0000-0000-000000000000";
static const char *machine_name = "fake";

static void
add_directives(char *text)
{
    char *save = NULL;

    for (char *line = strtok_r(text, ";\n", &save); line && n_directives < MAX_DIRECTIVES; line = strtok_r(NULL, ";\n", &save)) {
        char *rest;

        line += strspn(line, " \t");
        if (*line == '\0' || *line == '#')
            continue;
        rest = line + strcspn(line, " \t");
        if (*rest)
            *rest++ = '\0';
        directives[n_directives++] = (Directive){ line, rest };
    }
}

static char *
read_file(const char *path)
{
    char *text = calloc(1, 65536);
    int fd = open(path, O_RDONLY);

    if (fd < 0 || read(fd, text, 65535) < 0) {
        fprintf(stderr, "fake-qemu: cannot read %s\n", path);
        exit(1);
    }
    close(fd);
    return text;
}

static void
load_script(void)
{
    const char *script = getenv("HVSH_FAKE_QEMU");

    if (script && *script)
        add_directives(*script == '@' ? read_file(script + 1) : strdup(script));
}

static const char *
directive(const char *verb)
{
    for (int i = 0; i < n_directives; i++)
        if (strcmp(directives[i].verb, verb) == 0)
            return directives[i].rest;
    return NULL;
}

/* The next directive after @from with that verb whose first word is @command; its words after that in @rest. */
static int
directive_for(int from, const char *verb, const char *command, const char **rest)
{
    size_t length = strlen(command);

    for (int i = from; i < n_directives; i++) {
        const char *text = directives[i].rest;

        if (strcmp(directives[i].verb, verb) != 0 || strncmp(text, command, length) != 0
            || (text[length] != '\0' && text[length] != ' '))
            continue;
        *rest = text + length + strspn(text + length, " ");
        return i + 1;
    }
    return 0;
}

static int
directive_number(const char *verb)
{
    const char *rest = directive(verb);

    return rest ? atoi(rest) : -1;
}

static void
send_text(const char *text)
{
    size_t length = strlen(text);

    while (length > 0) {
        ssize_t sent = write(out_fd, text, length);

        if (sent < 0 && errno == EINTR)
            continue;
        if (sent < 0)
            return;
        text += sent;
        length -= (size_t)sent;
    }
}

static void
send_json(json_t *json)
{
    char *text = json_dumps(json, JSON_COMPACT | JSON_PRESERVE_ORDER);

    if (out_fd >= 0) {
        send_text(text);
        send_text("\r\n");
    }
    free(text);
    json_decref(json);
}

static json_t *
timestamp(void)
{
    struct timeval now;

    gettimeofday(&now, NULL);
    return json_pack("{s:I, s:I}", "seconds", (json_int_t)now.tv_sec, "microseconds", (json_int_t)now.tv_usec);
}

static void
send_event(const char *name, json_t *data)
{
    json_t *event = json_pack("{s:o, s:s}", "timestamp", timestamp(), "event", name);

    if (data)
        json_object_set_new(event, "data", data);
    if (negotiated)
        send_json(event);
    else
        json_decref(event);
}

static void
stop_cpus(const char *state)
{
    if (running)
        send_event("STOP", NULL);
    running = 0;
    run_state = state;
}

static void
machine_shutdown(int by_guest, const char *reason)
{
    send_event("SHUTDOWN", json_pack("{s:b, s:s}", "guest", by_guest, "reason", reason));
    if (!no_shutdown || !by_guest)
        exit(0);
    stop_cpus("shutdown");
}

static void
machine_reset(int by_guest)
{
    const char *reason = by_guest ? "guest-reset" : "host-qmp-system-reset";

    if (reset_means_shutdown && by_guest) {
        machine_shutdown(1, reason);
        return;
    }
    send_event("RESET", json_pack("{s:b, s:s}", "guest", by_guest, "reason", reason));
    if (!running)
        run_state = "prelaunch";
}

static json_t *
failure(const char *class, const char *text)
{
    return json_pack("{s:{s:s, s:s}}", "error", "class", class, "desc", text);
}

static json_t *
done(json_t *value)
{
    return json_pack("{s:o}", "return", value ? value : json_object());
}

static json_t *
screendump(json_t *arguments)
{
    const char *path = json_string_value(json_object_get(arguments, "filename"));
    FILE *file = path ? fopen(path, "w") : NULL;

    if (!file)
        return failure("GenericError", "failed to open file");
    fputs("P6\n1 1\n255\n", file);
    fwrite("\0\0\0", 1, 3, file);
    fclose(file);
    return done(NULL);
}

/* getfd and add-fd say what they got, so that a test can see that it was the right descriptor. */
static json_t *
take_fd(const char *command)
{
    char path[64], target[4096];
    ssize_t length;
    json_t *answer;
    int fd;

    if (n_received_fds == 0)
        return failure("GenericError", "No file descriptor supplied via SCM_RIGHTS");
    fd = received_fds[0];
    memmove(received_fds, received_fds + 1, sizeof(int) * (size_t)--n_received_fds);
    snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
    length = readlink(path, target, sizeof target - 1);
    target[length > 0 ? length : 0] = '\0';
    answer = strcmp(command, "add-fd") == 0 ? json_pack("{s:i, s:i, s:s}", "fdset-id", 0, "fd", fd, "fake-path", target)
                                            : json_pack("{s:s}", "fake-path", target);
    return done(answer);
}

/* What qom-list-types tells: enough for ordinary machines. */
static const char *const device_types[] = {
    "AC97", "ES1370", "VGA", "ahci", "am53c974", "cirrus-vga", "e1000", "e1000e", "floppy", "hda-duplex",
    "i82801b11-bridge", "ich9-ahci", "ich9-intel-hda", "ich9-usb-ehci1", "ich9-usb-uhci1", "ich9-usb-uhci2",
    "ich9-usb-uhci3", "ide-cd", "ide-hd", "isa-debugcon", "isa-serial", "lsi53c895a", "megasas", "nec-usb-xhci",
    "pci-bridge", "pci-ohci", "pcie-pci-bridge", "pcie-root-port", "piix3-usb-uhci", "piix4-usb-uhci", "pvpanic",
    "pxb", "pxb-pcie", "qemu-xhci", "rtl8139", "scsi-cd", "scsi-hd", "sga", "usb-ehci", "usb-hub", "usb-kbd",
    "usb-mouse", "usb-storage", "usb-tablet", "virtconsole", "virtio-9p-pci", "virtio-balloon-pci", "virtio-blk-pci",
    "virtio-gpu-pci", "virtio-keyboard-pci", "virtio-mouse-pci", "virtio-net-pci", "virtio-rng-pci",
    "virtio-scsi-pci", "virtio-serial-pci", "virtio-tablet-pci", "virtio-vga", "virtserialport", "vmware-svga",
    "vmxnet3",
};

static json_t *
list_types(void)
{
    json_t *types = json_array();

    for (size_t i = 0; i < sizeof device_types / sizeof *device_types; i++)
        json_array_append_new(types, json_pack("{s:s, s:s}", "name", device_types[i], "parent", "device"));
    return done(types);
}

static json_t *
execute(const char *command, json_t *arguments)
{
    if (strcmp(command, "query-status") == 0)
        return done(json_pack("{s:s, s:b, s:b}", "status", run_state, "running", running, "singlestep", 0));
    if (strcmp(command, "stop") == 0) {
        stop_cpus("paused");
        return done(NULL);
    }
    if (strcmp(command, "cont") == 0) {
        if (strcmp(run_state, "shutdown") == 0 || strcmp(run_state, "guest-panicked") == 0)
            return failure("GenericError", "Resetting the Virtual Machine is required");
        if (!running) {
            running = 1;
            run_state = "running";
            send_event("RESUME", NULL);
        }
        return done(NULL);
    }
    if (strcmp(command, "system_reset") == 0) {
        machine_reset(0);
        return done(NULL);
    }
    if (strcmp(command, "system_wakeup") == 0) {
        send_event("WAKEUP", NULL);
        return done(NULL);
    }
    if (strcmp(command, "set-action") == 0) {
        const char *reboot = json_string_value(json_object_get(arguments, "reboot"));

        reset_means_shutdown = reboot ? strcmp(reboot, "shutdown") == 0 : reset_means_shutdown;
        return done(NULL);
    }
    if (strcmp(command, "screendump") == 0)
        return screendump(arguments);
    if (strcmp(command, "getfd") == 0 || strcmp(command, "add-fd") == 0)
        return take_fd(command);
    if (strcmp(command, "query-version") == 0)
        return done(json_pack("{s:{s:i, s:i, s:i}, s:s}", "qemu", "micro", 0, "minor", 2, "major", 7, "package", "fake"));
    if (strcmp(command, "query-uuid") == 0)
        return done(json_pack("{s:s}", "UUID", machine_uuid));
    if (strcmp(command, "query-name") == 0)
        return done(json_pack("{s:s}", "name", machine_name));
    if (strcmp(command, "query-target") == 0)
        return done(json_pack("{s:s}", "arch", "x86_64"));
    if (strcmp(command, "query-kvm") == 0)
        return done(json_pack("{s:b, s:b}", "enabled", 0, "present", 0));
    if (strcmp(command, "query-balloon") == 0)
        return done(json_pack("{s:I}", "actual", (json_int_t)134217728));
    if (strcmp(command, "query-machines") == 0)
        return done(json_pack("[{s:b, s:s, s:b, s:i, s:b, s:s, s:s}, {s:b, s:s, s:b, s:i, s:b, s:s}]",
                              "hotpluggable-cpus", 1, "name", "pc-q35-7.2", "numa-mem-supported", 0, "cpu-max", 288,
                              "deprecated", 0, "alias", "q35", "default-ram-id", "pc.ram",
                              "hotpluggable-cpus", 1, "name", "pc-i440fx-7.2", "is-default", 1, "cpu-max", 255,
                              "deprecated", 0, "alias", "pc"));
    if (strcmp(command, "query-cpu-definitions") == 0)
        return done(json_pack("[{s:s, s:s, s:b, s:[], s:b}, {s:s, s:s, s:b, s:[], s:b}]",
                              "name", "qemu64", "typename", "qemu64-x86_64-cpu", "static", 0, "unavailable-features",
                              "migration-safe", 1, "name", "max", "typename", "max-x86_64-cpu", "static", 0,
                              "unavailable-features", "migration-safe", 0));
    if (strcmp(command, "human-monitor-command") == 0)
        return done(json_string(""));
    if (strcmp(command, "qom-list-types") == 0)
        return list_types();
    if (strncmp(command, "query-", 6) == 0 || strcmp(command, "qom-list") == 0 || strcmp(command, "device-list-properties") == 0)
        return done(json_array());
    return done(NULL);
}

static json_t *
scripted(const char *command)
{
    char class[64], *words;
    const char *rest;
    int length = 0;
    json_t *value;

    if (directive_for(0, "error", command, &rest)) {
        if (sscanf(rest, "%63s %n", class, &length) < 1)
            return failure("GenericError", "scripted error");
        return failure(class, rest + length);
    }
    if (!directive_for(0, "answer", command, &rest))
        return NULL;
    words = strdup(rest);
    value = json_loads(words, JSON_DECODE_ANY, NULL);
    free(words);
    return done(value);
}

static void
after_command(const char *command)
{
    const char *rest;

    for (int next = 0; (next = directive_for(next, "event", command, &rest));) {
        json_t *event = json_loads(rest, 0, NULL);
        const char *name = json_string_value(json_object_get(event, "event"));
        json_t *data = json_incref(json_object_get(event, "data"));

        if (name && strcmp(name, "GUEST_PANICKED") == 0) {
            send_event(name, data);
            stop_cpus("guest-panicked");
        } else if (name && strcmp(name, "RESET") == 0) {
            json_decref(data);
            machine_reset(1);
        } else if (name && strcmp(name, "STOP") == 0) {
            stop_cpus("paused");
        } else if (name) {
            send_event(name, data);
        }
        json_decref(event);
    }
    if (strcmp(command, "quit") == 0)
        machine_shutdown(0, "host-qmp-quit");
    if (strcmp(command, "system_powerdown") == 0) {
        send_event("POWERDOWN", NULL);
        if (running && !directive("ignore-powerdown"))
            machine_shutdown(1, "guest-shutdown");
    }
}

static void
take_command(json_t *message)
{
    const char *command = json_string_value(json_object_get(message, "execute")), *rest;
    json_t *id = json_object_get(message, "id"), *reply;

    if (!command) {
        reply = failure("GenericError", "QMP input lacks member 'execute'");
    } else if (strcmp(command, "qmp_capabilities") == 0) {
        reply = negotiated ? failure("CommandNotFound", "Capabilities negotiation is already complete, command ignored") : done(NULL);
        negotiated = 1;
    } else if (!negotiated) {
        reply = failure("CommandNotFound", "Expecting capabilities negotiation with 'qmp_capabilities'");
    } else {
        commands++;
        if (commands == directive_number("die-after")) {
            fprintf(stderr, "fake-qemu: died at '%s' as told\n", command);
            exit(1);
        }
        if (commands == directive_number("kill-after"))
            raise(SIGKILL);
        if (commands == directive_number("rubbish-after")) {
            send_text("!!! this is not QMP !!!\r\n");
            return;
        }
        if (directive_for(0, "stall", command, &rest)) {
            stalled = 1;
            return;
        }
        reply = scripted(command);
        if (!reply)
            reply = execute(command, json_object_get(message, "arguments"));
    }
    if (id)
        json_object_set(reply, "id", id);
    send_json(reply);
    if (command)
        after_command(command);
}

/* The length of the first whole object in the input, 0 when there is none. */
static size_t
whole_message(void)
{
    int depth = 0, in_string = 0;

    for (size_t i = 0; i < input_length; i++) {
        char c = input[i];

        if (in_string) {
            if (c == '\\')
                i++;
            else if (c == '"')
                in_string = 0;
        } else if (c == '"') {
            in_string = 1;
        } else if (c == '{') {
            depth++;
        } else if (c == '}' && --depth == 0) {
            return i + 1;
        }
    }
    return 0;
}

static void
close_link(void)
{
    if (link_fd >= 0 && link_fd != STDIN_FILENO)
        close(link_fd);
    else if (link_fd == STDIN_FILENO)
        exit(0);
    link_fd = out_fd = -1;
    input_length = 0;
    negotiated = stalled = 0;
}

static ssize_t
receive(char *buffer, size_t size)
{
    union {
        char space[CMSG_SPACE(sizeof(int) * 16)];
        struct cmsghdr align;
    } control;
    struct iovec vector = { buffer, size };
    struct msghdr header = { .msg_iov = &vector, .msg_iovlen = 1, .msg_control = &control, .msg_controllen = sizeof control };
    ssize_t got = recvmsg(link_fd, &header, MSG_CMSG_CLOEXEC);

    if (got < 0 && errno == ENOTSOCK)
        return read(link_fd, buffer, size);
    for (struct cmsghdr *part = got > 0 ? CMSG_FIRSTHDR(&header) : NULL; part; part = CMSG_NXTHDR(&header, part)) {
        size_t count = (part->cmsg_len - CMSG_LEN(0)) / sizeof(int);

        for (size_t i = 0; i < count && n_received_fds < 16; i++)
            memcpy(&received_fds[n_received_fds++], CMSG_DATA(part) + i * sizeof(int), sizeof(int));
    }
    return got;
}

static void
read_link(void)
{
    char buffer[65536];
    ssize_t got = receive(buffer, sizeof buffer);
    size_t length;

    if (got < 0 && (errno == EINTR || errno == EAGAIN))
        return;
    if (got <= 0) {
        close_link();
        return;
    }
    input = realloc(input, input_length + (size_t)got);
    memcpy(input + input_length, buffer, (size_t)got);
    input_length += (size_t)got;
    while (!stalled && link_fd >= 0 && (length = whole_message()) > 0) {
        json_t *message = json_loadb(input, length, 0, NULL);

        memmove(input, input + length, input_length - length);
        input_length -= length;
        if (message)
            take_command(message);
        else
            send_json(failure("GenericError", "JSON parse error"));
        json_decref(message);
    }
}

static void
greet(void)
{
    if (directive("stall-greeting")) {
        stalled = 1;
        return;
    }
    if (directive("rubbish")) {
        send_text("SSH-2.0-OpenSSH_9.2p1 Debian-2\r\n");
        return;
    }
    send_json(json_pack("{s:{s:{s:{s:i, s:i, s:i}, s:s}, s:[s]}}", "QMP", "version", "qemu", "micro", 0, "minor", 2, "major", 7,
                        "package", "fake", "capabilities", "oob"));
}

static int
listen_at(const char *path)
{
    struct sockaddr_un address = { .sun_family = AF_UNIX };
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

    strncpy(address.sun_path, path, sizeof address.sun_path - 1);
    unlink(path);
    if (bind(fd, (struct sockaddr *)&address, sizeof address) < 0 || listen(fd, 1) < 0) {
        fprintf(stderr, "fake-qemu: cannot listen at %s: %s\n", path, strerror(errno));
        exit(1);
    }
    return fd;
}

/* The value of NAME= in a comma-separated option; a new string or NULL. */
static char *
option_value(const char *option, const char *name)
{
    size_t length = strlen(name);

    for (const char *at = option; at; at = strchr(at, ',') ? strchr(at, ',') + 1 : NULL)
        if (strncmp(at, name, length) == 0 && at[length] == '=')
            return strndup(at + length + 1, strcspn(at + length + 1, ","));
    return NULL;
}

static void
take_chardev(const char *option)
{
    char *id = option_value(option, "id"), *fd = option_value(option, "fd"), *path = option_value(option, "path");

    if (id && (strcmp(id, "charmonitor") == 0 || listener < 0)) {
        if (fd)
            listener = atoi(fd);
        else if (path && strcmp(id, "charmonitor") == 0)
            listener = listen_at(path);
    }
    free(id);
    free(fd);
    free(path);
}

static void
take_qmp(const char *option)
{
    if (strncmp(option, "unix:", 5) == 0) {
        char *path = strndup(option + 5, strcspn(option + 5, ","));

        listener = listen_at(path);
        free(path);
    } else if (strncmp(option, "stdio", 5) == 0) {
        link_fd = STDIN_FILENO;
        out_fd = STDOUT_FILENO;
    }
}

static void
write_argv(int argc, char **argv)
{
    const char *path = directive("argv-file");
    FILE *file = path ? fopen(path, "w") : NULL;

    for (int i = 0; file && i < argc; i++)
        fprintf(file, "%s\n", argv[i]);
    if (file)
        fclose(file);
}

static void
take_argv(int argc, char **argv)
{
    int starts = 1;

    for (int i = 1; i < argc; i++) {
        const char *option = argv[i], *value = i + 1 < argc ? argv[i + 1] : "";

        if (*option == '-' && option[1] == '-')
            option++;
        if (strcmp(option, "-version") == 0) {
            printf("QEMU emulator version 7.2.0 (fake)\n");
            exit(0);
        } else if (strcmp(option, "-S") == 0) {
            starts = 0;
        } else if (strcmp(option, "-no-shutdown") == 0) {
            no_shutdown = 1;
        } else if (strcmp(option, "-no-reboot") == 0) {
            reset_means_shutdown = 1;
        } else if (strcmp(option, "-chardev") == 0) {
            take_chardev(value);
        } else if (strcmp(option, "-qmp") == 0) {
            take_qmp(value);
        } else if (strcmp(option, "-uuid") == 0) {
            machine_uuid = value;
        } else if (strcmp(option, "-name") == 0) {
            char *name = option_value(value, "guest");

            machine_name = name ? name : value;
        }
    }
    if (starts) {
        running = 1;
        run_state = "running";
    }
}

static int
watch_term(void)
{
    sigset_t set;

    sigemptyset(&set);
    sigaddset(&set, SIGTERM);
    sigprocmask(SIG_BLOCK, &set, NULL);
    return signalfd(-1, &set, SFD_CLOEXEC);
}

int
main(int argc, char **argv)
{
    int term = watch_term();

    load_script();
    write_argv(argc, argv);
    if (directive("die-at-once")) {
        fprintf(stderr, "%s\n", directive("die-at-once"));
        return 1;
    }
    take_argv(argc, argv);
    if (listener < 0 && link_fd < 0) {
        fprintf(stderr, "fake-qemu: no monitor on the command line\n");
        return 1;
    }
    signal(SIGPIPE, SIG_IGN);
    if (link_fd >= 0)
        greet();

    for (;;) {
        struct pollfd fds[3] = {
            { link_fd < 0 ? listener : -1, POLLIN, 0 }, { stalled ? -1 : link_fd, POLLIN, 0 }, { term, POLLIN, 0 },
        };

        /* A stalled connection is watched for its end only. */
        if (stalled) {
            fds[1].fd = link_fd;
            fds[1].events = 0;
        }
        if (poll(fds, 3, -1) < 0 && errno != EINTR)
            return 1;
        if (fds[2].revents) {
            struct signalfd_siginfo info;

            if (read(term, &info, sizeof info) > 0 && !directive("ignore-term"))
                machine_shutdown(0, "host-signal");
        }
        if (fds[1].revents & POLLIN)
            read_link();
        else if (fds[1].revents & (POLLHUP | POLLERR))
            close_link();
        if (fds[0].revents) {
            link_fd = out_fd = accept(listener, NULL, NULL);
            if (link_fd >= 0)
                greet();
        }
    }
}
