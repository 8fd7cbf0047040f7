# tests/pid1/lib.sh: boots a root file system with our init in fresh namespaces. Sourced after tests/lib.sh; needs root.
#
#   root_new                          makes $ROOT anew: busybox-static, our programs where they were configured to lie,
#                                     links as in package/overlay, /dev, the four empty hook directories, a user "app" (1000)
#   root_file PATH [MODE] <<EOF       writes a file below $ROOT, making directories; default mode 0755
#   root_service NAME COMMAND...      makes services.d/NAME/run: #!/bin/sh, exec COMMAND
#   hook DIR NAME TEXT                writes the shell script /etc/DIR/NAME (TEXT is what follows #!/bin/sh)
#   root_execline                     copies Debian's execline; fails where it is not installed
#   root_program FILE...              copies programs of this machine, with their libraries, to the same paths
#
#   boot [VAR=VALUE...] [-- CMD...]   boots $ROOT, waits for the end. Exit code in $code (124: had to be killed),
#                                     output in $T/out and $T/err
#   boot_start [VAR=VALUE...] [-- CMD...]   the same in the background: $init_pid is init's pid seen from here
#   boot_end                          waits for its end (at most $BOOT_TIMEOUT s): $code as above
#   inside COMMAND...                 runs a command in the booted container, like docker exec
#   said TEXT                         succeeds when the console ($T/out) has TEXT
#   svscan_pid                        prints the pid of init's svscan, seen from here; nothing where there is none
#   another_svscan PID                succeeds when there is one that is not this. (svscanctl succeeds without any: init holds the
#                                     FIFO open; and supervisors live on.)
#   now_ms                            prints a time in milliseconds
#
# What a test may set: BOOT_TIMEOUT (seconds, 90; none, with BOOT_BEFORE only); BOOT_RUN (mount options of the tmpfs on /run, mode=755; "none": no mount);
# BOOT_CONTAIN (options of tests/helpers/contain.c: read-only root, another uid, no capabilities, ...); BOOT_AS (words in
# front of contain, e.g. to be an ordinary user); BOOT_BEFORE (shell code that runs in the new mount namespace before
# chroot, instead of BOOT_CONTAIN; "exit 99" there when it fails);
# BOOT_UNDER (words in front of /init inside, e.g. an init to run under); BOOT_IN (standard input, /dev/null).
# shellcheck shell=sh

if [ "$(id -u)" -ne 0 ]; then
    skip "boot in namespaces" "needs root"
    done_testing
fi

ROOT=$T/root
BOOT_TIMEOUT=90
BOOT_RUN=mode=755
BOOT_BEFORE=:
BOOT_CONTAIN=
BOOT_AS=
BOOT_UNDER=
BOOT_IN=/dev/null
BOOT_BINDIR=$(sed -n 's/^BINDIR := //p' "$B/config.mak")
boot_pid='' init_pid='' code=''

# root_libs FILE...: the shared libraries that programs need, at the same paths
root_libs() {
    ldd "$@" 2>/dev/null | grep -o '/[^ ]*' | grep -v ':$' | sort -u | while read -r boot_l; do
        mkdir -p "$ROOT${boot_l%/*}"
        [ -e "$ROOT$boot_l" ] || cp -L "$boot_l" "$ROOT$boot_l"
    done
}

root_program() {
    for boot_f; do
        mkdir -p "$ROOT${boot_f%/*}"
        cp -L "$boot_f" "$ROOT$boot_f"
    done
    root_libs "$@"
}

