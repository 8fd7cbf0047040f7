/* semver: versions as semver.org/spec/v2.0.0 has them, read leniently ("v1.2", "1"), and
   constraints on them. */

#ifndef CAIRN_SEMVER_H
#define CAIRN_SEMVER_H

#include <stddef.h>
#include <stdint.h>

struct semver {
    uint64_t number[3]; /* major, minor, patch */
    int numbers;        /* how many of these were given */
    char const *pre;    /* what stands behind -, and how many bytes: in the text */
    size_t pre_n;
    char const *meta; /* behind + */
    size_t meta_n;
};

/* Reads the n bytes at s. Returns 1, or 0 if they are no version. */
extern int semver_parse(struct semver *v, char const *s, size_t n);

/* Their order: <0, 0, >0; what is behind + does not count. */
extern int semver_compare(struct semver const *a, struct semver const *b);

/* Does the version meet the constraint? Comparisons (= != > < >= <=, ~ and ^, ranges "1.2 - 2.0", x
   and * for any number) with commas or blanks between, of which all have to hold; || between
   alternatives. One with a pre-release is met only where the constraint has one. Returns 1 or 0, or
   -1 if the constraint is none. */
extern int semver_check(char const *constraint, size_t n, struct semver const *v);

#endif
