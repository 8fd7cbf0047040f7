# tests/faults/lib.sh: what the fault tests share. Sourced after tests/lib.sh, and only by root: it goes on in a private
# mount namespace, so that a tiny file system can be mounted and is gone with the test.
#
#   service DIR            a service that appends its pid to $T/pids at each start; readiness at once, so that it restarts at once
#   starts N               success when at least N starts were seen
#   last_pid               pid of the last start
#   running                success when that process lives
#   tiny DIR [KB]          a tmpfs of KB kilobytes (64) and few inodes on DIR
#   fill DIR / empty DIR   takes / gives back all its space and inodes
#   calm DESCRIPTION PID...  passes when these processes, of which one lives at least, together used at most 10 % of one CPU
#                          for a second
# shellcheck shell=sh

if [ "$(id -u)" -ne 0 ]; then
    skip "faults" "needs root"
    done_testing
fi
[ -n "${FAULTS_INSIDE:-}" ] || exec env FAULTS_INSIDE=1 unshare --mount --propagation private "$0" "$@"

# outside of what gets filled
mkdir -p "$T/safe"

service() {
    mkdir -p "$1"
    echo 3 >"$1/notification-fd"
    cat >"$1/run" <<EOF
#!/bin/sh
echo \$\$ >>$T/safe/pids
echo >&3
exec 3>&-
exec sleep 1000
EOF
    chmod 755 "$1/run"
}
starts() {
    [ -f "$T/safe/pids" ] && [ "$(wc -l <"$T/safe/pids")" -ge "$1" ]
}
last_pid() {
    tail -n 1 "$T/safe/pids"
}
dead() {
    over "$1"
}
running() {
    [ -f "$T/safe/pids" ] && alive "$(last_pid)"
}
not_running() {
    ! running
}

tiny() {
    mkdir -p "$1"
    mount -t tmpfs -o "size=${2:-64}k,nr_inodes=64,mode=755" tmpfs "$1"
}
fill() {
    # only ever a file system of its own
    mountpoint -q "$1" || return 111
    dd if=/dev/zero of="$1/fill" bs=4k count=2048 2>/dev/null # never more than what a tiny one holds: this may go astray
    f=0
    while [ "$f" -lt 1000 ] && true >"$1/.fill$f"; do
        f=$((f + 1))
    done
} 2>/dev/null
empty() {
    rm -f "$1"/fill "$1"/.fill*
}

# the sum of user and system time of the processes, in clock ticks
ticks() {
    for p; do
        sed 's/.*) //' "/proc/$p/stat" 2>/dev/null
    done | awk '{ n += $12 + $13 } END { print n + 0 }'
}
calm() {
    calm_d=$1
    shift
    calm_a=$(ticks "$@")
    sleep 1 # a measurement, not a wait
    calm_n=$(($(ticks "$@") - calm_a))
    calm_max=$(($(getconf CLK_TCK) / 10))
    calm_living=
    for calm_p; do ! alive "$calm_p" || calm_living=1; done
    if [ -z "$calm_living" ]; then
        tap_report "not ok" "$calm_d"
        diag "none of these processes lives: $*"
    elif [ "$calm_n" -le "$calm_max" ]; then
        tap_report ok "$calm_d"
    else
        tap_report "not ok" "$calm_d"
        diag "used $calm_n ticks of CPU in a second; allowed: $calm_max"
        diag "$(ps -o pid,ppid,stat,args -p "$(echo "$@" | tr ' ' ,)" 2>&1)"
    fi
}

# children PID: its direct children
children() {
    sed -n 's/^\([0-9]*\) (.*) [A-Za-z] '"$1"' .*/\1/p' /proc/[0-9]*/stat 2>/dev/null
}
is_up() {
    s6-svstat "$1" | grep -q "^up (pid $(last_pid)"
}
is_down() {
    s6-svstat "$1" | grep -q '^down'
}
