#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cairn/nearest.h>
#include <cairn/tmplbuiltin.h>
#include <cairn/tmplconst.h>
#include <cairn/tmplparse.h>
#include <cairn/tmpltoken.h>
#include <cairn/tmpltree.h>

enum {
    DEPTH_MAX = 200,     /* of parentheses and of control structures in one another */
    VARIABLES_MAX = 1000 /* in scope at once */
};

struct variable {
    char const *name; /* with the $ */
    size_t n;
};

/* Where control structures end. */
enum ending { ENDING_TEXT, ENDING_END, ENDING_ELSE };

struct parser {
    struct tmpl *t;
    struct pool *pool;
    struct tmplerror *e;
    struct tmplscan scan;
    struct tmpltoken token; /* the next */
    struct tmplbody *body;  /* the one that is being read */
    struct tmplbody **last; /* where the next body is hung */
    struct variable variable[VARIABLES_MAX];
    int variables;
    int first_variable; /* of this body */
    int depth;
    int loops; /* around, in this body */
};

/* Says what is wrong at that place. Returns 0. */
__attribute__((format(printf, 3, 4))) static int fail(struct parser *p, char const *at,
                                                      char const *format, ...)
{
    va_list ap;
    va_start(ap, format);
    tmplerror_set(p->e, 0, p->t->text, p->t->len, at, format, ap);
    va_end(ap);
    return 0;
}

/* n zeroed bytes, or NULL with the reason. */
static void *new (struct parser *p, size_t n)
{
    void *s = pool_get(p->pool, n);
    if (s)
        return memset(s, 0, n);
    fail(p, p->token.s, "%s", errno == EDQUOT ? "a template too large" : "out of memory");
    return NULL;
}

static int is_at(struct parser const *p, enum tmpltoken_kind kind)
{
    return p->token.kind == kind;
}

/* Goes on to the next token, which may be an error. */
static void next(struct parser *p)
{
    tmplscan_next(&p->scan, &p->token);
}

/* Says that the next token is not what may stand there. */
static int unexpected(struct parser *p, char const *where)
{
    int n = p->token.n > 40 ? 40 : (int)p->token.n;
    if (is_at(p, TMPLTOKEN_ERROR))
        return fail(p, p->token.s, "%s", p->scan.why);
    if (is_at(p, TMPLTOKEN_END))
        return fail(p, p->token.s, "the text ends in %s", where);
    if (is_at(p, TMPLTOKEN_RIGHT))
        return fail(p, p->token.s, "something is missing in %s", where);
    return fail(p, p->token.s, "unexpected %.*s in %s", n, p->token.s, where);
}

/* Goes over the token of that kind that must be next. */
static int expect(struct parser *p, enum tmpltoken_kind kind, char const *where)
{
    if (!is_at(p, kind))
        return unexpected(p, where);
    next(p);
    return 1;
}

static int deeper(struct parser *p)
{
    if (++p->depth > DEPTH_MAX)
        return fail(p, p->token.s, "nested deeper than %d", DEPTH_MAX);
    return 1;
}

/* variables */

/* The slot of the variable that the token names, or -1. */
static int variable_slot(struct parser const *p, struct tmpltoken const *t)
{
    for (int i = p->variables; i-- > p->first_variable;)
        if (p->variable[i].n == t->n && !memcmp(p->variable[i].name, t->s, t->n))
            return i - p->first_variable;
    return -1;
}

static int declare(struct parser *p, char const *name, size_t n, int *slot)
{
    if (p->variables == VARIABLES_MAX)
        return fail(p, name, "more than %d variables at once", VARIABLES_MAX);
    p->variable[p->variables] = (struct variable){name, n};
    *slot = p->variables++ - p->first_variable;
    if (p->body->slots <= *slot)
        p->body->slots = *slot + 1;
    return 1;
}

static int pipeline(struct parser *p, struct tmplpipe **result, enum tmpltoken_kind end,
                    char const *where, int is_range);

