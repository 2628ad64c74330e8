# hvsh-supervisor as seen through hvsh: killed at each of its writes while it starts and ends a QEMU, taken over by the next
# command, and asked by many at once.
load ../helpers

setup() {
    hvsh_sandbox
    use_fake_qemu
    RUN=$SANDBOX/root/run/qemu
}
teardown() { hvsh_sandbox_end; }

status_value() { sed -n "s/^$2=//p" "$RUN/$1/status"; }

# Everything by which the supervisor changes something outside of itself.
WRITES=write,rename,renameat,renameat2,linkat,unlink,unlinkat,mkdir,rmdir,ftruncate,fchmod,bind,listen,connect,clone,clone3
WRITES+=,fork,vfork,sendto,sendmsg,pidfd_send_signal

# supervised_by_strace OUTPUT OPTION...: supervisors that start from here on run under strace; QEMU does not. The tracer is
# no parent of theirs, so that hvsh finds its own child as ever.
supervised_by_strace() {
    local program output=$1
    shift
    program=$(dirname "$HVSH")/hvsh-supervisor
    [[ -x $program ]] || program=$HVSH_BUILD/libexec/hvsh/hvsh-supervisor
    {
        printf '#!/bin/sh\n'
        # LeakSanitizer does not work under ptrace.
        # shellcheck disable=SC2016 # for the script
        printf 'ASAN_OPTIONS=$ASAN_OPTIONS:detect_leaks=0 exec strace -D -f -b execve -qq -o %q' "$output"
        printf ' %q' "$@" "$program"
        printf ' "$@"\n'
    } >"$SANDBOX/traced"
    chmod 755 "$SANDBOX/traced"
    export HVSH_SUPERVISOR=$SANDBOX/traced
}

supervised_plainly() { unset HVSH_SUPERVISOR; }

# calls_of PID FILE: lines "SYSCALL COUNT" of what that process has done so far.
calls_of() {
    sed -nE "s/^$1 +([a-z0-9_]+)\\(.*/\\1/p" "$2" | sort | uniq -c | awk '{ print $2, $1 }'
}

no_qemu() { [[ -z $(pgrep -f "guest=web|$SANDBOX/toy" -a | grep -F "$SANDBOX" || true) ]]; }

# given_helped NAME: a domain with a program beside its QEMU, which serves nothing and stays until it is told to go.
given_helped() {
    mkdir "$SANDBOX/toy"
    printf '#!/bin/sh\n: %s\nwhile :; do sleep 1; done\n' "$SANDBOX/toy" >"$SANDBOX/toy/passt"
    chmod 755 "$SANDBOX/toy/passt"
    PATH=$SANDBOX/toy:$PATH
    given_domain "$1" --devices "<interface type='user'><model type='virtio'/><backend type='passt'/></interface>"
}

# again STATE COMMAND...: the command works; or it fails, because the supervisor was killed only now, and then it has led to
# the state all the same or works when it is given again.
again() {
    local state=$1
    shift
    "$HVSH" "$@" >/dev/null 2>&1 </dev/null || domain_state_is web "$state" || hv "$@" >/dev/null
}

# Running, and then the next command gets a supervisor that QEMU obeys; or shut off, and then nothing is left of it. Ends
# with the domain shut off.
running_or_gone() {
    local state
    state=$(hv domstate web) || return 1
    case $state in
    running | paused)
        if [[ $state == running ]]; then
            again paused suspend web || return 1
        else
            again running resume web || return 1
        fi
        again 'shut off' destroy web || return 1
        ;;
    'shut off') ;;
    *)
        printf 'state %s\n' "$state" >&2
        return 1
        ;;
    esac
    wait_until no_qemu 10 || return 1
    # A supervisor that was still dying has kept its folder; whoever has the domain's lock next clears it away.
    if [[ -e $RUN/web ]]; then
        hv start web >/dev/null && hv destroy web >/dev/null || return 1
    fi
    if [[ -e $RUN/web ]]; then
        printf 'left: %s\n' "$(ls "$RUN/web")" >&2
        return 1
    fi
}

# counted: counts_started and counts_ended are the calls of an undisturbed supervisor until its domain ran, and until it ended.
counted() {
    local trace=$SANDBOX/trace pid
    supervised_by_strace "$trace" -e "trace=$WRITES"
    hv start web >/dev/null
    pid=$(status_value web supervisor-pid)
    counts_started=$(calls_of "$pid" "$trace")
    hv destroy web >/dev/null
    counts_ended=$(calls_of "$pid" "$trace")
    supervised_plainly
    [[ -n $counts_started && -n $counts_ended ]]
}

