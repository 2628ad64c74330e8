# The project's own scripts.
load ../helpers

@test "shellcheck finds nothing in any shell script" {
    command -v shellcheck
    mapfile -t files < <(cd "$TOP" && find scripts tests bench init completions .ci -type f ! -name '*.bats' \
        -exec grep -lE '^#!.*(bash|/sh)|^# shellcheck shell=' {} +)
    [[ ${#files[@]} -gt 8 ]]
    run bash -c 'cd "$1" && shift && shellcheck "$@"' - "$TOP" "${files[@]}"
    [[ $status -eq 0 ]] || fail_with "shellcheck complains"
}

@test "every line of scripts/packages has a name, an occasion and a reason" {
    run awk '!/^#/ && NF && (NF < 4 || $2 !~ /^(build|run|test|guest)$/) { print FILENAME ":" FNR ": " $0 }' \
        "$TOP/scripts/packages"
    [[ -z $output ]] || fail_with "bad lines"
}

@test "no package is listed twice" {
    run bash -c "awk '!/^#/ && NF { print \$1 }' '$TOP/scripts/packages' | sort | uniq -d"
    [[ -z $output ]] || fail_with "listed twice"
}

@test "HACKING.md has the package list, word for word" {
    diff <(awk '!/^#/ && NF { name = $1; when = $2; sub(/^[^ ]+ +[^ ]+ +/, ""); print "| " name " | " when " | " $0 " |" }' \
        "$TOP/scripts/packages") <(sed -n '/^| package | when /,/^$/p' "$TOP/HACKING.md" | sed '1,2d;/^$/d')
}

@test "every folder includes only what HACKING.md lets it" {
    run "$TOP/tests/check-includes"
    [[ $status -eq 0 && -z $output ]] || fail_with "wrong includes"
}

@test "check-includes names wrong includes, and folders without a row or without files" {
    tree=$BATS_TEST_TMPDIR/tree
    mkdir -p "$tree"/src/{util,backend/qemu/deep,commands,new} "$tree/schemas"
    cat >"$tree/HACKING.md" <<'END'
| folder | what | may include |
|---|---|---|
| `src/util` | | (libc) |
| `src/backend` | | util |
| `src/backend/qemu` `src/gone` | | util, nowhere |
| `src/commands` | | backend, util |
END
    echo '#include "backend/a.h"' >"$tree/src/util/a.c"
    printf '#include "config.h"\n\n#include "backend/qemu/a.h"\n#include "util/a.h"\n' >"$tree/src/commands/a.c"
    printf '#include "backend/qemu/deep/b.h"\n#include "backend/a.h"\n' >"$tree/src/backend/qemu/deep/b.c"
    echo '#include "backend/a.h"' >"$tree/src/backend/a.c"
    echo 'int a;' >"$tree/src/new/a.c"
    run "$TOP/tests/check-includes" "$tree"
    [[ $status -eq 1 ]] || fail_with "expected a failure"
    diff - <(sort <<<"$output") <<'END'
HACKING.md: src/nowhere may be included, but has no row of its own
HACKING.md: there are no files in src/gone
src/backend/qemu/deep/b.c:2: src/backend/qemu may not include backend/a.h
src/commands/a.c:3: src/commands may not include backend/qemu/a.h
src/new/a.c: HACKING.md says nothing of the folder src/new
src/util/a.c:1: src/util may not include backend/a.h
END
}

@test "install-packages does nothing when all are there" {
    run "$TOP/scripts/install-packages" build run
    [[ $status -eq 0 ]] || fail_with "install-packages failed"
    [[ $output == *"packages are installed"* ]]
}

@test "install-packages names a package that cannot be had" {
    needs_root
    mkdir -p "$BATS_TEST_TMPDIR/scripts"
    cp "$TOP"/scripts/{install-packages,lib.bash} "$BATS_TEST_TMPDIR/scripts/"
    echo 'hvsh-no-such-package run a test' >"$BATS_TEST_TMPDIR/scripts/packages"
    # A package list that needs no network: apt-get update is not what is tried here.
    mkdir -p "$BATS_TEST_TMPDIR/bin"
    printf '#!/bin/sh\nexit 0\n' >"$BATS_TEST_TMPDIR/bin/apt-get"
    chmod +x "$BATS_TEST_TMPDIR/bin/apt-get"
    PATH=$BATS_TEST_TMPDIR/bin:$PATH run "$BATS_TEST_TMPDIR/scripts/install-packages"
    [[ $status -eq 1 ]] || fail_with "expected a failure"
    [[ $output == *"no package source offers: hvsh-no-such-package"* ]] || fail_with "expected its name"
}

@test "make-guest does nothing when the guest is up to date" {
    demo_guest_made
    before=$(stat -c %Y "$HVSH_GUEST/initrd.img")
    run "$TOP/scripts/make-guest" "$HVSH_GUEST"
    [[ $status -eq 0 ]] || fail_with "make-guest failed"
    [[ $output == *"up to date"* ]] || fail_with "expected nothing to be done"
    [[ $(stat -c %Y "$HVSH_GUEST/initrd.img") == "$before" ]]
}

@test "the totals count skips, failures, and tests that never came" {
    cd "$BATS_TEST_TMPDIR"
    printf '1..3\nok 1 a\nok 2 b # SKIP why\nnot ok 3 c\n' >mixed
    printf '1..4\nok 1 a\n' >crashed
    printf '1..0 # SKIP no tool\n' >nothing
    : >empty
    [[ $("$TOP/tests/run" --totals mixed) == "1 1 1" ]]
    [[ $("$TOP/tests/run" --totals crashed) == "1 3 0" ]]
    [[ $("$TOP/tests/run" --totals nothing) == "0 0 0" ]]
    [[ $("$TOP/tests/run" --totals mixed empty crashed) == "2 5 1" ]]
}

@test "tests/run fails for a file that cannot be loaded" {
    printf '@test "x" {\n' >"$BATS_TEST_TMPDIR/broken.bats"
    run "$TOP/tests/run" "$BATS_TEST_TMPDIR/broken.bats"
    [[ $status -eq 1 ]] || fail_with "expected a failure"
    [[ ${lines[-1]} == "0 passed, "[1-9]" failed, 0 skipped" ]] || fail_with "expected a failed test"
}
