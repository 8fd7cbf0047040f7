# tests/bench/lib.sh: what the measuring scripts share: a line of tests/bench/report's for each figure. Sourced.
# BENCH_TSV is the file that gets the lines (an absolute path, not below /run); without it there are none.
# shellcheck shell=sh

# tsv TABLE WHAT UNIT OURS THEIRS PEER GOAL: "-" for what there is not; nothing if ours was not measured.
# A goal is '<= 3', '>= 1.3x' (x: of theirs), with the unit behind it if that helps.
tsv() {
    [ -n "${BENCH_TSV:-}" ] || return 0
    case $4 in '' | -) return 0 ;; esac
    printf '%s\t%s\t%s\t%s\t%s\t%s\t%s\n' "$1" "$2" "${3:--}" "$4" "${5:--}" "${6:--}" "${7:--}" >>"$BENCH_TSV"
}

# tsv_peers TABLE WHAT UNIT OURS GOAL [PEER THEIRS]...: a line for each peer that was measured; the goal is of the first of them
tsv_peers() {
    tsv_table=$1 tsv_what=$2 tsv_unit=$3 tsv_ours=$4 tsv_goal=$5 tsv_lines=0
    shift 5
    while [ $# -gt 1 ]; do
        case $2 in
        '' | -) ;;
        *)
            tsv "$tsv_table" "$tsv_what" "$tsv_unit" "$tsv_ours" "$2" "$1" "$tsv_goal"
            tsv_lines=1 tsv_goal=-
            ;;
        esac
        shift 2
    done
    [ $tsv_lines -eq 1 ] || tsv "$tsv_table" "$tsv_what" "$tsv_unit" "$tsv_ours" - - "$tsv_goal"
}
