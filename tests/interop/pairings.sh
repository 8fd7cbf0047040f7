# tests/interop/pairings.sh: runs one black-box script per client in four pairings with Debian's s6. Sourced.
#
# tests/interop/cases/NAME prints one line per case, "LABEL | what came of it", and is run with (client, daemon) =
# theirs/theirs, which is the reference, ours/ours, ours/theirs and theirs/ours. Every line that differs from the
# reference must be in tests/interop/differences, and every line of that table must occur; doc/compat.md explains each
# by its id. With COMPACT=1 our daemons are in compact mode: ours/compact and theirs/compact; what is listed for ours/ours
# and theirs/ours holds for them too.
# shellcheck shell=sh

. "$TOP/tests/lib.sh"
TABLE=$TOP/tests/interop/differences
TAB=$(printf '\t')

# pairing NAME CLIENT DAEMON: writes the transcript of one pairing to $T/CLIENT-DAEMON.txt
pairing() {
    mkdir "$T/$2-$3" || return 1
    case $2 in ours) client=$BIN/$1 ;; *) client=/usr/bin/s6-$1 ;; esac
    case $3 in ours) daemons=$BIN/ ;; compact) daemons=$TOP/tests/compact/ ;; *) daemons=/usr/bin/s6- ;; esac
    (
        cd "$T/$2-$3" &&
            CLIENT=$client SUPERVISE=${daemons}supervise SVSCAN=${daemons}svscan T=$T/$2-$3 \
                sh "$TOP/tests/interop/cases/$1"
    ) >"$T/$2-$3.txt" 2>"$T/$2-$3.err" </dev/null
}

# compare NAME PAIRING: a case for every label of the reference, one for every line of the table
compare() {
    got=$T/$(echo "$2" | tr / -).txt
    while IFS= read -r line; do
        label=${line%% |*}
        have=$(grep -F -e "$label |" "$got" | awk -v l="$label |" 'index($0, l) == 1')
        listed=$(listed "$1" "$2" "$label")
        if [ -z "$have" ]; then
            is "(no such case)" "$line" "$2: $label"
        elif [ "$have" = "$line" ] && [ -n "$listed" ]; then
            is "$have" "$label | $listed" "$2: $label: the listed difference no longer occurs"
        elif [ "$have" = "$line" ]; then
            tap_report ok "$2: $label"
        elif [ "$have" = "$label | $listed" ]; then
            tap_report ok "$2: $label: differs as listed"
        else
            is "$have" "$line" "$2: $label"
            diag "for the table: ID${TAB}$1${TAB}$2${TAB}$label${TAB}${have#*| }"
        fi
    done <"$T/theirs-theirs.txt"
    is "$(wc -l <"$got")" "$(wc -l <"$T/theirs-theirs.txt")" "$2: the number of cases"
}

# listed NAME PAIRING LABEL: what the table says that this case gives
listed() {
    while IFS=$TAB read -r _ name pairs label result; do
        # the pattern is meant to be one
        # shellcheck disable=SC2254
        case $2$TAB${2%compact}ours in
        $pairs"$TAB"* | *"$TAB"$pairs) [ "$name" = "$1" ] && [ "$label" = "$3" ] && echo "$result" ;;
        esac
    done <"$TABLE"
}

# pairings NAME: all of it
pairings() {
    if [ ! -x "/usr/bin/s6-$1" ]; then
        is "absent" "/usr/bin/s6-$1" "Debian's s6 is installed ('sh package/deps test' does it)"
        done_testing
    fi
    pairing "$1" theirs theirs &
    reference=$!
    daemon=${COMPACT:+compact}
    daemon=${daemon:-ours}
    pairing "$1" ours "$daemon"
    wait "$reference"
    [ -n "$COMPACT" ] || pairing "$1" ours theirs &
    reference=$!
    pairing "$1" theirs "$daemon"
    wait "$reference"
    ok "the reference has cases" test -s "$T/theirs-theirs.txt"
    is "$(cut -d'|' -f1 "$T/theirs-theirs.txt" | sort | uniq -d)" "" "every label is there once"
    for p in "ours/$daemon" ours/theirs "theirs/$daemon"; do
        [ -z "$COMPACT" ] || [ "$p" != ours/theirs ] || continue
        compare "$1" "$p"
    done
    # an id is one word
    # shellcheck disable=SC2013
    for id in $(grep -v '^#' "$TABLE" | awk -F "$TAB" -v n="$1" '$2 == n { print $1 }' | sort -u); do
        ok "doc/compat.md explains $id" grep -srqF "($id)" "$TOP/doc/compat.md" "$TOP/doc/compat.d"
    done
    # a label of the table that no case has would never be looked at
    awk -F "$TAB" -v n="$1" '$2 == n { print $4 }' "$TABLE" | sort -u | while IFS= read -r label; do
        awk -v l="$label |" 'index($0, l) == 1 { f = 1 } END { exit !f }' "$T/theirs-theirs.txt" || echo "$label"
    done >"$T/unknown"
    is "$(cat "$T/unknown")" "" "the table has no unknown labels"
    done_testing
}