# the root that all are copied from
boot_template() {
    ROOT=$T/template
    for boot_d in bin sbin usr/bin usr/sbin command proc dev run/s6 root var work "$BOOT_BINDIR"; do
        mkdir -p "$ROOT/$boot_d"
    done
    mkdir -m 1777 "$ROOT/tmp"
    chmod 1777 "$ROOT/run/s6"
    ln -s /run "$ROOT/var/run"
    cp /bin/busybox "$ROOT/bin/busybox"
    for boot_a in $("$ROOT/bin/busybox" --list); do
        [ -e "$ROOT/bin/$boot_a" ] || ln -s busybox "$ROOT/bin/$boot_a"
    done
    sh "$TOP/package/table" | while read -r boot_k _ _ _ boot_f boot_l; do
        case $boot_k in
        exe)
            cp "$B/bin/$boot_f" "$ROOT$BOOT_BINDIR/$boot_f"
            ln -s "$BOOT_BINDIR/$boot_f" "$ROOT/command/$boot_f"
            ;;
        link)
            [ "$boot_l" = "$boot_f" ] || ln -s "$BOOT_BINDIR/$boot_f" "$ROOT/command/$boot_l"
            ln -s "$BOOT_BINDIR/$boot_f" "$ROOT/usr/bin/$boot_l"
            ;;
        name) ln -s "$BOOT_BINDIR/$boot_l" "$ROOT/usr/bin/$boot_l" ;;
        copy) cp "$B/bin/$boot_f" "$ROOT/usr/bin/$boot_l" ;;
        root) ln -s "$BOOT_BINDIR/$boot_f" "$ROOT$boot_l" ;;
        esac
    done
    root_libs "$ROOT$BOOT_BINDIR"/*
    mknod -m 666 "$ROOT/dev/null" c 1 3
    mknod -m 666 "$ROOT/dev/zero" c 1 5
    mknod -m 666 "$ROOT/dev/full" c 1 7
    mknod -m 666 "$ROOT/dev/urandom" c 1 9
    mknod -m 666 "$ROOT/dev/tty" c 5 0
    ROOT=$T/root
}

root_new() {
    [ -d "$T/template" ] || boot_template
    rm -rf "$ROOT"
    # hard links: a root costs no copying; what a test may change is its own
    cp -al "$T/template" "$ROOT"
    mkdir -p "$ROOT/etc/fix-attrs.d" "$ROOT/etc/cont-init.d" "$ROOT/etc/services.d" "$ROOT/etc/cont-finish.d"
    printf 'root:x:0:0:root:/root:/bin/sh\napp:x:1000:1000::/:/bin/sh\n' >"$ROOT/etc/passwd"
    printf 'root:x:0:\napp:x:1000:\n' >"$ROOT/etc/group"
    printf '127.0.0.1 localhost %s\n' container >"$ROOT/etc/hosts"
}

hook() {
    mkdir -p "$ROOT/etc/$1"
    printf '#!/bin/sh\n%s\n' "$3" >"$ROOT/etc/$1/$2"
    chmod 0755 "$ROOT/etc/$1/$2"
}

root_execline() {
    [ -x /usr/lib/execline/bin/execlineb ] || return 1
    mkdir -p "$ROOT/usr/lib/execline"
    cp -a /usr/lib/execline/bin "$ROOT/usr/lib/execline/"
    root_libs /usr/lib/execline/bin/*
}

now_ms() {
    boot_t=$(sed 's/ .*//;s/\.//' /proc/uptime)
    echo "${boot_t}0"
}

root_file() {
    mkdir -p "$(dirname "$ROOT/$1")"
    cat >"$ROOT/$1"
    chmod "${2:-0755}" "$ROOT/$1"
}

root_service() {
    boot_s=$1
    shift
    printf '#!/bin/sh\nexec %s\n' "$*" | root_file "etc/services.d/$boot_s/run"
}

# boot_unshare: what boot runs. Nothing outlives the time limit.
boot_unshare() {
    if [ "$BOOT_BEFORE" = : ]; then
        [ "$BOOT_RUN" = none ] || set -- -r "$BOOT_RUN" "$ROOT" "$@"
        [ "$BOOT_RUN" != none ] || set -- "$ROOT" "$@"
        # options and words in front are several words
        # shellcheck disable=SC2086
        exec timeout -s KILL "$BOOT_TIMEOUT" $BOOT_AS "$B/test/helpers/contain" -p "$T/init-pid" $BOOT_CONTAIN -w /work "$@"
    fi
    cat >"$T/enter" <<END
[ "$BOOT_RUN" = none ] || mount -t tmpfs -o "$BOOT_RUN" tmpfs "$ROOT/run"
$BOOT_BEFORE
[ ! -d "$ROOT/work" ] || cd "$ROOT/work"
END
    # the working directory of the container: chroot goes to /, so it is set again inside
    cat >>"$T/enter" <<'END'
root=$1
shift
exec chroot "$root" /bin/busybox sh -c 'cd /work 2>/dev/null; exec "$@"' - "$@"
END
    set -- unshare --kill-child --fork --pid --mount --uts --ipc --net --mount-proc="$ROOT/proc" \
        sh "$T/enter" "$ROOT" "$@"
    [ "$BOOT_TIMEOUT" = none ] || set -- timeout -s KILL "$BOOT_TIMEOUT" "$@"
    exec "$@"
}

