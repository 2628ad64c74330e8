# Shared by the scripts of this folder: progress lines, errors, the package list.
# shellcheck shell=bash

top=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)

# The progress lines go to the terminal or log as they happen; results go to stdout too.
step() {
    printf '\n==> %s\n' "$*"
}

note() {
    printf '    %s\n' "$*"
}

die() {
    printf '\n%s: error: %s\n' "${0##*/}" "$1" >&2
    shift
    if (($#)); then
        printf '    %s\n' "$@" >&2
    fi
    exit 1
}

# packages_for WHEN...: names of the listed packages for these occasions, one a line.
packages_for() {
    awk -v when=" $* " '/^[^#]/ && NF && index(when, " " $2 " ") { print $1 }' "$top/scripts/packages"
}

# run_logged LOG COMMAND...: output to LOG, its last lines shown only on failure.
run_logged() {
    local log=$1
    shift
    if ! "$@" >"$log" 2>&1 </dev/null; then
        tail -n 25 "$log" >&2
        die "failed: $*" "the whole output is in $log"
    fi
}

# configure_and_build BUILD_DIR CONFIGURE_OPTION...: out-of-tree build; configures again only when asked
# for other options than last time or when configure itself is newer.
configure_and_build() {
    local build=$1
    shift
    mkdir -p "$build"
    if [[ ! -x $top/configure || $top/configure.ac -nt $top/configure ]] || makefiles_changed; then
        note "autoreconf"
        run_logged "$build/autoreconf.log" autoreconf -i "$top"
    fi
    if [[ ! -f $build/Makefile || $top/configure -nt $build/config.status ||
        $(cat "$build/configure-options" 2>/dev/null) != "$*" ]]; then
        note "configure $*"
        (cd "$build" && run_logged "$build/configure.log" "$top/configure" "$@")
        printf '%s' "$*" >"$build/configure-options"
    fi
    note "make"
    run_logged "$build/make.log" make -C "$build" -j "$(nproc)"
}

makefiles_changed() {
    [[ -n $(find "$top/Makefile.am" "$top/src" "$top/man" "$top/completions" "$top/init" "$top/tests" \
        "$top/schemas" -newer "$top/configure" \( -name Makefile.am -o -name Makefile.inc \) -print -quit) ]]
}
