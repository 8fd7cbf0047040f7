# tests/images/app.sh: what the tests of the images that applications are put into share; sourced by them. They have set
#   RUNAS (the variable that says who the application is to be), PORT_OF_APP, GREETING.
# The application is that of an example, the service app in it.
# shellcheck shell=sh disable=SC2154
. "$TOP/tests/images/lib.sh"
mkdir "$T/bin"
ln -s "$(command -v "$docker")" "$T/bin/docker"
PATH=$T/bin:$PATH
examples=
remove_examples() {
    remove_all
    for app_i in $examples; do
        "$docker" rmi -f "$app_i" >/dev/null 2>&1 || :
    done
}
trap remove_examples EXIT

# example NAME [MODE]: builds it, and leaves the image's name in $e
example() {
    e=cairn-test-$$-$1${2:+-$2}
    examples="$examples $e"
    if ! MODE=${2:-} NAME=$e PREFIX=$P "$TOP/images/examples/$1/build" >"$T/build.log" 2>&1; then
        tap_report "not ok" "$1 builds"
        diag "$(tail -n 20 "$T/build.log")"
        done_testing
    fi
}
# example_does NAME [MODE]: the container that its script run starts does what its script expect says
example_does() {
    c=$e
    run_names="$run_names $c"
    ok "$1 ${2:-}: run" env NAME="$e" PORT=0 "$TOP/images/examples/$1/run"
    eventually "$1 ${2:-}: it does what it promises" 60 env MODE="${2:-}" NAME="$e" "$TOP/images/examples/$1/expect"
}
get() { # PATH
    inside busybox wget -q -O - "http://127.0.0.1:$PORT_OF_APP$1" 2>/dev/null
}
# up DESCRIPTION [PID]: waits until all services are ready, and app is not the process PID any more
up() {
    # the process first: the check after that cannot be about the old one
    if inside sh -c 'n=600
        until pid=$(s6-svstat -o pid /run/s6/services/app) && [ "$pid" -gt 0 ] && [ "$pid" != "$1" ] && svls --check >/dev/null; do
            n=$((n - 1))
            [ "$n" -gt 0 ] || exit 1
            sleep 0.1
        done' - "${2:-none}" 2>"$T/.err"; then
        tap_report ok "$1"
    else
        tap_report "not ok" "$1"
        diag "$(cat "$T/.err"; inside svls; "$docker" logs "$c" 2>&1 | tail -n 20)"
    fi
}
serves() {
    like "$(get /)" "$GREETING" "it serves"
}
kill_9() { # PID
    inside sh -c 'kill -9 "$1"' - "$1"
}
# the user and the group that the application is
owner() {
    inside sh -c 'stat -c %u:%g "/proc/$(s6-svstat -o pid /run/s6/services/app)"'
}
# stops_soon DESCRIPTION: a patient container
stops_soon() {
    stops 0 "$1: with 0, and without a KILL"
}
# over CODE DESCRIPTION: the container ends by itself, with that code
over() {
    timeout 20 "$docker" wait "$c" >/dev/null
    ends "$1" "$2"
}
# variables IMAGE: those of the base that concern an application, and RUNAS
variables() {
    patient "$e"
    up "without anything"
    serves
    is "$(owner)" "$(inside sh -c 'id -u "$1"; id -g "$1"' - "$(inside printenv "$RUNAS")" | paste -s -d :)" "it runs as $RUNAS"
    first=$c
    patient -e "$RUNAS=root" -e UMASK=027 "$e"
    up "$RUNAS=root and UMASK"
    is "$(owner)" 0:0 "it runs as root"
    is "$(inside sh -c 'sed -n "s/^Umask:[[:space:]]*//p" "/proc/$(s6-svstat -o pid /run/s6/services/app)/status"')" 0027 "with that mask"
    stops_soon "docker stop"
    patient -e PUID=5001 -e PGID=5002 "$e"
    up "PUID and PGID"
    is "$(owner)" 5001:5002 "it has those numbers"
    serves
    stops_soon "docker stop"
}
# table IMAGE: the table of its README
table() {
    app_who=$("$docker" exec "$first" sh -c 'stat -c %u:%g "/proc/$(s6-svstat -o pid /run/s6/services/app)"')
    patient --read-only --tmpfs /run:noexec "$e"
    ro=$c
    patient --user 12345:0 --cap-drop ALL --security-opt no-new-privileges "$e"
    user=$c
    patient --init "$e"
    init=$c
    for c in "$ro" "$user" "$init"; do
        case $c in
        "$ro") how='--read-only --tmpfs /run:noexec' who=$app_who ;;
        "$user") how='--user 12345:0 --cap-drop ALL --security-opt no-new-privileges' who=12345:0 ;;
        "$init") how=--init who=$app_who ;;
        esac
        up "$how"
        serves
        is "$(owner)" "$who" "  as $who"
        tabled "$1" "$how"
        stops_soon "  docker stop"
    done
}