/* operands */

static int unknown_function(struct parser *p)
{
    struct tmpl_options const *o = p->t->options;
    char name[64];
    if (p->token.n >= sizeof name)
        return fail(p, p->token.s, "a function that is not defined");
    memcpy(name, p->token.s, p->token.n);
    name[p->token.n] = 0;
    struct nearest near = NEAREST_ZERO(name);
    for (size_t i = 0; i <= o->tables; i++) {
        struct tmplfunc_table table = i < o->tables ? o->table[i] : tmplbuiltin_table();
        for (size_t k = 0; k < table.n; k++)
            nearest_offer(&near, table.func[k].name);
    }
    if (near.best)
        return fail(p, p->token.s, "function %s is not defined: is %s meant?", name, near.best);
    return fail(p, p->token.s, "function %s is not defined", name);
}

static int function(struct parser *p, struct tmplarg *a)
{
    struct tmpl_options const *o = p->t->options;
    a->kind = TMPLARG_FUNC;
    for (size_t i = o->tables + 1; i--;) {
        struct tmplfunc_table table = i ? o->table[i - 1] : tmplbuiltin_table();
        for (size_t k = 0; k < table.n; k++)
            if (strlen(table.func[k].name) == p->token.n &&
                !memcmp(table.func[k].name, p->token.s, p->token.n)) {
                a->func = table.func + k;
                a->data = table.data;
                return 1;
            }
    }
    return unknown_function(p);
}

static int constant(struct parser *p, struct tmplarg *a)
{
    struct tmpltoken const *t = &p->token;
    char const *why = NULL;
    a->kind = TMPLARG_CONST;
    switch (t->kind) {
    case TMPLTOKEN_BOOL:
        a->value = tmplvalue_bool(*t->s == 't');
        break;
    case TMPLTOKEN_NUMBER:
        why = tmplconst_number(t->s, t->n, &a->value);
        break;
    case TMPLTOKEN_CHAR:
        why = tmplconst_char(t->s, t->n, &a->value);
        break;
    case TMPLTOKEN_RAW:
        a->value = tmplvalue_string(t->s + 1, t->n - 2);
        break;
    default:
        why = tmplconst_string(t->s, t->n, p->pool, &a->value);
        break;
    }
    return why ? fail(p, t->s, "%s: %.*s", why, t->n > 60 ? 60 : (int)t->n, t->s) : 1;
}

/* Fields that follow their operand without a blank. */
static int chain(struct parser *p, struct tmplarg *a)
{
    struct tmplchain **last = &a->chain;
    while (*last)
        last = &(*last)->next;
    while (is_at(p, TMPLTOKEN_FIELD) && !p->token.is_spaced) {
        struct tmplchain *c = new (p, sizeof *c);
        if (!c)
            return 0;
        c->name = p->token.s + 1;
        c->n = p->token.n - 1;
        *last = c;
        last = &c->next;
        next(p);
    }
    return 1;
}

static int is_chainable(struct tmplarg const *a)
{
    return a->chain || a->kind == TMPLARG_VARIABLE || a->kind == TMPLARG_PIPE ||
           a->kind == TMPLARG_FUNC;
}

static int operand_head(struct parser *p, struct tmplarg *a)
{
    switch (p->token.kind) {
    case TMPLTOKEN_NAME:
        return function(p, a);
    case TMPLTOKEN_DOT:
        a->kind = TMPLARG_DOT;
        return 1;
    case TMPLTOKEN_NIL:
        a->kind = TMPLARG_NIL;
        return 1;
    case TMPLTOKEN_VARIABLE:
        a->kind = TMPLARG_VARIABLE;
        a->slot = variable_slot(p, &p->token);
        if (a->slot < 0)
            return fail(p, p->token.s, "undefined variable %.*s", (int)p->token.n, p->token.s);
        return 1;
    default:
        return constant(p, a);
    }
}

