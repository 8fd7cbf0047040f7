/* tmplvalue: what templates compute with. A value is small and copied freely; the bytes, items and
   entries that it refers to are never changed once made, and live in a pool (or longer). Integers
   and floats are distinct, as in Go; maps have strings for keys and are kept in their order. */

#ifndef CAIRN_TMPLVALUE_H
#define CAIRN_TMPLVALUE_H

#include <stddef.h>
#include <stdint.h>

#include <cairn/pool.h>

enum tmplvalue_kind {
    TMPLVALUE_NONE, /* no value: a key that a map does not have */
    TMPLVALUE_NIL,  /* nil, JSON's null */
    TMPLVALUE_BOOL,
    TMPLVALUE_INT,
    TMPLVALUE_FLOAT,
    TMPLVALUE_IMAGINARY, /* a constant such as 2i, which can be printed and nothing else; f has 2 */
    TMPLVALUE_STRING,
    TMPLVALUE_LIST,
    TMPLVALUE_MAP,
    TMPLVALUE_OBJECT, /* a struct of the host: fields by name, maybe methods */
};

struct tmplentry;
struct tmplobject;

struct tmplvalue {
    enum tmplvalue_kind kind;
    unsigned int flags; /* TMPLVALUE_OF_STRINGS, TMPLVALUE_GO_NIL */
    union {
        int b;
        int64_t i;
        double f;
        char const *s;                 /* n bytes, any; no 0 behind them is promised */
        struct tmplvalue const *item;  /* n of them */
        struct tmplentry const *entry; /* n of them, in the order of their keys, each key once */
        struct tmplobject const *object;
    } u;
    size_t n;
};

/* A map or list whose values are strings by type (Go: map[string]string, []string): a key that it
   does not have is "" and not "no value". */
#define TMPLVALUE_OF_STRINGS 1U

/* An empty list or map that is nil in Go, where it has a type all the same: null in JSON. */
#define TMPLVALUE_GO_NIL 2U

struct tmplentry {
    char const *key;
    size_t n;     /* length of key */
    size_t order; /* tmplvalue_map's own */
    struct tmplvalue value;
};

struct tmplfunc; /* tmplfunc.h */

/* What all objects of one kind have in common. */
struct tmplclass {
    char const *name; /* as Go names the type, for messages and %T */
    char const *const *field;
    size_t fields;
    struct tmplfunc const *method; /* argument 0 of a method is the object; may be NULL */
    size_t methods;
    /* the text that printing it gives, or NULL: its fields in braces, {a b}. Returns 1, or 0 with
       errno as pool_get. */
    int (*text)(struct tmplobject const *o, struct pool *p, struct tmplvalue *result);
};

struct tmplobject {
    struct tmplclass const *class;
    struct tmplvalue const *field; /* class->fields of them */
    void *data;                    /* the class's own */
};

extern struct tmplvalue tmplvalue_none(void);
extern struct tmplvalue tmplvalue_nil(void);
extern struct tmplvalue tmplvalue_bool(int b);
extern struct tmplvalue tmplvalue_int(int64_t i);
extern struct tmplvalue tmplvalue_float(double f);
/* Refers to the bytes, which must outlive the value. */
extern struct tmplvalue tmplvalue_string(char const *s, size_t n);
extern struct tmplvalue tmplvalue_text(char const *s); /* up to its 0 */
extern struct tmplvalue tmplvalue_list(struct tmplvalue const *item, size_t n);
extern struct tmplvalue tmplvalue_object(struct tmplobject const *o);

/* A map of the n entries at e, which are sorted in place; of entries with one key the last stays.
 */
extern struct tmplvalue tmplvalue_map(struct tmplentry *e, size_t n);

/* Orders byte strings as Go orders strings: <0, 0, >0. */
extern int tmplvalue_cmp(char const *a, size_t an, char const *b, size_t bn);

/* The same of two values that are strings, for qsort. */
extern int tmplvalue_cmp_strings(void const *a, void const *b);

/* The value of key in map, or NULL. */
extern struct tmplvalue const *tmplvalue_get(struct tmplvalue const *map, char const *key,
                                             size_t n);

/* The field of that name, or NULL. */
extern struct tmplvalue const *tmplvalue_field(struct tmplobject const *o, char const *name,
                                               size_t n);

/* Is it nil, or no value? */
extern int tmplvalue_is_nothing(struct tmplvalue const *v);

/* What if and and take for true: not false, 0, "", nothing, or empty. */
extern int tmplvalue_truth(struct tmplvalue const *v);

/* Go's name of its type: "int", "float64", "string", "bool", "[]interface {}",
   "map[string]interface {}", "[]string", "map[string]string", "<nil>", the class's name. */
extern char const *tmplvalue_type(struct tmplvalue const *v);

#endif
