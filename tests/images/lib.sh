# tests/images/lib.sh: what the tests of the images share. Sourced after tests/lib.sh by scripts that tests/run starts.
#   $docker      the client, with DOCKER_HOST of an engine that answers (package/docker starts one)
#   $P           the prefix of the images' names: images/build has built them (tests/run: package/check does that first)
# Containers have names of this test's, and are removed when it ends.
# shellcheck shell=sh
. "$TOP/tests/lib.sh"

P=${IMAGES_PREFIX:-cairn/}
docker=/usr/bin/docker
[ -x "$docker" ] || docker=docker
if ! DOCKER_HOST=$(sh "$TOP/package/docker" start "$B/docker" 2>"$T/why" | tail -n 1) || [ -z "$DOCKER_HOST" ]; then
    skip "images on real Docker" "$(cat "$T/why")"
    done_testing
fi
export DOCKER_HOST
run_names=
img_n=0
remove_all() {
    for img_c in $run_names; do
        "$docker" rm -f -v "$img_c" >/dev/null 2>&1 || :
    done
    tap_cleanup
}
trap remove_all EXIT

# need IMAGE...: builds what is not there
need() {
    for img_i; do
        "$docker" image inspect "$P$img_i" >/dev/null 2>&1 ||
            sh "$TOP/images/build" --prefix "$P" --base "${IMAGES_BASE:-cairn-base:debian}" "$img_i" >"$T/build.log" 2>&1 || {
            tap_report "not ok" "$img_i builds"
            diag "$(tail -n 20 "$T/build.log")"
            done_testing
        }
    done
}

# start OPTION... IMAGE [WORD...]: runs a container in the background; its name is left in $c
start() {
    img_n=$((img_n + 1))
    c=cairn-test-$$-$img_n
    run_names="$run_names $c"
    "$docker" run -d --name "$c" "$@" >/dev/null 2>"$T/.err" || diag "$(cat "$T/.err")"
}
# patient OPTION... IMAGE: as start; a stop waits for all processes a minute before it kills one, and docker stop kills the
# container before that: a stop with 0 is one without a KILL
patient() {
    start -e S6_SERVICES_GRACETIME=60000 -e S6_KILL_GRACETIME=60000 "$@"
}
# inside WORD...: runs a command in the container $c
inside() {
    "$docker" exec "$c" "$@"
}
is_healthy() {
    [ "$("$docker" inspect -f '{{.State.Health.Status}}' "$c")" = healthy ]
}
# healthy DESCRIPTION: waits for it, 40 s at most
healthy() {
    if until_true 40000 is_healthy; then
        tap_report ok "$1"
    else
        tap_report "not ok" "$1"
        diag "$("$docker" logs "$c" 2>&1 | tail -n 20)"
    fi
}
is_over() {
    [ "$("$docker" inspect -f '{{.State.Running}}' "$c")" = false ]
}
# ends CODE DESCRIPTION: the container ends by itself, with that code
ends() {
    until_true 20000 is_over || diag "it still runs"
    is "$("$docker" inspect -f '{{.State.ExitCode}}' "$c")" "$1" "$2"
}
# stops CODE DESCRIPTION [SECONDS]: docker stop ends it in time, with that code, by its own doing: one that Docker has to kill
# ends with 137. init gives up sooner than that, but takes its time where three tests share two processors
stops() {
    stops_t=$(date +%s%N)
    "$docker" stop -t "${3:-30}" "$c" >/dev/null
    diag "docker stop: $((($(date +%s%N) - stops_t) / 1000000)) ms" # reported, not asserted
    is "$("$docker" inspect -f '{{.State.ExitCode}}' "$c")" "$1" "$2"
}
# tabled IMAGE OPTIONS: the table of its README says that it works so (or, for "both", with both sorts of restrictions)
tabled() {
    case $2 in both) tabled_how=both ;; *) tabled_how="\`$2\`" ;; esac
    ok "  and so says the README" grep -qF "| $tabled_how | yes |" "$TOP/images/$1/README.md"
}
# within SECONDS COMMAND...: until it succeeds; fails after that time
within() {
    within_end=$(($(date +%s) + $1))
    shift
    until "$@" >/dev/null 2>&1; do
        [ "$(date +%s)" -lt "$within_end" ] || return 1
        sleep 0.1
    done
}
# eventually DESCRIPTION SECONDS COMMAND...: passes as soon as the command succeeds, within that time; else what it said last is shown
eventually() {
    eventually_d=$1 eventually_end=$(($(date +%s) + $2))
    shift 2
    until "$@" >"$T/.eventually" 2>&1; do
        if [ "$(date +%s)" -ge "$eventually_end" ]; then
            tap_report "not ok" "$eventually_d"
            diag "still fails: $*"
            diag "$(tail -n 20 "$T/.eventually")"
            return
        fi
        sleep 0.2
    done
    tap_report ok "$eventually_d"
}
# printed GREP-OPTION... PATTERN: a line like that is in what the container $c has printed so far
printed() {
    "$docker" logs "$c" 2>&1 | grep -q "$@"
}
# ms NANOSECONDS: the milliseconds since then
ms() {
    echo $((($(date +%s%N) - $1) / 1000000))
}
# address: of the container $c
address() {
    "$docker" inspect -f '{{range .NetworkSettings.Networks}}{{.IPAddress}}{{end}}' "$c"
}
# pid_of SERVICE: in the container $c
pid_of() {
    inside s6-svstat -o pid "/run/s6/services/$1" 2>/dev/null || inside svstat -o pid "/run/s6/services/$1"
}
