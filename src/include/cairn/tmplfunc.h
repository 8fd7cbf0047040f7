/* tmplfunc: functions that templates call. A program gives the engine one or more tables of them;
   their arguments are checked by the engine before they run. */

#ifndef CAIRN_TMPLFUNC_H
#define CAIRN_TMPLFUNC_H

#include <stddef.h>

#include <cairn/tmplvalue.h>

enum { TMPLFUNC_WHY = 512 };

/* One call. */
struct tmplcall {
    struct pool *pool;           /* where the result is made */
    struct tmplvalue const *arg; /* checked against the function's types */
    size_t n;
    void *data;             /* the table's own */
    char why[TMPLFUNC_WHY]; /* what went wrong, for the message; see tmplcall_fail */
};

struct tmplfunc {
    char const *name;
    /* One letter for each argument: s string, i integer (a float without fraction that stands in
       the template as a constant serves), b bool, l list (nothing and nil are none), m map, n
       integer or float, . anything. What follows a '?' may be left out; a '*' at the end repeats
       the letter before it, none to any times ("s*": strings; "ss*": one or more). After a '=' at
       the beginning, the result also becomes the value of the variable that is written as first
       argument: so functions act that change their first argument in Go, and here make a new one
       ("=ms.": {{$_ := set $d "k" 1}} changes $d). */
    char const *args;
    /* Sets *result and returns 1, or returns 0 with c->why set. */
    int (*run)(struct tmplcall *c, struct tmplvalue *result);
};

struct tmplfunc_table {
    struct tmplfunc const *func;
    size_t n;
    void *data; /* given to each call as tmplcall.data */
};

/* Says what went wrong, as printf does; cut at TMPLFUNC_WHY. Returns 0. */
extern int tmplcall_fail(struct tmplcall *c, char const *format, ...)
    __attribute__((format(printf, 2, 3)));

/* Says that there is no memory, by errno (pool_get's). Returns 0. */
extern int tmplcall_nomem(struct tmplcall *c);

/* Sets *result to a copy of the n bytes at s, in the call's pool. Returns 1, or 0 as above. */
extern int tmplcall_string(struct tmplcall *c, struct tmplvalue *result, char const *s, size_t n);

/* The string v as one with a 0 behind it, in the call's pool, or NULL with c->why set: one with a 0
   inside is none that the system takes. */
extern char const *tmplcall_cstring(struct tmplcall *c, struct tmplvalue const *v);

/* Room for n items, in the call's pool, all nothing; NULL with c->why set. */
extern struct tmplvalue *tmplcall_items(struct tmplcall *c, size_t n);

/* Room for n entries, in the call's pool; NULL with c->why set. */
extern struct tmplentry *tmplcall_entries(struct tmplcall *c, size_t n);

#endif
