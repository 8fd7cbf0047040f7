# tests/images/web.sh: what is tested alike of alpine-nginx and alpine-apache. Sourced by the tests of these, which set
#   IMAGE, SERVICE, SERVER (the name of its processes), USER_NAME (that the workers are), PAGES, CONF (the whole
#   configuration), CONF_D (where files are added to it), GRACEFUL (the signal that makes it end with 0),
# and have files below $T: other.conf (a whole configuration of a user's that listens on 8080), broken.conf, tls.conf (for
# CONF_D; with /etc/key.pem and /etc/cert.pem), own-run (a run script of a user's that does not exec).
# shellcheck shell=sh disable=SC2154
. "$TOP/tests/images/lib.sh"
need "$IMAGE"

get() { # PATH [PORT]
    inside busybox wget -q -O - "http://127.0.0.1:${2:-80}$1" 2>/dev/null
}
# up DESCRIPTION [PID]: waits until the server is as it is to be, and its first process not PID any more. Asks what the
# health is made from, without its ten seconds between two looks, and inside, where asking costs little
up() {
    # the process first: the check after that cannot be about the old one
    if inside sh -c 'n=600
        until [ "$(s6-svstat -o pid "/run/s6/services/$1")" != "$2" ] && svls --check >/dev/null; do
            n=$((n - 1))
            [ "$n" -gt 0 ] || exit 1
            sleep 0.1
        done' - "$SERVICE" "${2:-none}" 2>"$T/.err"; then
        tap_report ok "$1"
    else
        tap_report "not ok" "$1"
        diag "$(cat "$T/.err"; inside svls; "$docker" logs "$c" 2>&1 | tail -n 20)"
    fi
}
# over CODE DESCRIPTION: the container ends by itself, with that code
over() {
    timeout 20 "$docker" wait "$c" >/dev/null
    ends "$1" "$2"
}
# the users that the server's processes are, the one on top first
users() {
    inside sh -c 'top=$(s6-svstat -o pid "/run/s6/services/$1"); stat -c %u "/proc/$top"
        for p in /proc/[0-9]*; do grep -qs "^PPid:[[:space:]]*$top\$" "$p/status" && stat -c %u "$p"; done' - "$SERVICE" | uniq | paste -s -d ' ' -
}
are_users() {
    [ "$(users)" = "$1" ]
}
# users_are USERS DESCRIPTION: soon, since the children begin after the port is open, and become who they are after that
users_are() {
    until_true 10000 are_users "$1"
    is "$(users)" "$1" "$2"
}
answers() { # TEXT
    [ "$(get /)" = "$1" ]
}
# signal NAME: to the server's first process
signal() {
    inside sh -c 'kill -"$1" "$(s6-svstat -o pid "/run/s6/services/$2")"' - "$1" "$SERVICE"
}

# ---- as it is
patient "$P$IMAGE"
first=$c
up "without anything"
like "$(get /)" "*<title>$IMAGE</title>*" "its page"
nok "no other page" get /missing
users_are "0 $(inside id -u "$USER_NAME")" "the first process is root, its children are $USER_NAME"
soon "requests are on standard output" sh -c '"$1" logs "$2" 2>/dev/null | grep -q "GET /missing HTTP/1.1. 404"' - "$docker" "$c"
is "$("$docker" inspect -f '{{range $p, $_ := .Config.ExposedPorts}}{{$p}} {{end}}' "$c")" "443/tcp 80/tcp " "ports"
is "$(inside sh -c 'cd "$1" && pwd' - "$PAGES")" "$PAGES" "pages are in $PAGES"
inside sh -c 'echo changed >"$1/index.html" && s6-svc -h "/run/s6/services/$2"' - "$PAGES" "$SERVICE"
# the child that a request comes to may be about to be replaced
soon "which can be changed" answers changed
up "and it reads its configuration again"

# ---- a container that was killed has left everything as it was
"$docker" kill -s KILL "$c" >/dev/null
"$docker" start "$c" >/dev/null
up "starts again after docker kill"
is "$(get /)" changed "and serves"

# ---- an end nobody has asked for
patient "$P$IMAGE"
up "another"
signal KILL
over 137 "kill -9: the container stops with 137, and does not wait for the children that are left"
patient "$P$IMAGE"
up "another"
# who answers has its signals caught, which comes after the port is open
get / >/dev/null
signal "$GRACEFUL"
over 0 "an exit with 0: the container stops with 0"
patient -v "$T/broken.conf:$CONF:ro" "$P$IMAGE"
over 1 "a configuration that cannot be read: the container stops with 1"
like "$("$docker" logs "$c" 2>&1)" "*nonsense*" "and the reason is on standard error"

