#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cairn/catmax.h>
#include <cairn/tmplbuiltin.h>
#include <cairn/tmplprint.h>
#include <cairn/tmplrun.h>
#include <cairn/tmpltree.h>

enum {
    DEPTH_MAX = 5000, /* of templates and control structures that run in one another */
    ARGS_HERE = 4     /* arguments of a call that need no memory from the pool */
};

struct run {
    struct tmpl const *t;
    struct pool *pool;
    stralloc *out;
    size_t max; /* bytes of out */
    struct tmplerror *e;
    struct tmplvalue *slot; /* the variables of the body that runs */
    int depth;
    unsigned long steps;  /* that may still be taken */
    struct tmplcall call; /* the one in progress: arguments are there before it begins */
};

/* How a list of nodes came to its end. */
enum outcome { OUTCOME_FAILED, OUTCOME_DONE, OUTCOME_BREAK, OUTCOME_CONTINUE };

/* Says what is wrong at that place. Returns 0. */
__attribute__((format(printf, 3, 4))) static int fail(struct run *r, char const *at,
                                                      char const *format, ...)
{
    va_list ap;
    va_start(ap, format);
    tmplerror_set(r->e, 1, r->t->text, r->t->len, at, format, ap);
    va_end(ap);
    return 0;
}

static int no_memory(struct run *r, char const *at)
{
    return fail(r, at, "%s",
                errno == EDQUOT ? "more output or memory than is allowed" : "out of memory");
}

static int pipeline(struct run *r, struct tmplpipe const *p, struct tmplvalue const *dot,
                    struct tmplvalue *v);

/* calls */

/* Does the argument fit the letter (tmplfunc.h)? Changes it where Go would convert. */
static int fits(char type, struct tmplvalue *v, int is_constant)
{
    switch (type) {
    case 's':
        return v->kind == TMPLVALUE_STRING;
    case 'b':
        return v->kind == TMPLVALUE_BOOL;
    case 'n':
        return v->kind == TMPLVALUE_INT || v->kind == TMPLVALUE_FLOAT;
    case 'i':
        if (is_constant && v->kind == TMPLVALUE_FLOAT && v->u.f >= -9e18 && v->u.f <= 9e18 &&
            v->u.f == (double)(int64_t)v->u.f)
            *v = tmplvalue_int((int64_t)v->u.f);
        return v->kind == TMPLVALUE_INT;
    case 'l':
        if (tmplvalue_is_nothing(v))
            *v = tmplvalue_list(NULL, 0);
        return v->kind == TMPLVALUE_LIST;
    case 'm':
        if (tmplvalue_is_nothing(v))
            *v = tmplvalue_map(NULL, 0);
        return v->kind == TMPLVALUE_MAP;
    default:
        return 1;
    }
}

static char const *type_name(char type)
{
    switch (type) {
    case 's':
        return "a string";
    case 'b':
        return "true or false";
    case 'n':
        return "a number";
    case 'i':
        return "an integer";
    case 'l':
        return "a list";
    default:
        return "a map";
    }
}

/* How many arguments the types allow. */
static void arity(char const *types, size_t *min, size_t *max)
{
    int is_optional = 0;
    *min = 0;
    *max = 0;
    for (; *types; types++) {
        if (*types == '=')
            continue;
        if (*types == '?') {
            is_optional = 1;
        } else if (*types == '*') {
            *max = (size_t)-1;
            *min -= !is_optional;
        } else {
            ++*max;
            *min += !is_optional;
        }
    }
}

/* selves: 1 for a method, whose object is an argument that nobody has written. */
static int check_arity(struct run *r, struct tmplfunc const *f, char const *at, size_t n,
                       size_t selves)
{
    size_t min;
    size_t max;
    arity(f->args, &min, &max);
    if (n >= min && n <= max)
        return 1;
    min -= selves;
    max -= selves;
    n -= selves;
    if (min == max)
        return fail(r, at, "%s wants %zu argument%s, and has %zu", f->name, min,
                    min == 1 ? "" : "s", n);
    return fail(r, at, "%s wants at %s %zu argument%s, and has %zu", f->name,
                n < min ? "least" : "most", n < min ? min : max,
                (n < min ? min : max) == 1 ? "" : "s", n);
}