static int is_operand(struct parser const *p)
{
    switch (p->token.kind) {
    case TMPLTOKEN_NAME:
    case TMPLTOKEN_FIELD:
    case TMPLTOKEN_VARIABLE:
    case TMPLTOKEN_DOT:
    case TMPLTOKEN_NIL:
    case TMPLTOKEN_BOOL:
    case TMPLTOKEN_NUMBER:
    case TMPLTOKEN_CHAR:
    case TMPLTOKEN_STRING:
    case TMPLTOKEN_RAW:
    case TMPLTOKEN_OPEN:
        return 1;
    default:
        return 0;
    }
}

static int operand(struct parser *p, struct tmplarg *a)
{
    a->at = p->token.s;
    if (is_at(p, TMPLTOKEN_OPEN)) {
        a->kind = TMPLARG_PIPE;
        next(p);
        if (!deeper(p) || !pipeline(p, &a->pipe, TMPLTOKEN_CLOSE, "parentheses", 0))
            return 0;
        p->depth--;
    } else if (is_at(p, TMPLTOKEN_FIELD)) {
        a->kind = TMPLARG_DOT;
        p->token.is_spaced = 0;
    } else {
        if (!operand_head(p, a))
            return 0;
        next(p);
    }
    if (is_at(p, TMPLTOKEN_FIELD) && !p->token.is_spaced && !is_chainable(a) && p->token.s != a->at)
        return fail(p, p->token.s, "unexpected %.*s after %.*s", (int)p->token.n, p->token.s,
                    (int)(p->token.s - a->at), a->at);
    return chain(p, a);
}

static int command(struct parser *p, struct tmplcommand *c)
{
    struct tmplarg **last = &c->arg;
    if (!is_operand(p))
        return unexpected(p, "a command");
    do {
        struct tmplarg *a = new (p, sizeof *a);
        if (!a || !operand(p, a))
            return 0;
        *last = a;
        last = &a->next;
        c->args++;
    } while (is_operand(p) && p->token.is_spaced);
    return 1;
}

/* What follows the first command of a pipe takes its value: it must be something that can. */
static int check_stage(struct parser *p, struct tmplcommand const *c, int stage)
{
    struct tmplarg const *a = c->arg;
    if (stage > 1 && !a->chain &&
        (a->kind == TMPLARG_DOT || a->kind == TMPLARG_NIL || a->kind == TMPLARG_CONST))
        return fail(p, a->at, "this cannot take the value of the pipe before it");
    return 1;
}

/* Variables that a pipeline sets. They are declared when it has been read: in {{$x := add $x 1}}
   the second $x is the one that was there before. */
struct setting {
    struct tmpltoken name[2];
    int n;
    int is_assignment;
};

/* Reads "$v :=", "$v =", in range "$k, $v :=" too, where it stands. Where a variable is but the
   first of a value, nothing is read. */
static int settings(struct parser *p, struct setting *set, int is_range)
{
    struct tmplscan scan = p->scan;
    struct tmpltoken token = p->token;
    set->n = 0;
    if (!is_at(p, TMPLTOKEN_VARIABLE))
        return 1;
    set->name[set->n++] = p->token;
    next(p);
    if (is_range && is_at(p, TMPLTOKEN_COMMA)) {
        next(p);
        set->name[set->n++] = p->token;
        if (!expect(p, TMPLTOKEN_VARIABLE, "the variables of range"))
            return 0;
        if (is_at(p, TMPLTOKEN_COMMA))
            return fail(p, p->token.s, "range sets two variables and no more");
    }
    set->is_assignment = is_at(p, TMPLTOKEN_ASSIGN);
    if (set->is_assignment || is_at(p, TMPLTOKEN_DECLARE)) {
        next(p);
        return 1;
    }
    if (set->n == 2)
        return unexpected(p, "the variables of range");
    set->n = 0;
    p->scan = scan;
    p->token = token;
    return 1;
}

