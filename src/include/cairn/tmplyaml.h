/* tmplyaml: YAML text as a value, read by libyaml; what scalars mean is yamlscalar's. A date is a
   string, as in Go's yaml.v2 for a reader that asks for no type. */

#ifndef CAIRN_TMPLYAML_H
#define CAIRN_TMPLYAML_H

#include <stddef.h>

#include <cairn/tmplvalue.h>

enum {
    TMPLYAML_WHY = 256,
    TMPLYAML_DEPTH_MAX = 200,    /* of lists and maps in one another, those of aliases too */
    TMPLYAML_ANCHORS_MAX = 1000, /* in a document */
    TMPLYAML_ALIASED_MAX =
        1000000 /* values in a document with aliases, each alias counted as all
                   that it stands for: who walks the value does not walk longer */
};

/* Reads the first document of the len bytes at s into *v, in the pool; no document is nil. Anchors
   and aliases are followed, merge keys (<<) too. Keys are scalars, and become their text; of equal
   ones the last stays. Tags of lists and maps are ignored, as Go's yaml.v2 does. Returns 1, or 0
   with the reason in why, with line and column; no byte of the text is in it. Beside the pool,
   libyaml takes memory in proportion to len while this runs. */
extern int tmplyaml_read(char const *s, size_t len, struct pool *p, struct tmplvalue *v,
                         char why[TMPLYAML_WHY]);

#endif