/* The letter of argument i. */
static char type_of(char const *types, size_t i)
{
    char type = '.';
    for (; *types && *types != '*'; types++) {
        if (*types == '?' || *types == '=')
            continue;
        type = *types;
        if (!i--)
            break;
    }
    return type;
}

/* What a call is given: values, and the operands they come from (NULL: the pipe). */
struct args {
    struct tmplvalue *v;
    size_t n;
    struct tmplvalue here[ARGS_HERE];
};

static int argument(struct run *r, struct tmplarg const *a, struct tmplvalue const *dot,
                    struct tmplvalue *v);

static int args_room(struct run *r, struct args *a, size_t n, char const *at)
{
    a->v = a->here;
    a->n = n;
    if (n > ARGS_HERE)
        a->v = n <= (size_t)-1 / sizeof *a->v ? pool_get(r->pool, n * sizeof *a->v) : NULL;
    return a->v || no_memory(r, at);
}

/* The arguments of and and or, as far as they are needed: *v is the one that decides. */
static int short_circuit(struct run *r, struct tmplfunc const *f, struct tmplarg const *a,
                         struct tmplvalue const *dot, struct tmplvalue const *final,
                         struct tmplvalue *v)
{
    int decisive = tmplbuiltin_is_or(f);
    for (; a; a = a->next) {
        if (!argument(r, a, dot, v))
            return 0;
        if (tmplvalue_truth(v) == decisive)
            return 1;
    }
    if (final)
        *v = *final;
    return 1;
}

/* Calls f. arg is its first operand; self, if any, is put before them, final behind. */
static int call(struct run *r, struct tmplfunc const *f, void *data, char const *at,
                struct tmplarg const *arg, struct tmplvalue const *self,
                struct tmplvalue const *final, struct tmplvalue const *dot, struct tmplvalue *v)
{
    struct args args;
    struct tmplarg const *first = self ? NULL : arg;
    size_t n = !!self + !!final;
    size_t i = 0;
    for (struct tmplarg const *a = arg; a; a = a->next)
        n++;
    if (!check_arity(r, f, at, n, !!self) || !args_room(r, &args, n, at))
        return 0;
    if (!self && (tmplbuiltin_is_and(f) || tmplbuiltin_is_or(f)))
        return short_circuit(r, f, arg, dot, final, v);
    if (self)
        args.v[i++] = *self;
    for (; i < n; i++) {
        char type = type_of(f->args, i);
        struct tmplarg const *a = arg;
        if (a && !argument(r, a, dot, args.v + i))
            return 0;
        if (a)
            arg = a->next;
        else
            args.v[i] = *final;
        if (!fits(type, args.v + i, a && a->kind == TMPLARG_CONST))
            return fail(r, a ? a->at : at, "%s wants %s here; this is of type %s", f->name,
                        type_name(type), tmplvalue_type(args.v + i));
    }
    r->call.pool = r->pool;
    r->call.arg = args.v;
    r->call.n = n;
    r->call.data = data;
    *r->call.why = 0;
    if (!f->run(&r->call, v))
        return fail(r, at, "%s: %s", f->name, r->call.why);
    if (*f->args == '=' && first && first->kind == TMPLARG_VARIABLE && !first->chain)
        r->slot[first->slot] = *v;
    return 1;
}

/* fields */

static struct tmplfunc const *method_of(struct tmplclass const *class, struct tmplchain const *c)
{
    for (size_t i = 0; i < class->methods; i++)
        if (strlen(class->method[i].name) == c->n && !memcmp(class->method[i].name, c->name, c->n))
            return class->method + i;
    return NULL;
}

