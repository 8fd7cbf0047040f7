/* hcl: the HCL (version 1) that configuration files of consul-template use, and its JSON variant,
   as a tree that keeps repeated blocks and remembers lines. */

#ifndef CAIRN_HCL_H
#define CAIRN_HCL_H

#include <stddef.h>
#include <stdint.h>

#include <cairn/pool.h>

enum hcl_kind { HCL_STRING, HCL_INT, HCL_FLOAT, HCL_BOOL, HCL_LIST, HCL_OBJECT };

struct hclitem;

struct hclvalue {
    enum hcl_kind kind;
    unsigned int line;     /* from 1; 0: not known (JSON) */
    struct hclvalue *next; /* in a list */
    union {
        struct {
            char const *s; /* n bytes, and a 0 behind them; no 0 among them */
            size_t n;
        } string;
        int64_t i;
        double f;
        int b;
        struct hclvalue *first; /* of a list; NULL: empty */
        struct hclitem *item;   /* of an object, in the order of the text; NULL: empty */
    } u;
};

/* KEY = VALUE, KEY { ... }, or KEY "LABEL" { ... }, which is an object in an object. A key that
   repeats stands there as often. */
struct hclitem {
    struct hclitem *next;
    char const *key; /* with a 0 */
    size_t n;
    unsigned int line;
    struct hclvalue *value;
};

enum { HCL_WHY = 256 };

/* Reads the len bytes at s into an object, in the pool; the text need not outlive the call. JSON is
   read where the first byte that is no white space is '{'. Returns it, or NULL with *line and
   *column (bytes, from 1; 0 where not known), and the reason, with the remedy where there is one,
   in why. Nesting (64) and size (16 MiB) are bounded. */
extern struct hclvalue *hcl_read(char const *s, size_t len, struct pool *p, unsigned int *line,
                                 unsigned int *column, char why[HCL_WHY]);

#endif
