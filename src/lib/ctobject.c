#include <string.h>

#include <cairn/ctobject.h>
#include <cairn/tmplfunc.h>

#define FIELDS(...)                                                                                \
    .field = (char const *const[]){__VA_ARGS__},                                                   \
    .fields = sizeof((char const *const[]){__VA_ARGS__}) / sizeof(char const *)

static int weights(struct tmplcall *c, struct tmplvalue *result)
{
    struct ctobject_more const *more = c->arg->u.object->data;
    *result = more ? more->weights : tmplvalue_nil();
    return 1;
}

static int addresses(struct tmplcall *c, struct tmplvalue *result)
{
    struct ctobject_more const *more = c->arg->u.object->data;
    *result = more ? more->addresses : tmplvalue_nil();
    return 1;
}

static struct tmplfunc const service_methods[] = {
    {"Weights", ".", weights},
    {"ServiceTaggedAddresses", ".", addresses},
};

struct tmplclass const ctobject_service = {
    .name = "*dependency.HealthService",
    FIELDS("Node", "NodeID", "NodeAddress", "NodeTaggedAddresses", "NodeMeta", "ServiceMeta",
           "Address", "ID", "Name", "Tags", "Checks", "Status", "Port"),
    .method = service_methods,
    .methods = sizeof service_methods / sizeof *service_methods,
};

struct tmplclass const ctobject_check = {
    .name = "*api.HealthCheck",
    FIELDS("Node", "CheckID", "Name", "Status", "Notes", "Output", "ServiceID", "ServiceName",
           "ServiceTags"),
};

struct tmplclass const ctobject_pair = {
    .name = "*dependency.KeyPair",
    FIELDS("Path", "Key", "Value", "CreateIndex", "ModifyIndex", "LockIndex", "Flags", "Session"),
};

struct tmplclass const ctobject_snippet = {
    .name = "*dependency.CatalogSnippet",
    FIELDS("Name", "Tags"),
};

struct tmplclass const ctobject_node = {
    .name = "*dependency.Node",
    FIELDS("ID", "Node", "Address", "Datacenter", "TaggedAddresses", "Meta"),
};

struct tmplclass const ctobject_catalog_node = {
    .name = "*dependency.CatalogNode",
    FIELDS("Node", "Services"),
};

struct tmplclass const ctobject_node_service = {
    .name = "*dependency.CatalogNodeService",
    FIELDS("ID", "Service", "Tags", "Meta", "Port", "Address", "EnableTagOverride"),
};

struct tmplclass const ctobject_root = {
    .name = "*api.CARoot",
    FIELDS("ID", "Name", "RootCert", "Active", "CreateIndex", "ModifyIndex"),
};

struct tmplclass const ctobject_leaf = {
    .name = "*api.LeafCert",
    FIELDS("SerialNumber", "CertPEM", "PrivateKeyPEM", "Service", "ServiceURI", "ValidAfter",
           "ValidBefore", "CreateIndex", "ModifyIndex"),
};

/* The type of each field: string, integer, boolean, list of strings, map of strings, * list of
   objects, . object. */
static struct {
    struct tmplclass const *class;
    char const *types;
} const shapes[] = {
    {&ctobject_service, "sssmmmsssl*si"}, {&ctobject_check, "ssssssssl"},
    {&ctobject_pair, "sssiiiis"},         {&ctobject_snippet, "sl"},
    {&ctobject_node, "ssssmm"},           {&ctobject_catalog_node, ".*"},
    {&ctobject_node_service, "sslmisb"},  {&ctobject_root, "sssbii"},
    {&ctobject_leaf, "sssssssii"},
};

/* What a field is by its type where the answer has nothing. */
struct tmplvalue ctobject_zero(char type)
{
    struct tmplvalue v;
    switch (type) {
    case 's':
        return tmplvalue_text("");
    case 'i':
        return tmplvalue_int(0);
    case 'b':
        return tmplvalue_bool(0);
    case 'l':
    case '*':
        v = tmplvalue_list(NULL, 0);
        break;
    case 'm':
        v = tmplvalue_map(NULL, 0);
        break;
    default:
        return tmplvalue_nil();
    }
    v.flags = TMPLVALUE_GO_NIL | (type == '*' ? 0 : TMPLVALUE_OF_STRINGS);
    return v;
}

int ctobject_has_type(struct tmplvalue const *v, char type)
{
    switch (type) {
    case 's':
        return v->kind == TMPLVALUE_STRING;
    case 'i':
        return v->kind == TMPLVALUE_INT || v->kind == TMPLVALUE_FLOAT;
    case 'b':
        return v->kind == TMPLVALUE_BOOL;
    case 'l':
    case '*':
        return v->kind == TMPLVALUE_LIST;
    case 'm':
        return v->kind == TMPLVALUE_MAP;
    default:
        return v->kind == TMPLVALUE_OBJECT;
    }
}

/* Integers are floats in an answer that has one of more than 63 bits; that one stays so. */
static struct tmplvalue integer(struct tmplvalue const *v)
{
    if (v->kind == TMPLVALUE_FLOAT && v->u.f > -9223372036854775808.0 &&
        v->u.f < 9223372036854775808.0)
        return tmplvalue_int((int64_t)v->u.f);
    return *v;
}

struct tmplvalue ctobject_typed(struct tmplvalue const *v, char type)
{
    if (!v || !ctobject_has_type(v, type))
        return ctobject_zero(type);
    if (type == 'i')
        return integer(v);
    struct tmplvalue is = *v;
    if (type == 'l' || type == 'm')
        is.flags |= TMPLVALUE_OF_STRINGS;
    return is;
}

static char const *types_of(struct tmplclass const *c)
{
    size_t i = 0;
    while (shapes[i].class != c)
        i++;
    return shapes[i].types;
}

struct tmplvalue const *ctobject_member(struct tmplvalue const *map, char const *name)
{
    return map && map->kind == TMPLVALUE_MAP ? tmplvalue_get(map, name, strlen(name)) : NULL;
}

/* Makes an object with room for its fields, all zero. */
struct tmplvalue *ctobject_new(struct tmplclass const *c, struct pool *p, struct tmplvalue *v)
{
    char const *types = types_of(c);
    struct tmplobject *o = pool_get(p, sizeof *o);
    struct tmplvalue *field = o ? pool_get(p, c->fields * sizeof *field) : NULL;
    if (!field)
        return NULL;
    for (size_t i = 0; i < c->fields; i++)
        field[i] = ctobject_zero(types[i]);
    *o = (struct tmplobject){.class = c, .field = field};
    *v = tmplvalue_object(o);
    return field;
}

int ctobject_of(struct tmplclass const *c, struct tmplvalue const *map, struct pool *p,
                struct tmplvalue *v)
{
    char const *types = types_of(c);
    struct tmplvalue *field = ctobject_new(c, p, v);
    if (!field)
        return 0;
    for (size_t i = 0; i < c->fields; i++)
        field[i] = ctobject_typed(ctobject_member(map, c->field[i]), types[i]);
    return 1;
}
