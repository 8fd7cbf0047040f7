# tests/interop/cases/lib.sh: what the cases share. Sourced.
#   CLIENT  the tool under test (absolute)   SUPERVISE, SVSCAN  the daemons   T  a private directory, the working one
# shellcheck shell=sh

. "$TOP/tests/lib.sh"
. "$TOP/tests/supervised.sh"
: "${CLIENT:?}"
PATH=/usr/bin:/bin # our own directory has s6- links
export PATH

# What may differ: the names of the programs, process ids, times, and the text of usage.
normal() {
    sed -E 's/s6-//g; s/: : unable/: unable/; s/pid [0-9]+/pid P/g; s/[0-9]+ seconds/S seconds/g
        s/@[0-9a-f]{24}/STAMP/g; s/usage: .*/usage/' "$@" | tr '\n' '~' | sed 's/~$//'
}

# try LABEL COMMAND...: its exit code and what it prints
try() {
    try_label=$1
    shift
    for _ in 1 2 3 4 5 6 7 8 9 10 11 12; do
        timeout -s KILL 40 "$@" >"$T/.out" 2>"$T/.err" </dev/null
        try_code=$?
        # on a loaded machine s6's own helper may be too late for a short timeout: that is no answer
        grep -q 'Connection timed out' "$T/.err" || break
        # but that what was waited for has not come is one
        ! grep -q 'unable to match\|expected event\|unable to link\|unable to create' "$T/.err" || break
    done
    echo "$try_label | $try_code out<$(normal "$T/.out")> err<$(normal "$T/.err")>"
}

# try_again LABEL COMMAND...: as try, of what s6's own program may miss on a loaded machine: it then waits until its time is over
try_again() {
    try_again_n=0
    while [ $try_again_n -lt 5 ]; do
        try_again_n=$((try_again_n + 1))
        try "$@" >"$T/.try"
        [ "$try_code" -eq 99 ] || break
    done
    cat "$T/.try"
}

# comes LABEL COMMAND...: whether the command succeeds soon
comes() {
    comes_label=$1
    shift
    if until_true 10000 "$@"; then
        echo "$comes_label | yes"
    else
        echo "$comes_label | no"
    fi
}

# sent LABEL COMMAND...: as comes, if what was tried last succeeded
sent() {
    if [ "$try_code" -ne 0 ]; then
        echo "$1 | not sent"
    else
        comes_label=$1
        shift
        if until_true 2000 "$@"; then
            echo "$comes_label | yes"
        else
            echo "$comes_label | no"
        fi
    fi
}

# later SECONDS COMMAND: in the background
later() {
    later_s=$1
    shift
    spawn sh -c "sleep $later_s; $*"
}

# wrecks: directories in every state of disrepair
wrecks() {
    : >file
    mkdir bare
    mkdir -p nofifo/supervise nofifo/event nofifo/.s6-svscan
    mkdir notdir
    : >notdir/supervise
    : >notdir/.s6-svscan
    mkdir -p dead/supervise dead/event dead/.s6-svscan
    mkfifo dead/supervise/control dead/.s6-svscan/control
    : >dead/supervise/lock
    mkdir -p plain/supervise plain/.s6-svscan
    : >plain/supervise/control
    : >plain/.s6-svscan/control
    mkdir -p dirs/supervise/control dirs/supervise/lock dirs/.s6-svscan/control
}
