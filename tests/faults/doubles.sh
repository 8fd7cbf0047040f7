# tests/faults/doubles.sh: a tree of services with a logger under the daemons' doubles (tests/helpers/doubles.c), and a plan of faults.
# Sourced after faults/lib.sh, in a pid namespace of the test's own.
#
#   begin MODE [OPTION...]   starts svscan with these options, and a watcher of every status
#   through MODE             one fault after another: while it lasts nothing spins; after it everything is as it should be
#   finish                   no status was torn, no line of the log is missing, nothing is left
# DOUBLES_SEED in the environment gives other random faults.
# shellcheck shell=sh
# shellcheck disable=SC2034,SC2154

d=$B/test/doubles
# the programs, five of them doubles under all their names
mkdir "$T/bin"
for f in "$BIN"/*; do
    ln -s "$f" "$T/bin/${f##*/}"
done
for f in svscan:s6-svscan supervise:s6-supervise svlog:s6-log init:init resolver:go-dnsmasq; do
    for n in "${f%:*}" "${f#*:}"; do ln -sf "$d/${f%:*}" "$T/bin/$n"; done
done
BIN=$T/bin CAIRN_BINDIR=$T/bin PATH=$T/bin:$PATH
# shellcheck source=tests/faults/pair.sh
. "$TOP/tests/faults/pair.sh"
sed -i 's/s10000000/s4096/' "$scan/a/log/run"

# The plan's phases, in the order of $phases.
phases='fork memory open full names freeze ahead behind storm'
DOUBLES="seed=${DOUBLES_SEED:-7}"
DOUBLES="$DOUBLES,fork:EAGAIN;malloc:ENOMEM;open:EMFILE;write:ENOSPC,rename:ENOSPC,create:ENOSPC;rename:EIO"
DOUBLES="$DOUBLES;clock:freeze;clock:jump=3600;clock:jump=-3600"
DOUBLES="$DOUBLES;fork:EAGAIN:1/3,open:EMFILE:1/7,rename:ENOSPC:1/4,write:ENOSPC:1/4,create:EIO:1/5"
export DOUBLES
export DOUBLES_STATE="$T/safe/state"
diag "DOUBLES='$DOUBLES'"

# phase N: what fails from now on
phase() {
    # a number of four bytes, whose highest come last or first
    python3 -c 'import struct, sys; sys.stdout.buffer.write(struct.pack("=I", int(sys.argv[1])))' "$1" | dd of="$DOUBLES_STATE" bs=4 conv=notrunc 2>/dev/null
}
# made: how many calls were made to fail, or clocks to lie, up to now
made() {
    od -An -v -t u4 -j 4 -N 32 "$DOUBLES_STATE" | awk '{ for (i = 1; i <= NF; i++) n += $i } END { print n + 0 }'
}
made_more_than() {
    [ "$(made)" -gt "$1" ]
}
# daemons: svscan, its supervisors and loggers
daemons() {
    for p in /proc/[0-9]*; do
        # what ends just now has none
        case $(readlink "$p/exe" 2>/dev/null) in "$d"/*) echo "${p#/proc/}" ;; esac
    done
}
# lines that came into the log in the wrong order, twice, or not at all, up to the last one. While a clock is ahead files are named
# for a time to come: so they are taken in the order of their first lines.
disorder() {
    find "$T/safe/logs" -name '@*' -o -name previous -o -name current | while read -r f; do
        [ ! -s "$f" ] || echo "$(head -n 1 "$f") $f"
    done | sort -n | cut -d ' ' -f 2- | xargs cat |
        awk '$1 != n + 1 { print "after " n + 0 ": " $0 } { n = $1 } END { if (!n) print "no line" }' | head -n 5
}
all_logged() {
    # current may just have been begun
    [ "$(cat "$T"/safe/logs/@* "$T/safe/logs/current" 2>/dev/null | sort -n | tail -n 1)" = "$(count)" ]
}
# Looks at every status, again and again, until $T/safe/enough is there. Each has one of the three sizes of doc/formats.md, and
# svstat can read it.
watch() {
    while [ ! -e "$T/safe/enough" ]; do
        for s in "$scan/a" "$scan/a/log" "$scan/b"; do
            size=$(stat -c %s "$s/supervise/status")
            case $size in 35 | 43) ;; *) echo "$s: status of $size bytes" ;; esac
            # a supervisor may just be missing: that is an answer
            said=$("$BIN/svstat" "$s" 2>&1)
            code=$?
            case $code in 0 | 1) ;; *) echo "$s: svstat exits $code: $said" ;; esac
        done
        sleep 0.02
    done
}

# as_it_should WHAT: the tree after a fault
as_it_should() {
    soon "$1: then b is up" s6-svwait -U -t 100 "$scan/b"
    # one that has just been told to restart may be dead, and its record not yet written
    soon "$1: b runs once" copies "$T/safe/pids-b" 1
    soon "$1: and what is recorded is true" recorded_b
    soon "$1: a and its logger are up" both_up
    ok "$1: a is the same" test "$(pid_in "$scan/a")" = "$a"
    soon "$1: they are on one pipe" joined
    soon "$1: it counts" grows
    soon "$1: no zombie" no_zombie
}
recorded_b() {
    [ "$(pid_in "$scan/b")" = "$(tail -n 1 "$T/safe/pids-b")" ]
}
# through MODE: all phases
through() {
    n=0
    for p in $phases; do
        n=$((n + 1)) what="$1, $p"
        before=$(made)
        phase $n
        # something for everyone to do: a death, a command, a scan, and for the logger a death and rotations
        kill "$(pid_in "$scan/b")"
        kill "$(pid_in "$scan/a/log")"
        s6-svscanctl -a "$scan"
        soon "$what: it happens" made_more_than "$before"
        # a list of pids
        # shellcheck disable=SC2046
        calm "$what: nothing spins" $(daemons)
        s6-svc -r "$scan/b"
        ok "$what: svscan lives" alive "$sv"
        phase 0
        # what waits before it tries again need not
        s6-svscanctl -a "$scan"
        s6-svc -u "$scan/b"
        s6-svc -u "$scan/a/log"
        as_it_should "$what"
    done
}
# begin MODE [OPTION...]: a new tree
begin() {
    mode=$1
    shift
    rm -rf "$T"/safe/* "$scan"/*/supervise "$scan"/*/event "$scan"/*/log/supervise "$scan"/*/log/event "$scan/.svscan"
    mkdir "$T/safe/logs"
    head -c 64 /dev/zero >"$DOUBLES_STATE"
    svscan "$mode" "$@"
    soon "$mode: up" both_up
    soon "$mode: b is up" s6-svwait -U -t 100 "$scan/b"
    a=$(pid_in "$scan/a")
    soon "$mode: it counts" grows
    watch >"$T/safe/torn" 2>&1 &
    watcher=$!
    tap_pids="$watcher $tap_pids"
}
finish() {
    : >"$T/safe/enough"
    wait "$watcher"
    is "$(sort "$T/safe/torn" | uniq -c | head -n 5)" "" "$mode: no status was ever torn"
    s6-svc -p "$scan/a"
    soon "$mode: all is logged" all_logged
    s6-svscanctl -t "$scan"
    soon "$mode: svscan ends" dead "$sv"
    is "$(disorder)" "" "$mode: $(count) lines, each once and in order"
    diag "$(wc -l <"$log") lines of messages"
    ok "$mode: no endless log" test "$(wc -l <"$log")" -lt 400
    is "$(daemons)" "" "$mode: nothing is left"
}
