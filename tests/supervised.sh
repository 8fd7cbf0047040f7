# tests/supervised.sh: service directories and supervisors for the tests of the clients. Sourced after tests/lib.sh.
#   SUPERVISE, SVSCAN  the daemons to use (default: ours)
# shellcheck shell=sh

: "${SUPERVISE:=$BIN/supervise}" "${SVSCAN:=$BIN/svscan}"

# service DIR [LINE...]: a service directory whose run executes the lines (default: sleeps), marked as down
service() {
    service_dir=$1
    shift
    [ $# -gt 0 ] || set -- 'exec sleep 1000'
    mkdir -p "$service_dir"
    {
        echo '#!/bin/sh'
        printf '%s\n' "$@"
    } >"$service_dir/run"
    chmod 755 "$service_dir/run"
    : >"$service_dir/down"
}

# ready_service DIR: one that says at once that it is ready
ready_service() {
    service "$1" 'echo >&3' 'exec sleep 1000'
    echo 3 >"$1/notification-fd"
}

# finish_of DIR LINE...: gives it a finish script
finish_of() {
    service_dir=$1
    shift
    {
        echo '#!/bin/sh'
        printf '%s\n' "$@"
    } >"$service_dir/finish"
    chmod 755 "$service_dir/finish"
}

# supervised DIR: starts a supervisor on it and waits until it listens; its pid goes to $spawned.
# A shell makes its background jobs ignore INT and QUIT, which services would inherit.
supervised() {
    spawn env --default-signal "$SUPERVISE" "$1" </dev/null >>"$T/supervise.log" 2>&1
    until_true 30000 listening "$1" || diag "no supervisor on $1: $(cat "$T/supervise.log")"
}
listening() {
    [ -s "$1/supervise/status" ] && [ -p "$1/supervise/control" ] || return 1
    /usr/bin/s6-svok "$1" || return 1
    # with COMPACT=1: its svscan knows that there is nothing to start again (tests/compact/supervise)
    for listening_link in "$T"/hosted.*/"${1##*/}"; do
        [ ! -L "$listening_link" ] || return 1
    done
}

# state DIR: what the real s6-svstat says of up, ready and wanted up: the judge in all tests of the clients
state() {
    /usr/bin/s6-svstat -o up,ready,wantedup "$1"
}
# pid_of DIR: the pid of run, once the service is up
pid_of() {
    until_true 30000 is_up "$1" && /usr/bin/s6-svstat -p "$1"
}
is_state() {
    [ "$(state "$1")" = "$2" ]
}
is_up() {
    [ "$(/usr/bin/s6-svstat -u "$1")" = true ]
}
is_down() {
    [ "$(/usr/bin/s6-svstat -u "$1")" = false ]
}
has_line() {
    grep -q -x -F -e "$2" "$1"
}

# start DIR, stop DIR: bring it up or down and wait until it is
start() {
    /usr/bin/s6-svc -u "$1"
    until_true 30000 is_up "$1" || diag "$1 does not come up"
}
stop() {
    /usr/bin/s6-svc -d "$1"
    until_true 30000 is_down "$1" || diag "$1 does not go down"
}

# restarted DIR PID: it is up again, as another process than this one
restarted() {
    case $(/usr/bin/s6-svstat -o up,pid "$1") in "true $2" | false*) return 1 ;; esac
}
# unsupervised DIR: the supervisor has let go of the lock, so that another one may come; it says good-bye before that
unsupervised() {
    ! /usr/bin/s6-svok "$1" && "$BIN/setlock" -n "$1/supervise/lock" true
}

# no_listeners DIR: no FIFO was left in its event directory
no_listeners() {
    [ -z "$(ls -A "$1/event")" ]
}

# once_heard DIR COMMAND: does it in the background as soon as somebody listens to DIR
once_heard() {
    spawn sh -c "until ls $1/event | grep -q '^ftrig1:'; do sleep 0.02; done; $2"
}

# scanned DIR: starts an svscan on it and waits until it listens; its pid goes to $spawned
scanned() {
    mkdir -p "$1"
    spawn env --default-signal "$SVSCAN" -t 0 "$1" </dev/null >>"$T/supervise.log" 2>&1
    until_true 30000 /usr/bin/s6-svscanctl "$1" || diag "no svscan on $1: $(cat "$T/supervise.log")"
}
# unscanned DIR: the tree ends
unscanned() {
    /usr/bin/s6-svscanctl -t "$1"
    until_true 30000 sh -c "! /usr/bin/s6-svscanctl $1" || diag "the svscan of $1 does not end"
}

# instanced DIR [LINE...]: an instanced service, whose template's run executes the lines; it runs when this returns
instanced() {
    instanced_dir=$1
    shift
    service "$instanced_dir" "exec 2>>$T/supervise.log" "exec $SVSCAN -t 0 -d 3 -- instance"
    echo 3 >"$instanced_dir/notification-fd"
    mkdir "$instanced_dir/instance" "$instanced_dir/instances"
    service "$instanced_dir/template" "$@"
    rm "$instanced_dir/template/down"
    supervised "$instanced_dir"
    start_instanced "$instanced_dir"
}
start_instanced() {
    start "$1"
    until_true 30000 /usr/bin/s6-svscanctl "$1/instance" || diag "no svscan on $1/instance: $(cat "$T/supervise.log")"
}
