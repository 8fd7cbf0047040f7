# tests/faults/pair.sh: a scan directory with a pair "a" (a counter and a logger) and a service "b", for tests that kill
# what supervises them. Sourced after faults/lib.sh, in a pid namespace of the test's own.
#
#   svscan DESCRIPTION [OPTION...]   starts one and waits until it listens: $sv
#   end PID                          kill -9
#   joined                           a and its logger, and who supervises them, are on one pipe
#   grows                            the counter goes on
#   idle_logger                      pauses the counter, and waits until its logger has written all that it has read
#   $PAIR_LOGGER                     set before: the logger; default: svlog
#   complete                         every number up to $last is in the log
# What the test sets: $last (see complete), $a and $l (pids that same_services compares with).
# shellcheck shell=sh
# shellcheck disable=SC2034,SC2154

: "${PAIR_LOGGER:=$BIN/svlog}"
scan=$T/scan
log=$T/safe/log

svscan() {
    said=$1
    shift
    spawn "$BIN/svscan" -t 0 "$@" "$scan" 2>>"$log"
    sv=$spawned
    soon "$said: svscan runs" s6-svscanctl -z "$scan"
}
end() {
    kill -9 "$1" 2>/dev/null
    wait "$1" 2>/dev/null || until_true 5000 dead "$1"
}
# who holds the lock of a service directory
owner() {
    i=$(stat -c %i "$1/supervise/lock") || return
    awk -v i="$i" '$2 == "POSIX" && $6 ~ ":" i "$" { print $5 }' /proc/locks | head -n 1
}
pid_in() {
    s6-svstat -o pid "$1"
}
supervisors() {
    n=0
    for p in /proc/[0-9]*; do
        # the name is what it was started by: s6-supervise
        grep -qsa "supervise" "$p/cmdline" && grep -qs '^State:.[^Z]' "$p/status" && n=$((n + 1))
    done
    echo "$n"
}
is_number_of_supervisors() {
    [ "$(supervisors)" -eq "$1" ]
}
pipe_of() {
    readlink "/proc/$1/fd/$2"
}
both_up() {
    s6-svstat "$scan/a" | grep -q '^up' && s6-svstat "$scan/a/log" | grep -q '^up'
}
# holds PID PIPE
holds() {
    find "/proc/$1/fd" -printf '%l\n' | grep -qxF "$2"
}
# a and its logger, and their supervisors, are on one pipe
joined() {
    [ -n "$(pid_in "$scan/a")" ] && [ -n "$(owner "$scan/a")" ] || return 1
    j=$(pipe_of "$(pid_in "$scan/a")" 1)
    case $j in pipe:*) ;; *) return 1 ;; esac
    [ "$j" = "$(pipe_of "$(pid_in "$scan/a/log")" 0)" ] && holds "$(owner "$scan/a")" "$j" &&
        holds "$(owner "$scan/a/log")" "$j"
}
no_zombie() {
    ! grep -qs '^State:.Z' /proc/[0-9]*/status
}
# Counts on standard output without end; what was counted stands in $T/safe/count. A life continues where the last ended.
# (A number is written and then recorded, so one that was killed between repeats at most one number.)
mkdir -p "$scan/a/log" "$T/safe/logs"
cat >"$scan/a/run" <<EOF
#!/bin/sh
echo \$\$ >>$T/safe/pids
i=\$(cat $T/safe/count 2>/dev/null || echo 0)
while :; do
    i=\$((i + 1))
    echo "\$i"
    echo "\$i" >$T/safe/count.new
    mv $T/safe/count.new $T/safe/count
    test \$((i % 4)) -ne 0 || sleep 0.01
done
EOF
cat >"$scan/a/log/run" <<EOF
#!/bin/sh
exec $PAIR_LOGGER -b n1000 s10000000 $T/safe/logs
EOF
chmod 755 "$scan/a/run" "$scan/a/log/run"
service "$scan/b"
sed -i "s,/pids,/pids-b," "$scan/b/run"

count() {
    cat "$T/safe/count" 2>/dev/null || echo 0
}
more_than() {
    [ "$(count)" -gt "$1" ]
}
grows() {
    more_than $(($(count) + 20)) || until_true 10000 more_than $(($(count) + 20))
}
in_log() {
    grep -qx "$1" "$T/safe/logs/current"
}
# What a logger has read and not written is lost when it is killed. A number may be written and not counted yet, but whoever has
# something to read does not sleep.
drained() {
    grep -q '^State:.T' "/proc/$(pid_in "$scan/a")/status" && asleep "$l" && in_log "$(count)"
}
idle_logger() {
    s6-svc -p "$scan/a"
    soon "logger idle" drained
}
# every number up to $last is in the log
complete() {
    have=$(cat "$T"/safe/logs/@* "$T/safe/logs/current" 2>/dev/null | sort -n -u |
        awk -v l="$last" '$1 >= 1 && $1 <= l { n++ } END { print n + 0 }')
    [ "$have" -eq "$last" ]
}
same_services() {
    [ "$(pid_in "$scan/a") $(pid_in "$scan/a/log")" = "$a $l" ]
}
another() {
    n=$(pid_in "$1")
    [ "${n:--1}" -gt 0 ] && [ "$n" != "$2" ]
}
alive_in() {
    n=0
    while read -r p; do
        alive "$p" && n=$((n + 1))
    done <"$1"
    echo "$n"
}
# copies FILE N: so many of the processes that have written their pids there are alive; the last may be about to write its own
copies() {
    [ "$(alive_in "$1")" -eq "$2" ]
}
