/* ctobject: what templates of consul-template see of Consul: objects with the fields that it
   documents, in its order. */

#ifndef CAIRN_CTOBJECT_H
#define CAIRN_CTOBJECT_H

#include <cairn/pool.h>
#include <cairn/tmplvalue.h>

extern struct tmplclass const ctobject_service;
extern struct tmplclass const ctobject_check;
extern struct tmplclass const ctobject_pair;
extern struct tmplclass const ctobject_snippet;
extern struct tmplclass const ctobject_node;
extern struct tmplclass const ctobject_catalog_node;
extern struct tmplclass const ctobject_node_service;
extern struct tmplclass const ctobject_root;
extern struct tmplclass const ctobject_leaf;

/* What later versions have beside the fields of a service: a method each, so that toJSON shows what
   the older ones show. An object's data, or NULL. */
struct ctobject_more {
    struct tmplvalue weights;
    struct tmplvalue addresses;
};

/* Makes an object of that class with room for its fields, all zero. Returns the fields, or NULL
   with errno as pool_get. */
extern struct tmplvalue *ctobject_new(struct tmplclass const *c, struct pool *p,
                                      struct tmplvalue *v);

/* The same, its fields being the map's of the same names; what the map does not have stays zero.
   Returns 1, or 0 as above. */
extern int ctobject_of(struct tmplclass const *c, struct tmplvalue const *map, struct pool *p,
                       struct tmplvalue *v);

/* The value of that name in the map; NULL if there is none, or it is no map, or NULL. */
extern struct tmplvalue const *ctobject_member(struct tmplvalue const *map, char const *name);

/* Types are letters: s string, i integer (one of more than 63 bits is a float), b boolean, l list
   of strings, m map of strings, * any list, . object. Zero lists and maps are nil in Go. */
extern int ctobject_has_type(struct tmplvalue const *v, char type);
extern struct tmplvalue ctobject_zero(char type);

/* The value, marked as strings where it is such, or zero where there is none of that type. */
extern struct tmplvalue ctobject_typed(struct tmplvalue const *v, char type);

#endif
