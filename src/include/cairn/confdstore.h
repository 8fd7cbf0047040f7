/* confdstore: the keys and values that one template resource of confd sees, in the order of the
   keys, each key once. */

#ifndef CAIRN_CONFDSTORE_H
#define CAIRN_CONFDSTORE_H

#include <stddef.h>

#include <cairn/pool.h>
#include <cairn/tmplvalue.h>

struct confdpair {
    char const *key; /* /app/name */
    char const *value;
    size_t order; /* confdstore_sort's own */
};

struct confdstore {
    struct confdpair *pair;
    size_t n;
    size_t room;
    struct pool *pool; /* all of it lives there */
};

extern void confdstore_init(struct confdstore *s, struct pool *p);

/* Sets key (cleaned as Go's path.Join("/", key) does it) to value; both are copied. Returns 1, or 0
   with errno as pool_get. */
extern int confdstore_set(struct confdstore *s, char const *key, char const *value);

/* The same of the key less the prefix, where it has that. */
extern int confdstore_below(struct confdstore *s, char const *prefix, char const *key,
                            char const *value);

/* prefix and key as one clean path, in the pool. NULL with errno as pool_get. */
extern char *confdstore_join(struct pool *p, char const *prefix, char const *key);

/* Puts the pairs in order; of pairs with one key the last set stays. To be called before the next
   two. */
extern void confdstore_sort(struct confdstore *s);

/* The pair of exactly that key, or NULL. */
extern struct confdpair const *confdstore_get(struct confdstore const *s, char const *key,
                                              size_t n);

/* Sets what the environment has for keys[0..n), as confd's env backend does: prefix+key upper-cased
   with / as _, each variable whose name starts with that; the store's key is the variable's name
   lower-cased with _ as /, less the prefix. Returns 1, or 0 with errno as pool_get. */
extern int confdstore_env(struct confdstore *s, char const *prefix, char const *const *keys,
                          size_t n, char const *const *env);

/* Sets the leaves of a value read from a YAML or JSON file, as confd's file backend does: maps and
   list indexes become parts of the key; strings, integers, booleans and floats are leaves, nothing
   else; only keys that begin with one of prefix+keys[0..n), less the prefix. Keys and values with a
   byte 0 in them are left out. Returns as above. */
extern int confdstore_value(struct confdstore *s, char const *prefix, char const *const *keys,
                            size_t n, struct tmplvalue const *v);

#endif