# boot_args VAR=VALUE... [-- CMD...]
boot_args() {
    boot_v=${COMPACT:+S6_COMPACT=1}
    while [ $# -gt 0 ] && [ "$1" != -- ]; do
        # the dot keeps final newlines
        boot_q=$(printf '%s.' "$1" | sed "s/'/'\\\\''/g")
        boot_v="$boot_v '${boot_q%.}'"
        shift
    done
    [ $# -eq 0 ] || shift
    # words of BOOT_UNDER and the quoted variables
    eval "boot_unshare /bin/busybox env -i PATH=/usr/local/bin:/usr/bin:/bin HOME=/root $boot_v $BOOT_UNDER /init \"\$@\""
}

# ordinary users (BOOT_AS) look into $T and write there who init is
boot_prepare() {
    chmod 0755 "$T"
    : >"$T/init-pid"
    chmod 0666 "$T/init-pid"
}

boot_start() {
    rm -f "$T/out" "$T/err"
    boot_prepare
    (boot_args "$@") <"$BOOT_IN" >"$T/out" 2>"$T/err" &
    boot_pid=$!
    tap_pids="$boot_pid $tap_pids"
    init_pid=
    until_true 20000 boot_has_begun
}

boot_has_begun() {
    boot_find_init || over "$boot_pid"
}

# contain writes its number down, else init is the child of unshare, which is the child of timeout; it is init when its
# name says so and its root is not ours (a test may be named init too, and so are the shells that it forks)
boot_find_init() {
    if [ "$BOOT_BEFORE" = : ]; then
        [ -s "$T/init-pid" ] || return 1
        init_pid=$(cat "$T/init-pid")
    else
        boot_u=$(cat "/proc/$boot_pid/task/$boot_pid/children" 2>/dev/null) || return 1
        boot_u=${boot_u%% *}
        init_pid=$(cat "/proc/${boot_u:-x}/task/${boot_u:-x}/children" 2>/dev/null) || return 1
        init_pid=${init_pid%% *}
    fi
    [ -n "$init_pid" ] && [ "$(cat "/proc/$init_pid/comm" 2>/dev/null)" = "${BOOT_COMM:-init}" ] &&
        [ "$(readlink "/proc/$init_pid/root")" != / ]
}

boot_end() {
    wait "$boot_pid"
    code=$?
    boot_judge
    # the number may be another process's from now on
    boot_pid='' init_pid=''
}

boot() {
    boot_prepare
    (boot_args "$@") <"$BOOT_IN" >"$T/out" 2>"$T/err"
    code=$?
    boot_judge
}

# 137 is also what a container exits with whose command was killed; one that timeout killed has not said its last line
boot_judge() {
    if [ "$code" -eq 137 ] && ! grep -q 'KILL signal and exiting' "$T/out"; then code=124; fi
}

inside() {
    # never in our own file system, whatever has become of the process
    if [ -z "$init_pid" ] || [ "$(readlink "/proc/$init_pid/root")" = / ]; then
        echo "inside: process '$init_pid' is in no container: $*" >&2
        return 111
    fi
    nsenter -t "$init_pid" -m -p -n -u -i -r -w -- "$@"
}

svscan_pid() {
    # one line of pids
    # shellcheck disable=SC2013
    for boot_c in $(cat "/proc/$init_pid/task/$init_pid/children" 2>/dev/null); do
        [ "$(cat "/proc/$boot_c/comm" 2>/dev/null)" != svscan ] || over "$boot_c" || echo "$boot_c"
    done
}
another_svscan() {
    boot_c=$(svscan_pid)
    [ -n "$boot_c" ] && [ "$boot_c" != "$1" ]
}

said() {
    grep -qF -- "$1" "$T/out"
}