static int missing_key(struct run *r, struct tmplvalue *v, struct tmplchain const *c)
{
    if (v->flags & TMPLVALUE_OF_STRINGS && r->t->options->missing != TMPLMISSING_ERROR) {
        *v = tmplvalue_text("");
        return 1;
    }
    switch (r->t->options->missing) {
    case TMPLMISSING_ERROR:
        return fail(r, c->name - 1, "the map has no key %.*s", (int)c->n, c->name);
    case TMPLMISSING_ZERO:
        *v = tmplvalue_nil();
        return 1;
    default:
        *v = tmplvalue_none();
        return 1;
    }
}

/* Replaces *v by its field. More than nothing behind it (arg, final) is for a method. */
static int field(struct run *r, struct tmplvalue *v, struct tmplchain const *c, char const *at,
                 struct tmplarg const *arg, struct tmplvalue const *final,
                 struct tmplvalue const *dot)
{
    struct tmplvalue const *found = NULL;
    if (v->kind == TMPLVALUE_OBJECT) {
        struct tmplvalue const self = *v;
        struct tmplfunc const *method = method_of(self.u.object->class, c);
        if (method)
            return call(r, method, r, c->name - 1, arg, &self, final, dot, v);
        found = tmplvalue_field(self.u.object, c->name, c->n);
        if (!found)
            return fail(r, c->name - 1, "%s has no field or method %.*s", tmplvalue_type(v),
                        (int)c->n, c->name);
    } else if (v->kind == TMPLVALUE_MAP) {
        found = tmplvalue_get(v, c->name, c->n);
    } else if (v->kind == TMPLVALUE_NIL) {
        return fail(r, c->name - 1, "nil has no field %.*s", (int)c->n, c->name);
    } else if (v->kind != TMPLVALUE_NONE) {
        return fail(r, c->name - 1, "a value of type %s has no field %.*s", tmplvalue_type(v),
                    (int)c->n, c->name);
    }
    if (arg || final)
        return fail(r, at, "%.*s is a field, which takes no arguments", (int)c->n, c->name);
    if (found) {
        *v = *found;
        return 1;
    }
    if (v->kind == TMPLVALUE_MAP)
        return missing_key(r, v, c);
    if (r->t->options->missing == TMPLMISSING_ERROR)
        return fail(r, c->name - 1, "there is no value to have a key %.*s", (int)c->n, c->name);
    return 1;
}

/* Follows the chain of fields from *v; the last may be a method with arguments. */
static int follow(struct run *r, struct tmplarg const *a, struct tmplvalue *v,
                  struct tmplarg const *arg, struct tmplvalue const *final,
                  struct tmplvalue const *dot)
{
    for (struct tmplchain const *c = a->chain; c; c = c->next)
        if (!field(r, v, c, a->at, c->next ? NULL : arg, c->next ? NULL : final, dot))
            return 0;
    return 1;
}

/* operands, commands, pipelines */

static int head(struct run *r, struct tmplarg const *a, struct tmplvalue const *dot,
                struct tmplvalue *v)
{
    switch (a->kind) {
    case TMPLARG_DOT:
        *v = *dot;
        return 1;
    case TMPLARG_NIL:
        *v = tmplvalue_nil();
        return 1;
    case TMPLARG_CONST:
        *v = a->value;
        return v->kind != TMPLVALUE_NONE || fail(r, a->at, "a number too large for an integer");
    case TMPLARG_VARIABLE:
        *v = r->slot[a->slot];
        return 1;
    case TMPLARG_FUNC:
        return call(r, a->func, a->data, a->at, NULL, NULL, NULL, dot, v);
    case TMPLARG_PIPE:
        return pipeline(r, a->pipe, dot, v);
    }
    return 0;
}

static int argument(struct run *r, struct tmplarg const *a, struct tmplvalue const *dot,
                    struct tmplvalue *v)
{
    return head(r, a, dot, v) && follow(r, a, v, NULL, NULL, dot);
}

/* final: the value of the command before this one in the pipe, or NULL. */
static int command(struct run *r, struct tmplcommand const *c, struct tmplvalue const *dot,
                   struct tmplvalue const *final, struct tmplvalue *v)
{
    struct tmplarg const *a = c->arg;
    if (a->kind == TMPLARG_FUNC && !a->chain)
        return call(r, a->func, a->data, a->at, a->next, NULL, final, dot, v);
    if (a->kind == TMPLARG_NIL)
        return fail(r, a->at, "nil is no command");
    if (!a->chain && (a->next || final))
        return fail(r, a->at, "this is no function: it takes no arguments");
    return head(r, a, dot, v) && follow(r, a, v, a->next, final, dot);
}