static int set_variables(struct parser *p, struct setting const *set, struct tmplpipe *pipe)
{
    pipe->slots = set->n;
    pipe->is_assignment = set->is_assignment;
    for (int i = 0; i < set->n; i++) {
        if (set->is_assignment)
            pipe->slot[i] = variable_slot(p, set->name + i);
        else if (!declare(p, set->name[i].s, set->name[i].n, pipe->slot + i))
            return 0;
    }
    return 1;
}

/* Reads a pipeline and what ends it. */
static int pipeline(struct parser *p, struct tmplpipe **result, enum tmpltoken_kind end,
                    char const *where, int is_range)
{
    struct tmplpipe *pipe = new (p, sizeof *pipe);
    struct setting set;
    if (!pipe)
        return 0;
    pipe->at = p->token.s;
    if (!settings(p, &set, is_range))
        return 0;
    if (is_at(p, end))
        return fail(p, p->token.s, "a value is missing in %s", where);
    struct tmplcommand **last = &pipe->command;
    for (int stage = 1;; stage++) {
        struct tmplcommand *c = new (p, sizeof *c);
        if (!c || !command(p, c) || !check_stage(p, c, stage))
            return 0;
        *last = c;
        last = &c->next;
        if (!is_at(p, TMPLTOKEN_PIPE))
            break;
        next(p);
        if (is_at(p, end)) /* {{.x | }} is {{.x}} */
            break;
    }
    *result = pipe;
    return expect(p, end, where) && set_variables(p, &set, pipe);
}

/* nodes */

static int list(struct parser *p, struct tmplnode **result, enum ending *ending);

/* Reads a body up to its end or else, in a scope of its own. */
static int block(struct parser *p, struct tmplnode **result, enum ending *ending, char const *what,
                 char const *at)
{
    int variables = p->variables;
    if (!deeper(p) || !list(p, result, ending))
        return 0;
    if (*ending == ENDING_TEXT)
        return fail(p, at, "%s without its end", what);
    p->variables = variables;
    p->depth--;
    return 1;
}

static int control(struct parser *p, struct tmplnode *n, char const *what);

/* Behind else: its end, or the if of an else if, which ends where the whole does. */
static int otherwise(struct parser *p, struct tmplnode *n, char const *what, char const *at)
{
    enum ending ending;
    if (n->kind == TMPLNODE_IF && is_at(p, TMPLTOKEN_IF)) {
        struct tmplnode *inner = new (p, sizeof *inner);
        if (!inner || !deeper(p))
            return 0;
        inner->kind = TMPLNODE_IF;
        inner->at = p->token.s;
        n->otherwise = inner;
        next(p);
        if (!control(p, inner, "if"))
            return 0;
        p->depth--;
        return 1;
    }
    if (!expect(p, TMPLTOKEN_RIGHT, "else"))
        return 0;
    if (!block(p, &n->otherwise, &ending, what, at))
        return 0;
    if (ending == ENDING_ELSE)
        return fail(p, p->token.s, "a second else");
    return expect(p, TMPLTOKEN_RIGHT, "end");
}

/* if, with, range: the word has been read. */
static int control(struct parser *p, struct tmplnode *n, char const *what)
{
    int variables = p->variables;
    enum ending ending;
    int is_range = n->kind == TMPLNODE_RANGE;
    if (!pipeline(p, &n->pipe, TMPLTOKEN_RIGHT, what, is_range))
        return 0;
    p->loops += is_range;
    if (!block(p, &n->then, &ending, what, n->at))
        return 0;
    p->loops -= is_range;
    if (ending == ENDING_END ? !expect(p, TMPLTOKEN_RIGHT, "end") : !otherwise(p, n, what, n->at))
        return 0;
    p->variables = variables;
    return 1;
}