count_in() { awk -v call="$2" '$1 == call { n = $2 } END { print n + 0 }' <<<"$1"; }

@test "killed at each write of a start: running, or gone" {
    local call count n kills=0 failures=0
    given_helped web
    counted
    while read -r call count; do
        for ((n = 1; n <= count; n++)); do
            supervised_by_strace /dev/null -e "trace=$call" -e "inject=$call:signal=KILL:when=$n"
            timeout -k 5 60 "$HVSH" start web >/dev/null 2>"$SANDBOX/said" </dev/null || {
                (($? == 1))
                ((++failures))
            }
            supervised_plainly
            running_or_gone || fail_with "after a kill at $call $n; start said: $(cat "$SANDBOX/said")"
            ((++kills))
        done
    done <<<"$counts_started"
    printf '# %s kills, %s starts failed\n' "$kills" "$failures" >&3
    # It was killed indeed, before and after the point where the start has succeeded.
    ((failures >= 10 && failures < kills))
    hv start web >/dev/null
}

@test "killed at each write of a destroy: running, or gone" {
    local call count n kills=0
    given_helped web
    counted
    while read -r call count; do
        for ((n = $(count_in "$counts_started" "$call") + 1; n <= count; n++)); do
            supervised_by_strace /dev/null -e "trace=$call" -e "inject=$call:signal=KILL:when=$n"
            # The calls of two starts are not always the same in number: this may kill the start instead.
            if timeout -k 5 60 "$HVSH" start web >/dev/null 2>"$SANDBOX/said" </dev/null; then
                timeout -k 5 60 "$HVSH" destroy web >/dev/null 2>"$SANDBOX/said" </dev/null || (($? == 1))
                ((++kills))
            fi
            supervised_plainly
            running_or_gone || fail_with "after a kill at $call $n; destroy said: $(cat "$SANDBOX/said")"
        done
    done <<<"$counts_ended"
    printf '# %s kills\n' "$kills" >&3
    ((kills >= 5))
    hv start web >/dev/null
}

@test "any number of clients on the monitor: ids are kept apart, events go to all" {
    given_domain web --running
    cat >clients.py <<'END'
import json, socket, sys

class Client:
    def __init__(self, path):
        self.socket = socket.socket(socket.AF_UNIX)
        self.socket.settimeout(10)
        self.socket.connect(path)
        self.lines = self.socket.makefile("r", encoding="utf-8")
        self.events = []
        assert "QMP" in json.loads(self.lines.readline())
        self.send("qmp_capabilities")
        assert self.reply() == {"return": {}}

    def send(self, command, **members):
        self.socket.sendall(json.dumps({"execute": command, **members}).encode() + b"\n")

    def reply(self):
        while True:
            message = json.loads(self.lines.readline())
            if "event" not in message:
                return message
            self.events.append(message["event"])

    def wait_event(self, name):
        while name not in self.events:
            self.events.append(json.loads(self.lines.readline()).get("event"))

clients = [Client(sys.argv[1]) for _ in range(40)]
# All ask under the same id before anybody reads, every other one something else.
for number, client in enumerate(clients):
    client.send("query-status" if number % 2 else "query-name", id={"n": [1, "same"]})
for number, client in enumerate(clients):
    reply = client.reply()
    assert reply["id"] == {"n": [1, "same"]}, reply
    assert ("status" in reply["return"]) == bool(number % 2), reply
# One without an id gets none; one who is refused is the only one to hear of it.
clients[0].send("query-status")
reply = clients[0].reply()
assert "return" in reply and "id" not in reply, reply
clients[1].socket.sendall(b'{"execute": }\n')
assert "error" in clients[1].reply()
clients[2].send("stop", id=7)
assert clients[2].reply() == {"return": {}, "id": 7}
for client in clients:
    client.wait_event("STOP")
# Half of them go without a word, with commands under way.
for client in clients[::2]:
    client.send("query-status", id=1)
    client.socket.close()
    client.lines.close()
clients[3].send("cont", id=8)
assert clients[3].reply() == {"return": {}, "id": 8}
for client in clients[1::2]:
    client.wait_event("RESUME")
print("good")
END
    run timeout -k 5 60 python3 clients.py "$RUN/web/qmp.sock"
    assert_success
    assert_output good
    run_hvsh domstate web --reason
    assert_output 'running (unpaused)'
}