# ---- what was asked for
c=$first
inside s6-svc -wD -T 60000 -d "/run/s6/services/$SERVICE"
nok "s6-svc -d stops the server" get /
inside s6-svc -u "/run/s6/services/$SERVICE"
up "s6-svc -u starts it; the container has lived on"
is "$(get /)" changed "and serves"

# ---- users' files
patient -v "$T/other.conf:$CONF:ro" "$P$IMAGE"
up "a whole configuration of a user's: ready, though on another port"
like "$(get / 8080)" "*<title>$IMAGE</title>*" "and used"
soon "log files that it names are the container's output" sh -c '"$1" logs "$2" 2>/dev/null | grep -q "GET / HTTP"' - "$docker" "$c"
stops 0 "docker stop: with 0, and without a KILL"
patient -v "$T/own-run:/etc/services.d/$SERVICE/run:ro" "$P$IMAGE"
up "a run script of a user's that does not exec"
like "$(get /)" "*<title>$IMAGE</title>*" "and serves"
stops 0 "docker stop: with 0, and without a KILL"
printf 'FROM %s\nRUN ln -s /bin/true /etc/services.d/%s/finish\n' "$P$IMAGE" "$SERVICE" |
    "$docker" build -q -t "cairn-test-$$" - >"$T/build.log" 2>&1
patient "cairn-test-$$"
up "a finish of a user's, linked to /bin/true"
pid=$(pid_of "$SERVICE")
signal KILL
up "kill -9: the server is started again" "$pid"
is "$(inside sh -c 'cat /proc/[0-9]*/stat' 2>/dev/null | awk -v s="($SERVER)" -v l="$pid" '$2 == s && $6 == l')" "" "without what the first has left"
like "$(get /)" "*<title>$IMAGE</title>*" "and serves"
"$docker" rm -f "$c" >/dev/null
"$docker" rmi "cairn-test-$$" >/dev/null

# ---- TLS on the other port, with a key that only root may read
if command -v openssl >/dev/null; then
    openssl req -x509 -newkey rsa:2048 -nodes -subj /CN=localhost -days 2 -keyout "$T/key.pem" -out "$T/cert.pem" 2>/dev/null
    chmod 600 "$T/key.pem"
    patient -v "$T/tls.conf:$CONF_D/tls.conf:ro" -v "$T/key.pem:/etc/key.pem:ro" -v "$T/cert.pem:/etc/cert.pem:ro" "$P$IMAGE"
    up "TLS"
    tls() {
        printf 'GET / HTTP/1.0\r\n\r\n' | timeout 30 openssl s_client -quiet -connect "$(address):443" 2>/dev/null
    }
    like "$(tls)" "*<title>$IMAGE</title>*" "its page on port 443"
else
    skip "TLS" "openssl is not installed"
fi

# ---- variables of the base
patient -e PUID=5001 -e PGID=5002 -e UMASK=027 "$P$IMAGE"
up "PUID, PGID and UMASK"
users_are "0 5001" "PUID"
is "$(inside id -g "$USER_NAME")" 5002 "PGID"
is "$(inside sh -c 'sed -n "s/^Umask:[[:space:]]*//p" "/proc/$(s6-svstat -o pid "/run/s6/services/$1")/status"' - "$SERVICE")" 0027 "UMASK"
like "$(get /)" "*<title>$IMAGE</title>*" "and serves"
stops 0 "docker stop: with 0, and without a KILL"

# ---- the table of the README
patient --read-only --tmpfs /run:noexec "$P$IMAGE"
ro=$c
patient --user 12345:0 --cap-drop ALL --security-opt no-new-privileges "$P$IMAGE"
user=$c
patient --read-only --tmpfs /run:noexec --user 12345:0 --cap-drop ALL --security-opt no-new-privileges "$P$IMAGE"
both=$c
patient --init "$P$IMAGE"
init=$c
for c in "$ro" "$user" "$both" "$init"; do
    case $c in
    "$ro") how='--read-only --tmpfs /run:noexec' who="0 $("$docker" run --rm --entrypoint id "$P$IMAGE" -u "$USER_NAME")" ;;
    "$user") how='--user 12345:0 --cap-drop ALL --security-opt no-new-privileges' who=12345 ;;
    "$both") how='both' who=12345 ;;
    "$init") how=--init who="0 $(inside id -u "$USER_NAME")" ;;
    esac
    up "$how"
    like "$(get /)" "*<title>$IMAGE</title>*" "  serves"
    users_are "$who" "  as $who"
    tabled "$IMAGE" "$how"
    stops 0 "  docker stop: with 0, and without a KILL"
done

# ---- the first one is at least ten seconds old now
c=$first
healthy "Docker finds it healthy"
stops 0 "docker stop: with 0, and without a KILL"
