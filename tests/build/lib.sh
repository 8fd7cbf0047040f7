# tests/build/lib.sh: what the tests of the build share; most of all, what has been compiled. They look at what is configured, linked,
# installed and packed; whole builds from nothing are those of package/check, of every kind.
# shellcheck shell=sh

# setting DIR NAME: of DIR/config.mak
setting() {
    sed -n "s/^$2 := *//p" "$1/config.mak"
}
# takes TO FROM: the objects of another build directory, but those that know what configure found there (config.h)
takes() {
    mkdir -p "$1"
    cp -pR "$2/obj" "$2/libcairn.a" "$1/"
    find "$1/obj" -name '*.d' -exec sed -i "s|[^ ]*/obj/|$1/obj/|; s|[^ ]*/config\.h|$1/config.h|" {} +
    find "$1/obj" -name '*.d' -exec grep -l '/config\.h' {} + | sed 's/d$/o/' | xargs rm -f
}
# shares TO CC: takes those of a build for this machine by this compiler, where there is one
shares() {
    for shares_d in "$B" "$TOP/build/lint-clang"; do
        if [ -f "$shares_d/libcairn.a" ] && [ "$(setting "$shares_d" CC)" = "$2" ] &&
            [ -z "$(setting "$shares_d" STATIC)$(setting "$shares_d" SANITIZE)" ]; then
            takes "$1" "$shares_d"
            return
        fi
    done
}
# makes WORD...: in $b; objects that are there stay, whatever configure was told
makes() {
    # shellcheck disable=SC2154 # the caller's
    make -s -j2 B="$b" -o "$b/config.h" -o "$b/config.flags" "$@"
}