/* A name in quotes: of define, template, block. */
static int name(struct parser *p, char const *where, struct tmplvalue *v)
{
    struct tmplarg a;
    if (!is_at(p, TMPLTOKEN_STRING) && !is_at(p, TMPLTOKEN_RAW)) {
        if (is_at(p, TMPLTOKEN_ERROR) || is_at(p, TMPLTOKEN_END) || is_at(p, TMPLTOKEN_RIGHT))
            return unexpected(p, where);
        return fail(p, p->token.s, "%s wants a name in quotes", where);
    }
    if (!constant(p, &a))
        return 0;
    *v = a.value;
    next(p);
    return 1;
}

static int is_empty(struct tmplnode const *n)
{
    for (; n; n = n->next) {
        if (n->kind != TMPLNODE_TEXT)
            return 0;
        for (size_t i = 0; i < n->n; i++)
            if (!memchr(" \t\r\n\v\f", n->at[i], 6))
                return 0;
    }
    return 1;
}

/* Hangs the body under its name. An empty one does not replace another, two others are a fault. */
static int add_body(struct parser *p, struct tmplbody *b, char const *at)
{
    struct tmplbody *same = tmpltree_body(p->t, b->name, b->n);
    if (!same || same == p->t->body) {
        if (same && is_empty(b->node))
            return 1;
        if (same)
            return fail(p, at, "the template's own name \"%.*s\" is defined again", (int)b->n,
                        b->name);
        *p->last = b;
        p->last = &b->next;
        return 1;
    }
    if (is_empty(b->node))
        return 1;
    if (!is_empty(same->node))
        return fail(p, at, "template \"%.*s\" is defined twice", (int)b->n, b->name);
    same->node = b->node;
    same->slots = b->slots;
    return 1;
}

/* The body of a define or block up to its end, in which nothing of what stands around is known. */
static int body(struct parser *p, struct tmplvalue const *called, char const *what, char const *at)
{
    struct tmplbody *outer = p->body;
    int variables = p->variables;
    int first = p->first_variable;
    int loops = p->loops;
    int slot;
    enum ending ending;
    struct tmplbody *b = new (p, sizeof *b);
    if (!b)
        return 0;
    b->name = called->u.s;
    b->n = called->n;
    p->body = b;
    p->first_variable = p->variables;
    p->loops = 0;
    if (!declare(p, "$", 1, &slot) || !block(p, &b->node, &ending, what, at))
        return 0;
    if (ending == ENDING_ELSE)
        return fail(p, p->token.s, "an else in %s", what);
    p->body = outer;
    p->variables = variables;
    p->first_variable = first;
    p->loops = loops;
    return expect(p, TMPLTOKEN_RIGHT, "end") && add_body(p, b, at);
}

static int define(struct parser *p, char const *at)
{
    struct tmplvalue called;
    if (p->depth || p->body != p->t->body)
        return fail(p, at, "define stands outside of everything else only");
    next(p);
    return name(p, "define", &called) && expect(p, TMPLTOKEN_RIGHT, "define") &&
           body(p, &called, "define", at);
}

/* template and block: the word is the next token. */
static int call(struct parser *p, struct tmplnode *n, int is_block)
{
    char const *what = is_block ? "block" : "template";
    struct tmplvalue called;
    n->kind = TMPLNODE_TEMPLATE;
    next(p);
    if (!name(p, what, &called))
        return 0;
    n->name = called.u.s;
    n->n = called.n;
    if (is_block || !is_at(p, TMPLTOKEN_RIGHT)) {
        if (!pipeline(p, &n->pipe, TMPLTOKEN_RIGHT, what, 0))
            return 0;
    } else
        next(p);
    return !is_block || body(p, &called, "block", n->at);
}

static int jump(struct parser *p, struct tmplnode *n)
{
    int is_break = is_at(p, TMPLTOKEN_BREAK);
    n->kind = is_break ? TMPLNODE_BREAK : TMPLNODE_CONTINUE;
    if (!p->loops)
        return fail(p, p->token.s, "%s outside of a range", is_break ? "break" : "continue");
    next(p);
    return expect(p, TMPLTOKEN_RIGHT, is_break ? "break" : "continue");
}

