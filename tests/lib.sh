# tests/lib.sh: what the black-box tests share. Sourced by scripts that tests/run starts with
#   BIN  the programs under test (absolute), TOP the project, B the build directory (absolute), T a private directory
# With COMPACT=1 services are hosted by svscan itself wherever the test does not say otherwise.
# Output is TAP. A test polls with a deadline; it never just sleeps and hopes.
# shellcheck shell=sh

set -u
: "${BIN:?run this through tests/run}" "${T:?}"
export CAIRN_BINDIR="$BIN"
PATH=$BIN:$PATH
if [ -n "${COMPACT:=}" ]; then
    PATH=$TOP/tests/compact:$PATH
    : "${SUPERVISE:=$TOP/tests/compact/supervise}" "${SVSCAN:=$TOP/tests/compact/svscan}"
fi
export PATH
tap_n=0
tap_failed=0
tap_pids=

# tap_report ok|"not ok" DESCRIPTION
tap_report() {
    tap_n=$((tap_n + 1))
    echo "$1 $tap_n - $2"
    [ "$1" = ok ] || tap_failed=$((tap_failed + 1))
}

diag() {
    printf '%s\n' "$*" | sed 's/^/# /'
}

# ok DESCRIPTION COMMAND...: passes when the command exits 0
ok() {
    tap_d=$1
    shift
    if tap_out=$("$@" 2>&1); then
        tap_report ok "$tap_d"
    else
        tap_report "not ok" "$tap_d"
        diag "command failed: $*"
        diag "$tap_out"
    fi
}

# nok DESCRIPTION COMMAND...: passes when the command says no. One that is not there, or a grep or test that fails for another
# reason (a missing file), has said nothing.
nok() {
    tap_d=$1
    shift
    tap_out=$("$@" 2>&1)
    tap_got=$?
    case $1:$tap_got in
    *:0)
        tap_report "not ok" "$tap_d"
        diag "command succeeded: $*"
        ;;
    *:126 | *:127 | grep:[2-9]* | test:[2-9]*)
        tap_report "not ok" "$tap_d"
        diag "exited $tap_got, which is no answer: $*"
        diag "$tap_out"
        ;;
    *) tap_report ok "$tap_d" ;;
    esac
}

# is GOT WANTED DESCRIPTION
is() {
    if [ "$1" = "$2" ]; then
        tap_report ok "$3"
    else
        tap_report "not ok" "$3"
        diag "got:    $1"
        diag "wanted: $2"
    fi
}

# like GOT GLOB DESCRIPTION
like() {
    # the glob is meant to be one
    # shellcheck disable=SC2254
    case $1 in
    $2) tap_report ok "$3" ;;
    *)
        tap_report "not ok" "$3"
        diag "got:     $1"
        diag "pattern: $2"
        ;;
    esac
}

# exits CODE DESCRIPTION COMMAND...: runs it, leaves standard output in $out and standard error in $err
exits() {
    tap_code=$1
    tap_d=$2
    shift 2
    "$@" >"$T/.out" 2>"$T/.err" </dev/null
    tap_got=$?
    out=$(cat "$T/.out")
    err=$(cat "$T/.err")
    if [ "$tap_got" -eq "$tap_code" ]; then
        tap_report ok "$tap_d"
    else
        tap_report "not ok" "$tap_d"
        diag "exited $tap_got, wanted $tap_code: $*"
        diag "$out"
        diag "$err"
    fi
}

# until_true MS COMMAND...: polls every 10 ms; 0 as soon as the command succeeds, 1 at the deadline
until_true() {
    tap_tries=$(($1 / 10 + 1))
    shift
    while [ "$tap_tries" -gt 0 ]; do
        "$@" >/dev/null 2>&1 && return 0
        tap_tries=$((tap_tries - 1))
        sleep 0.01
    done
    return 1
}

# soon DESCRIPTION COMMAND...: passes when the command succeeds within 10 s
soon() {
    tap_d=$1
    shift
    if until_true 10000 "$@"; then
        tap_report ok "$tap_d"
    else
        tap_report "not ok" "$tap_d"
        diag "still fails after 10 s: $*"
    fi
}

# kill, but never everybody: of a service that is not up a status says pid -1, and kill -9 -1 once ended a whole machine
kill() {
    tap_first=1
    for tap_arg; do
        case $tap_first$tap_arg in
        1-*) ;;
        0 | 00 | 01 | 0-* | 10 | 11)
            echo "kill $*: refused: '$tap_arg' is no process of this test" >&2
            return 1
            ;;
        esac
        tap_first=0
    done
    command kill "$@"
}

# spawn COMMAND...: starts it in the background, pid in $spawned; it is killed when the test ends
spawn() {
    "$@" &
    spawned=$!
    tap_pids="$spawned $tap_pids"
}

# over PID: it does not run any more; it may still wait to be waited for
over() {
    [ ! -d "/proc/$1" ] || grep -qs '^State:.Z' "/proc/$1/status"
}
# alive PID: it runs. (kill -0 also succeeds for one that has ended and was not waited for.)
alive() {
    ! over "$1"
}

# asleep PID: it waits for something, so it has seen to all that was sent to it before: that would have woken it
asleep() {
    grep -qs '^State:.S' "/proc/$1/status"
}

# skip DESCRIPTION REASON: for what this machine cannot possibly do
skip() {
    tap_n=$((tap_n + 1))
    echo "ok $tap_n - $1 # SKIP $2"
}

# a finish of the shell itself: end what was started, by pid
tap_cleanup() {
    for tap_p in $tap_pids; do
        tap_gone "$tap_p" || { kill -TERM "$tap_p" && kill -CONT "$tap_p"; } 2>/dev/null
    done
    for tap_p in $tap_pids; do
        until_true 3000 tap_gone "$tap_p" || kill -KILL "$tap_p" 2>/dev/null
    done
}
# is it no child of this test any more? The number may be another process's by now, which is not ours to end.
tap_gone() {
    ! grep -qs "^PPid:[[:space:]]*$$\$" "/proc/$1/status"
}
trap tap_cleanup EXIT

# last line of every test
done_testing() {
    echo "1..$tap_n"
    [ "$tap_failed" -eq 0 ]
    exit
}
