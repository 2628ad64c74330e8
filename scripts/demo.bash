# The main job, done with hvsh: a guest from define to shutdown. Sourced by scripts/quickstart.
# shellcheck shell=bash disable=SC2154 # hvsh, uri, demo, guest and serial_log are the caller's

demo_xml() {
    cat <<END
<domain type='qemu'>
  <name>demo</name>
  <memory unit='MiB'>128</memory>
  <vcpu>1</vcpu>
  <os>
    <type arch='x86_64' machine='q35'>hvm</type>
    <kernel>$guest/vmlinuz</kernel>
    <initrd>$guest/initrd.img</initrd>
    <cmdline>console=ttyS0 panic=1 quiet hvsh.powerbutton=poweroff</cmdline>
  </os>
  <features>
    <acpi/>
  </features>
  <devices>
    <serial type='pty'>
      <log file='$demo/console.log'/>
    </serial>
    <console type='pty'/>
    <interface type='user'>
      <model type='virtio'/>
    </interface>
    <channel type='unix'>
      <target type='virtio' name='org.qemu.guest_agent.0'/>
    </channel>
    <rng model='virtio'>
      <backend model='random'>/dev/urandom</backend>
    </rng>
  </devices>
</domain>
END
}

# show ARGUMENT...: the command as a user would type it, then what it says. A deadline above all of hvsh's own.
show() {
    printf '\n$ hvsh'
    printf ' %q' "$@"
    printf '\n'
    timeout -k 5 120 "$hvsh" -c "$uri" "$@" </dev/null || {
        local status=$?
        demo_remains
        die "hvsh $* ended with status $status" \
            "the guest's console: $demo/console.log" \
            "QEMU's own output: $demo/root/log/qemu/demo.log" \
            "once more with a trace: HVSH_LOG_FILTERS='1:*' HVSH_LOG_OUTPUTS='1:stderr' $hvsh -c '$uri' $*"
    }
}

# What can be seen of a guest that did not do as told; then it is ended, so that the next run begins afresh.
demo_remains() {
    if [[ -s $demo/console.log ]]; then
        printf '\nthe last lines of the console:\n' >&2
        tail -n 15 "$demo/console.log" >&2
    fi
    demo_clear
}

demo_clear() {
    timeout -k 5 30 "$hvsh" -c "$uri" destroy demo >/dev/null 2>&1 </dev/null || true
    timeout -k 5 30 "$hvsh" -c "$uri" undefine demo >/dev/null 2>&1 </dev/null || true
}

demo_run() {
    demo_clear
    mkdir -p "$demo"
    rm -f "$demo/console.log"
    demo_xml >"$demo/demo.xml"
    show define "$demo/demo.xml"
    show start demo --wait 'console=GUEST READY' --timeout 90
    show list --all
    show dominfo demo
    show shutdown demo
    show await demo --condition domain-inactive --timeout 60
    show list --all
    show undefine demo
}

# demo_stay: the guest once more, and the prompt with it.
demo_stay() {
    show define "$demo/demo.xml"
    show start demo --wait 'console=GUEST READY' --timeout 90
    cat <<END

The guest 'demo' is running, and this is hvsh's prompt. Try: list, dominfo demo, console demo (leave it with Ctrl-]),
help, shutdown demo. Leave the prompt with quit; the guest runs on, and this brings the prompt back:
    $hvsh -c '$uri'
END
    exec "$hvsh" -c "$uri"
}