static int set_slots(struct run *r, struct tmplpipe const *p, struct tmplvalue const *v)
{
    for (int i = 0; i < p->slots; i++) {
        if (p->slot[i] < 0)
            return fail(r, p->at, "an undefined variable is assigned to: declare it by :=");
        r->slot[p->slot[i]] = v[i];
    }
    return 1;
}

/* The value of its commands. nil that a pipeline ends with is no value to what follows. */
static int commands(struct run *r, struct tmplpipe const *p, struct tmplvalue const *dot,
                    struct tmplvalue *v)
{
    struct tmplvalue last;
    struct tmplvalue const *final = NULL;
    for (struct tmplcommand const *c = p->command; c; c = c->next) {
        if (!command(r, c, dot, final, v))
            return 0;
        last = *v;
        final = &last;
    }
    if (v->kind == TMPLVALUE_NIL)
        *v = tmplvalue_none();
    return 1;
}

static int pipeline(struct run *r, struct tmplpipe const *p, struct tmplvalue const *dot,
                    struct tmplvalue *v)
{
    return commands(r, p, dot, v) && (!p->slots || set_slots(r, p, v));
}

/* nodes */

static enum outcome walk(struct run *r, struct tmplnode const *n, struct tmplvalue const *dot);

static int append(struct run *r, char const *s, size_t n, char const *at)
{
    return catmax(r->out, r->max, s, n) || no_memory(r, at);
}

static int action(struct run *r, struct tmplnode const *n, struct tmplvalue const *dot)
{
    struct tmplvalue v;
    if (!pipeline(r, n->pipe, dot, &v))
        return 0;
    if (n->pipe->slots)
        return 1;
    if (v.kind == TMPLVALUE_STRING)
        return append(r, v.u.s, v.n, n->at);
    return tmplprint_action(r->out, r->max, &v) || no_memory(r, n->at);
}

static enum outcome branch(struct run *r, struct tmplnode const *n, struct tmplvalue const *dot)
{
    struct tmplvalue v;
    if (!pipeline(r, n->pipe, dot, &v))
        return OUTCOME_FAILED;
    if (!tmplvalue_truth(&v))
        return walk(r, n->otherwise, dot);
    return walk(r, n->then, n->kind == TMPLNODE_WITH ? &v : dot);
}

/* Loops in loops, or templates that call each other twice, may not come to an end in our time. */
static enum outcome too_long(struct run *r, struct tmplnode const *n)
{
    r->steps = 0;
    fail(r, n->at, "the template does not come to an end within so many steps");
    return OUTCOME_FAILED;
}

/* One turn of a range. */
static enum outcome turn(struct run *r, struct tmplnode const *n, struct tmplvalue const *key,
                         struct tmplvalue const *value)
{
    struct tmplvalue const both[2] = {*key, *value};
    if (!r->steps--)
        return too_long(r, n);
    if (n->pipe->slots && !set_slots(r, n->pipe, n->pipe->slots == 2 ? both : both + 1))
        return OUTCOME_FAILED;
    return walk(r, n->then, value);
}

static enum outcome range(struct run *r, struct tmplnode const *n, struct tmplvalue const *dot)
{
    struct tmplvalue v;
    enum outcome o;
    if (!commands(r, n->pipe, dot, &v))
        return OUTCOME_FAILED;
    if (v.kind != TMPLVALUE_LIST && v.kind != TMPLVALUE_MAP && v.kind != TMPLVALUE_NONE) {
        fail(r, n->pipe->at, "range wants a list or a map; this is of type %s", tmplvalue_type(&v));
        return OUTCOME_FAILED;
    }
    if (!tmplvalue_truth(&v))
        return walk(r, n->otherwise, dot);
    for (size_t i = 0; i < v.n; i++) {
        if (v.kind == TMPLVALUE_MAP) {
            struct tmplentry const *e = v.u.entry + i;
            struct tmplvalue key = tmplvalue_string(e->key, e->n);
            o = turn(r, n, &key, &e->value);
        } else {
            struct tmplvalue key = tmplvalue_int((int64_t)i);
            o = turn(r, n, &key, v.u.item + i);
        }
        if (o == OUTCOME_FAILED)
            return o;
        if (o == OUTCOME_BREAK)
            break;
    }
    return OUTCOME_DONE;
}

