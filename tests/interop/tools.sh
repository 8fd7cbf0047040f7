# tests/interop/tools.sh: compares tools that talk to no daemon, ours against Debian's s6. Sourced.
#
# tests/interop/cases/process prints one line per case, "LABEL | what came of it", and is run twice: with P=/usr/bin/s6-,
# which is the reference, and with P=$BIN/. Messages are compared by their kind (usage, fatal, warning), not by their
# words. Differences are listed in tests/interop/differences as in pairings.sh, with the pairing "ours/none".
# shellcheck shell=sh

. "$TOP/tests/interop/pairings.sh"

# tools NAME: all of it
tools() {
    for who in theirs ours; do
        mkdir "$T/$who-none" || exit 111
        case $who in ours) prefix=$BIN/ ;; *) prefix=/usr/bin/s6- ;; esac
        (cd "$T/$who-none" && P=$prefix T=$T/$who-none sh "$TOP/tests/interop/cases/$1") \
            >"$T/$who-none.txt" 2>"$T/$who-none.err" </dev/null
    done
    ok "the reference has cases" test -s "$T/theirs-none.txt"
    cp "$T/theirs-none.txt" "$T/theirs-theirs.txt"
    is "$(cut -d'|' -f1 "$T/theirs-none.txt" | sort | uniq -d)" "" "every label is there once"
    compare "$1" ours/none
    explained "$1"
    done_testing
}
