# package/demo.d/look.sh: how the demos look, for package/demo and package/demo-complete. $console, where it is set, is the file with
# what a container has printed: it is shown when something fails.
# shellcheck shell=sh
console=${console:-}
bold='' dim='' plain=''
if [ -t 1 ] && [ "${TERM:-dumb}" != dumb ]; then
    esc=$(printf '\033')
    bold="${esc}[1m" dim="${esc}[2m" plain="${esc}[0m"
fi

title() {
    printf '\n%s== %s ==%s\n' "$bold" "$*" "$plain"
}
say() {
    printf '%s\n' "$*"
}
prompt() {
    printf '%s$ %s%s\n' "$dim" "$*" "$plain"
}
failed() {
    echo "demo: failed: $*" >&2
    if [ -s "$console" ]; then
        echo "demo: the console of the container (build/demo/console):" >&2
        sed 's/^/    /' "$console" >&2
    fi
    exit 1
}
# milliseconds since the machine started
now() {
    awk '{ printf "%d\n", $1 * 1000 }' /proc/uptime
}