/* Runs the body b on dot, with variables of its own. */
static enum outcome run_body(struct run *r, struct tmplbody const *b, struct tmplvalue const *dot,
                             char const *at)
{
    struct tmplvalue *outer = r->slot;
    r->slot = pool_get(r->pool, (size_t)b->slots * sizeof *r->slot);
    if (!r->slot) {
        no_memory(r, at);
        return OUTCOME_FAILED;
    }
    r->slot[0] = *dot;
    enum outcome o = walk(r, b->node, dot);
    r->slot = outer;
    return o;
}

static enum outcome run_template(struct run *r, struct tmplnode const *n,
                                 struct tmplvalue const *dot)
{
    struct tmplvalue v = tmplvalue_none();
    struct tmplbody const *b = tmpltree_body(r->t, n->name, n->n);
    if (!b) {
        fail(r, n->at, "there is no template \"%.*s\"", n->n > 100 ? 100 : (int)n->n, n->name);
        return OUTCOME_FAILED;
    }
    if (n->pipe && !pipeline(r, n->pipe, dot, &v))
        return OUTCOME_FAILED;
    return run_body(r, b, &v, n->at);
}

static enum outcome node(struct run *r, struct tmplnode const *n, struct tmplvalue const *dot)
{
    switch (n->kind) {
    case TMPLNODE_TEXT:
        return append(r, n->at, n->n, n->at) ? OUTCOME_DONE : OUTCOME_FAILED;
    case TMPLNODE_ACTION:
        return action(r, n, dot) ? OUTCOME_DONE : OUTCOME_FAILED;
    case TMPLNODE_IF:
    case TMPLNODE_WITH:
        return branch(r, n, dot);
    case TMPLNODE_RANGE:
        return range(r, n, dot);
    case TMPLNODE_TEMPLATE:
        return run_template(r, n, dot);
    case TMPLNODE_BREAK:
        return OUTCOME_BREAK;
    case TMPLNODE_CONTINUE:
        return OUTCOME_CONTINUE;
    }
    return OUTCOME_FAILED;
}

static enum outcome walk(struct run *r, struct tmplnode const *n, struct tmplvalue const *dot)
{
    enum outcome o = OUTCOME_DONE;
    if (r->depth == DEPTH_MAX && n) {
        fail(r, n->at, "templates call each other deeper than %d levels", DEPTH_MAX);
        return OUTCOME_FAILED;
    }
    r->depth++;
    for (; n && o == OUTCOME_DONE; n = n->next)
        o = r->steps-- ? node(r, n, dot) : too_long(r, n);
    r->depth--;
    return o;
}

int tmplrun_body(struct tmpl const *t, struct tmplbody const *body, struct tmplvalue const *dot,
                 struct pool *p, stralloc *out, size_t max, struct tmplerror *e)
{
    struct run r = {.t = t, .pool = p, .out = out, .max = max, .e = e};
    struct tmplvalue root = dot->kind == TMPLVALUE_NIL ? tmplvalue_none() : *dot;
    size_t len = out->len;
    r.steps = t->options->steps ? t->options->steps : (unsigned long)TMPLPARSE_STEPS;
    *e = (struct tmplerror){.is_exec = 1};
    if (run_body(&r, body, &root, t->text) == OUTCOME_DONE)
        return 1;
    out->len = len;
    return 0;
}

int tmplrun(struct tmpl const *t, struct tmplvalue const *dot, struct pool *p, stralloc *out,
            size_t max, struct tmplerror *e)
{
    return tmplrun_body(t, t->body, dot, p, out, max, e);
}