/* An action, whose left delimiter has been read, but for end, else and define. */
static int action(struct parser *p, struct tmplnode *n)
{
    n->at = p->token.s;
    switch (p->token.kind) {
    case TMPLTOKEN_IF:
        n->kind = TMPLNODE_IF;
        next(p);
        return control(p, n, "if");
    case TMPLTOKEN_WITH:
        n->kind = TMPLNODE_WITH;
        next(p);
        return control(p, n, "with");
    case TMPLTOKEN_RANGE:
        n->kind = TMPLNODE_RANGE;
        next(p);
        return control(p, n, "range");
    case TMPLTOKEN_TEMPLATE:
    case TMPLTOKEN_BLOCK:
        return call(p, n, is_at(p, TMPLTOKEN_BLOCK));
    case TMPLTOKEN_BREAK:
    case TMPLTOKEN_CONTINUE:
        return jump(p, n);
    default:
        n->kind = TMPLNODE_ACTION;
        return pipeline(p, &n->pipe, TMPLTOKEN_RIGHT, "an action", 0);
    }
}

/* Reads nodes up to the end of the text, or an end or else, of which the word has been read. */
static int list(struct parser *p, struct tmplnode **result, enum ending *ending)
{
    for (;;) {
        struct tmpltoken t = p->token;
        if (is_at(p, TMPLTOKEN_ERROR))
            return unexpected(p, "");
        *ending = ENDING_TEXT;
        if (is_at(p, TMPLTOKEN_END))
            return 1;
        next(p);
        if (t.kind == TMPLTOKEN_LEFT) {
            *ending = is_at(p, TMPLTOKEN_ENDWORD) ? ENDING_END
                      : is_at(p, TMPLTOKEN_ELSE)  ? ENDING_ELSE
                                                  : ENDING_TEXT;
            if (*ending != ENDING_TEXT) {
                if (!p->depth)
                    return fail(p, p->token.s, "%s without what it belongs to",
                                *ending == ENDING_END ? "end" : "else");
                next(p);
                return 1;
            }
            if (is_at(p, TMPLTOKEN_DEFINE)) {
                if (!define(p, p->token.s))
                    return 0;
                continue;
            }
        }
        struct tmplnode *n = new (p, sizeof *n);
        if (!n)
            return 0;
        if (t.kind == TMPLTOKEN_LEFT) {
            if (!action(p, n))
                return 0;
        } else {
            n->kind = TMPLNODE_TEXT;
            n->at = t.s;
            n->n = t.n;
        }
        *result = n;
        result = &n->next;
    }
}

struct tmpl *tmplparse(struct pool *pool, char const *text, size_t len,
                       struct tmpl_options const *options, struct tmplerror *e)
{
    struct tmpl *t = pool_get(pool, sizeof *t);
    struct tmplbody *b = pool_get(pool, sizeof *b);
    struct parser *p = pool_get(pool, sizeof *p);
    enum ending ending;
    int slot;
    *e = (struct tmplerror){.line = 1, .column = 1, .text = text};
    if (!t || !b || !p) {
        strcpy(e->why, "out of memory");
        return NULL;
    }
    *b = (struct tmplbody){.name = options->name ? options->name : ""};
    b->n = strlen(b->name);
    *t = (struct tmpl){.options = options, .text = text, .len = len, .body = b};
    memset(p, 0, sizeof *p);
    p->t = t;
    p->pool = pool;
    p->e = e;
    p->body = b;
    p->last = &b->next;
    tmplscan_init(&p->scan, text, len, options->left, options->right);
    next(p);
    if (!declare(p, "$", 1, &slot) || !list(p, &b->node, &ending))
        return NULL;
    return t;
}
