#!/usr/bin/env python3
"""Boots the demo guest in plain QEMU and tries what the tests rely on.

boot.py GUEST_FOLDER MACHINE [--press powerbutton|sysrq-o|sysrq-b] [--append WORDS] [--agent] [--console]
Prints one line of figures; status 0 when the guest did what was asked before the deadline.
"""
import argparse
import json
import shutil
import socket
import subprocess
import sys
import tempfile
import time

DEADLINE = 120


class Failure(Exception):
    pass


class Lines:
    """What arrives on a stream socket, searched with a deadline."""

    def __init__(self, sock):
        self.sock = sock
        self.seen = b""

    def wait_for(self, wanted, what, seconds=DEADLINE):
        end = time.monotonic() + seconds
        while wanted not in self.seen:
            self.sock.settimeout(max(0.01, end - time.monotonic()))
            try:
                chunk = self.sock.recv(65536)
            except socket.timeout:
                raise Failure(f"{what} did not come in {seconds} s; last: {self.seen[-400:]!r}")
            if not chunk:
                raise Failure(f"connection closed before {what}; last: {self.seen[-400:]!r}")
            self.seen += chunk
        head, self.seen = self.seen.split(wanted, 1)
        return head


def listener(path):
    sock = socket.socket(socket.AF_UNIX)
    sock.bind(path)
    sock.listen(1)
    sock.settimeout(DEADLINE)
    return sock


def qmp(lines, command, **arguments):
    lines.sock.sendall(json.dumps({"execute": command, "arguments": arguments}).encode() + b"\n")
    lines.wait_for(b'"return"', f"the answer to {command}", 20)


def send_key(lines, *names):
    qmp(lines, "send-key", keys=[{"type": "qcode", "data": name} for name in names])


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("guest")
    parser.add_argument("machine", choices=["q35", "pc"])
    parser.add_argument("--press", choices=["powerbutton", "sysrq-o", "sysrq-b"], default="powerbutton")
    parser.add_argument("--append", default="console=ttyS0 panic=1 quiet")
    parser.add_argument("--agent", action="store_true")
    parser.add_argument("--console", action="store_true")
    options = parser.parse_args()

    folder = tempfile.mkdtemp(prefix="hvsh-boot-")
    qemu = None
    try:
        listeners = {name: listener(f"{folder}/{name}") for name in ("qmp", "serial", "agent")}
        argv = ["qemu-system-x86_64", "-nodefaults", "-no-user-config", "-display", "none",
                "-machine", options.machine, "-accel", "tcg", "-m", "128",
                "-kernel", f"{options.guest}/vmlinuz", "-initrd", f"{options.guest}/initrd.img",
                "-append", options.append, "-no-reboot",
                "-chardev", f"socket,id=s,path={folder}/serial", "-serial", "chardev:s",
                "-qmp", f"unix:{folder}/qmp",
                "-chardev", f"socket,id=a,path={folder}/agent", "-device", "virtio-serial-pci",
                "-device", "virtserialport,chardev=a,name=org.qemu.guest_agent.0",
                "-netdev", "user,id=n", "-device", "virtio-net-pci,netdev=n"]
        begun = time.monotonic()
        qemu = subprocess.Popen(argv, stdin=subprocess.DEVNULL)
        streams = {name: Lines(sock.accept()[0]) for name, sock in listeners.items()}
        streams["qmp"].wait_for(b'"QMP"', "QEMU's greeting", 20)
        qmp(streams["qmp"], "qmp_capabilities")
        streams["serial"].wait_for(b"GUEST READY", "the line GUEST READY")
        figures = [f"machine {options.machine}", f"ready {time.monotonic() - begun:.1f} s"]

        if options.agent:
            streams["agent"].sock.sendall(b'{"execute":"guest-info"}\n')
            streams["agent"].wait_for(b'"version"', "the guest agent's answer", 30)
            figures.append("agent answers")
        if options.console:
            streams["serial"].wait_for(b"guest# ", "the shell's prompt", 30)
            streams["serial"].sock.sendall(b"ip -4 -o addr show eth0; echo sum=$((6*7))\r")
            text = streams["serial"].wait_for(b"sum=42", "the shell's answer", 30)
            figures.append("console answers")
            figures.append("address" if b"10.0.2.15" in text else "no address yet")

        pressed = time.monotonic()
        if options.press == "powerbutton":
            qmp(streams["qmp"], "system_powerdown")
        else:
            send_key(streams["qmp"], "alt", "sysrq", options.press[-1])
        try:
            qemu.wait(30)
        except subprocess.TimeoutExpired:
            raise Failure(f"the guest did not react to {options.press} in 30 s; "
                          f"last: {streams['serial'].seen[-400:]!r}")
        figures.append(f"{options.press} to end {time.monotonic() - pressed:.1f} s")
        print(", ".join(figures))
        return 0
    except (Failure, OSError) as failure:
        print(f"boot.py: {failure}", file=sys.stderr)
        return 1
    finally:
        if qemu and qemu.poll() is None:
            qemu.kill()
            qemu.wait()
        shutil.rmtree(folder)


if __name__ == "__main__":
    sys.exit(main())