@test "hvsh works beside a client that asks without end and does not read" {
    given_domain web --running
    cat >flood.py <<'END'
import socket, subprocess, sys

client = socket.socket(socket.AF_UNIX)
client.connect(sys.argv[1])
client.sendall(b'{"execute": "qmp_capabilities"}')
client.settimeout(0.5)
command = b'{"execute": "query-status", "id": "' + b"x" * 1000 + b'"}\n'
try:
    for _ in range(100000):
        client.sendall(command)
except OSError:
    pass
subprocess.run(sys.argv[2:], stdin=subprocess.DEVNULL, timeout=30, check=True)
END
    run timeout -k 5 60 python3 flood.py "$RUN/web/qmp.sock" "$HVSH" 'suspend web; qemu-monitor-command web query-status'
    assert_success
    assert_output_has '"running":false'
    run_hvsh destroy web
    assert_success
}

@test "a supervisor without free descriptors sends clients away, and takes them again when it has some" {
    local pid open
    given_domain web --running
    hv qemu-monitor-command web query-status >/dev/null
    pid=$(status_value web supervisor-pid)
    cat >crowd.py <<'END'
import socket, sys

crowd = []
for _ in range(20):
    client = socket.socket(socket.AF_UNIX)
    client.settimeout(10)
    client.connect(sys.argv[1])
    crowd.append(client)
# Every one is greeted or sent away.
print(sum(client.recv(4) == b"" for client in crowd))
END
    open=$(find "/proc/$pid/fd" -mindepth 1 | wc -l)
    prlimit --pid "$pid" --nofile=$((open + 5)):
    run timeout -k 5 60 python3 crowd.py "$RUN/web/qmp.sock"
    assert_success
    ((output >= 10)) || fail_with 'fewer were sent away than there was no room for'
    prlimit --pid "$pid" --nofile=1024:
    run_hvsh suspend web
    assert_success
}

watches() { file_has "$1" 'Suspended'; }

@test "every watcher of events sees what happens, also after the supervisor was replaced" {
    local old i
    given_domain web --running
    for i in 1 2 3; do
        timeout -k 5 60 "$HVSH" event web lifecycle --loop >"events.$i" 2>&1 </dev/null 3>&- &
    done
    hv qemu-monitor-command web query-status >/dev/null
    subscribed() {
        # Until all of them look, the domain is paused and resumed once more.
        hv suspend web >/dev/null && hv resume web >/dev/null
        watches events.1 && watches events.2 && watches events.3
    }
    wait_until subscribed 20
    old=$(status_value web supervisor-pid)
    kill -KILL "$old"
    run_hvsh shutdown web
    assert_success
    for i in 1 2 3; do
        wait_until file_has "events.$i" 'Stopped' 10
    done
    kill %1 %2 %3
    wait || true
    run_hvsh domstate web --reason
    assert_output 'shut off (shutdown)'
}

@test "killed supervisor: the domain is seen as before, and there is one new supervisor for many who come at once" {
    local i
    given_domain web --running
    hv suspend web >/dev/null
    kill -KILL "$(status_value web supervisor-pid)"
    run_hvsh domstate web --reason
    assert_output 'paused (user)'
    for i in 1 2 3 4 5 6; do
        hv qemu-monitor-command web query-status >"answer.$i" 2>&1 3>&- &
    done
    wait
    for i in 1 2 3 4 5 6; do
        file_has "answer.$i" '"running":false' || fail_with "answer $i: $(cat "answer.$i")"
    done
    [[ $(pgrep -f -- "--adopt $RUN/web" | wc -l) -eq 1 ]]
    hv resume web >/dev/null
    run_hvsh domstate web --reason
    assert_output 'running (unpaused)'
}

@test "QEMU killed while it has no supervisor: crashed, and the events say so" {
    given_domain web --running
    kill -KILL "$(status_value web supervisor-pid)"
    kill -KILL "$(status_value web pid)"
    run_hvsh suspend web
    assert_fails_with 'domain is not running'
    run_hvsh domstate web --reason
    assert_output 'shut off (crashed)'
    [[ ! -e $RUN/web ]] || fail_with "left: $(ls "$RUN/web")"
}

@test "runtime folder wiped: list, the monitor and destroy work" {
    local old
    given_domain web --running
    given_domain other --running
    old=$(status_value web supervisor-pid)
    rm -rf "$SANDBOX/root/run" 2>/dev/null || true
    both() { [[ $(hv list --name | sed '/^$/d' | sort | tr '\n' ' ') == 'other web ' ]]; }
    wait_until both 10
    [[ $(status_value web supervisor-pid) == "$old" ]]
    run_hvsh suspend web
    assert_success
    run_hvsh domstate web --reason
    assert_output 'paused (user)'
    run_hvsh destroy web
    assert_success
    run_hvsh destroy other
    assert_success
    run_hvsh list --all
    refute_output_has running
    [[ ! -e $RUN/web && ! -e $RUN/other ]]
}
