#include <string.h>

#include <cairn/goregexclass.h>
#include <cairn/goregexparse.h>
#include <cairn/goregextext.h>
#include <cairn/utf8.h>

/* The syntax is that of the document of Go's package regexp/syntax, which is RE2's. */

enum {
    DEPTH = 1000,  /* groups in each other */
    REPEAT = 1000, /* of one thing, repetitions of repetitions multiplied */
    RUNE_MAX = 0x10ffff,
};

enum { FOLD = 1, DOT_ALL = 2, LINES = 4, LAZY = 8 };

struct parser {
    struct goregextext in;
    struct goregextree *tree;
    struct goregexname **name_end;
    unsigned int flags;
    unsigned int depth;
    /* of the chain that is read */
    struct goregexnode *last;
    char const *repeat; /* the repetition that stands right before */
};

static struct goregexnode *node(struct parser *ps, enum goregexnode_kind kind)
{
    struct goregexnode *n = pool_get(ps->in.pool, sizeof *n);
    if (n)
        *n = (struct goregexnode){.kind = kind, .times = 1};
    else
        goregextext_no_memory(&ps->in);
    return n;
}

/* Adds a node to the chain. */
static struct goregexnode *push(struct parser *ps, enum goregexnode_kind kind)
{
    struct goregexnode *n = node(ps, kind);
    if (n) {
        n->older = ps->last;
        ps->last = n;
    }
    return n;
}

static int place(struct parser *ps, enum goregex_place at)
{
    struct goregexnode *n = push(ps, GOREGEXNODE_AT);
    if (n)
        n->u.place = at;
    return n != NULL;
}

static struct goregexset *set(struct parser *ps, int is_folded)
{
    struct goregexnode *n = push(ps, GOREGEXNODE_SET);
    struct goregexset *s = n ? pool_get(ps->in.pool, sizeof *s) : NULL;
    if (s) {
        *s = (struct goregexset){.pool = ps->in.pool, .is_folded = is_folded};
        n->u.set = s;
    } else
        goregextext_no_memory(&ps->in);
    return s;
}

static int finish(struct parser *ps, struct goregexset *s)
{
    return goregexset_finish(s, 0) || goregextext_no_memory(&ps->in);
}

static int rune(struct parser *ps, unsigned int r)
{
    struct goregexset *s = set(ps, ps->flags & FOLD);
    if (!s)
        return 0;
    goregexset_add(s, r, r);
    return finish(ps, s);
}

static int dot(struct parser *ps)
{
    struct goregexset *s = set(ps, 0);
    if (!s)
        return 0;
    goregexset_add(s, 0, ps->flags & DOT_ALL ? RUNE_MAX : '\n' - 1);
    if (!(ps->flags & DOT_ALL))
        goregexset_add(s, '\n' + 1, RUNE_MAX);
    return finish(ps, s);
}

/* \Q...\E, or to the end */
static int quoted(struct parser *ps)
{
    struct goregextext *in = &ps->in;
    in->p += 2;
    while (in->p < in->end) {
        if (*in->p == '\\' && goregextext_peek(in, 1) == 'E') {
            in->p += 2;
            break;
        }
        if (!rune(ps, goregextext_rune(in)))
            return 0;
    }
    return 1;
}

static int class_escape(struct parser *ps)
{
    struct goregexset s = {.pool = ps->in.pool, .is_folded = ps->flags & FOLD};
    unsigned int r;
    int took = goregexclass_escape(&ps->in, &s);
    if (took < 0)
        return goregextext_literal(&ps->in, &r) && rune(ps, r);
    if (!took || !finish(ps, &s))
        return 0;
    struct goregexset *kept = set(ps, 0);
    if (kept)
        *kept = s;
    return kept != NULL;
}

static int escape(struct parser *ps)
{
    static char const places[] = {'A', GOREGEX_TEXT_BEGIN, 'z', GOREGEX_TEXT_END,
                                  'b', GOREGEX_BORDER,     'B', GOREGEX_NO_BORDER};
    char c = goregextext_peek(&ps->in, 1);
    for (size_t i = 0; i < sizeof places; i += 2)
        if (c == places[i]) {
            ps->in.p += 2;
            return place(ps, (enum goregex_place)places[i + 1]);
        }
    return c == 'Q' ? quoted(ps) : class_escape(ps);
}

/* Repetition */

/* A number without zeros before it, of which only as much is read as can be too much. Returns
   where it ends, or NULL. */
static char const *number(char const *p, char const *end, unsigned int *n)
{
    char const *from = p;
    *n = 0;
    while (p < end && *p >= '0' && *p <= '9') {
        if (*n <= REPEAT)
            *n = *n * 10 + (unsigned int)(*p - '0');
        p++;
    }
    return p == from || (*from == '0' && p - from > 1) ? NULL : p;
}

/* {n}, {n,} or {n,m}. Returns where it ends, or NULL: the brace stands for itself. */
static char const *counts(struct parser *ps, unsigned int *min, unsigned int *max)
{
    char const *end = ps->in.end;
    char const *p = number(ps->in.p + 1, end, min);
    if (!p || p == end)
        return NULL;
    *max = *min;
    if (*p == ',') {
        p++;
        *max = GOREGEX_FOREVER;
        if (p < end && *p != '}')
            p = number(p, end, max);
    }
    return p && p < end && *p == '}' ? p + 1 : NULL;
}

/* Lets the last node of the chain be repeated; the operator ends at end. */
static int repeat(struct parser *ps, unsigned int min, unsigned int max, char const *end)
{
    struct goregextext *in = &ps->in;
    char const *from = in->p;
    int is_counted = *from == '{';
    in->p = end;
    int is_lazy = goregextext_peek(in, 0) == '?';
    in->p += is_lazy;
    if (is_counted && (min > REPEAT || (max != GOREGEX_FOREVER && (max > REPEAT || min > max))))
        return goregextext_fail(in, "invalid repeat count", from, end);
    if (ps->repeat)
        return goregextext_fail(in, "invalid nested repetition operator", ps->repeat, in->p);
    struct goregexnode *child = ps->last;
    if (!child)
        return goregextext_fail(in, "missing argument to repetition operator", from, in->p);
    struct goregexnode *n = node(ps, GOREGEXNODE_REPEAT);
    if (!n)
        return 0;
    n->u.repeat.min = min;
    n->u.repeat.max = max;
    n->u.repeat.is_lazy = !(ps->flags & LAZY) != !is_lazy;
    n->child = child;
    n->older = child->older;
    child->older = NULL;
    n->times = child->times;
    if (is_counted) {
        n->times *= max == GOREGEX_FOREVER ? min : max;
        if (n->times > REPEAT)
            return goregextext_fail(in, "invalid repeat count", from, end);
    }
    ps->last = n;
    ps->repeat = from;
    return 1;
}

/* Groups */

static int choice(struct parser *ps, struct goregexnode **out);

static int name(struct parser *ps, size_t group)
{
    struct goregextext *in = &ps->in;
    char const *from = in->p - 1; /* the parenthesis */
    char const *text = in->p + (in->p[1] == 'P' ? 3 : 2);
    char const *end = memchr(text, '>', (size_t)(in->end - text));
    if (!end)
        return goregextext_fail(in, "invalid named capture", from, in->end);
    if (text == end || goregextext_word(text, end) != end)
        return goregextext_fail(in, "invalid named capture", from, end + 1);
    struct goregexname *n = pool_get(in->pool, sizeof *n);
    char const *copy = n ? pool_copy(in->pool, text, (size_t)(end - text)) : NULL;
    if (!copy)
        return goregextext_no_memory(in);
    *n = (struct goregexname){.name = copy, .n = (size_t)(end - text), .group = group};
    *ps->name_end = n;
    ps->name_end = &n->next;
    in->p = end + 1;
    return 1;
}

/* (?flags) and (?flags:, from the ? on. Sets *is_group: it ended with a colon. */
static int flags(struct parser *ps, int *is_group)
{
    static char const letters[] = "ismU";
    struct goregextext *in = &ps->in;
    char const *from = in->p++ - 1;
    unsigned int on = ps->flags;
    int is_off = 0;
    int is_dangling = 0;
    while (in->p < in->end) {
        char c = *in->p;
        char const *letter = c ? strchr(letters, c) : NULL;
        goregextext_rune(in);
        if (letter) {
            unsigned int flag = 1U << (letter - letters);
            on = is_off ? on & ~flag : on | flag;
            is_dangling = 0;
        } else if (c == '-' && !is_off) {
            is_off = is_dangling = 1;
        } else if ((c == ':' || c == ')') && !is_dangling) {
            *is_group = c == ':';
            ps->flags = on;
            return 1;
        } else
            return goregextext_fail(in, "invalid or unsupported Perl syntax", from, in->p);
    }
    return goregextext_fail(in, "invalid or unsupported Perl syntax", from, in->end);
}

/* What a group has in it, up to its parenthesis; the flags set there end with it. */
static int body(struct parser *ps, struct goregexnode **out, unsigned int before)
{
    struct goregextext *in = &ps->in;
    struct goregexnode *last = ps->last;
    if (ps->depth == DEPTH)
        return goregextext_fail(in, "expression nests too deeply", in->begin, in->end);
    ps->depth++;
    if (!choice(ps, out))
        return 0;
    ps->depth--;
    if (in->p == in->end)
        return goregextext_fail(in, "missing closing )", in->begin, in->end);
    in->p++;
    ps->flags = before;
    ps->last = last;
    return 1;
}

/* (?P<name> or (?<name>, and not (?<= or (?<!, which look behind. */
static int is_named(struct goregextext const *in)
{
    if (goregextext_peek(in, 1) == 'P')
        return goregextext_peek(in, 2) == '<' && goregextext_peek(in, 3);
    char next = goregextext_peek(in, 2);
    return goregextext_peek(in, 1) == '<' && next != '=' && next != '!';
}

static int group(struct parser *ps)
{
    struct goregextext *in = &ps->in;
    unsigned int before = ps->flags;
    struct goregexnode *inner;
    int is_group = 1;
    size_t number = 0;
    in->p++;
    if (goregextext_peek(in, 0) != '?')
        number = ps->tree->groups++;
    else if (is_named(in)) {
        number = ps->tree->groups++;
        if (!name(ps, number))
            return 0;
    } else if (!flags(ps, &is_group))
        return 0;
    if (!is_group)
        return 1;
    if (!body(ps, &inner, before))
        return 0;
    if (!number) {
        inner->older = ps->last;
        ps->last = inner;
        return 1;
    }
    struct goregexnode *n = push(ps, GOREGEXNODE_GROUP);
    if (!n)
        return 0;
    n->u.group = number;
    n->child = inner;
    n->times = inner->times;
    return 1;
}

/* Chains and choices */

static int brackets(struct parser *ps)
{
    struct goregexset *s = set(ps, ps->flags & FOLD);
    return s && goregexclass_brackets(&ps->in, s);
}

/* What is neither a repetition nor an end. */
static int atom(struct parser *ps)
{
    switch (*ps->in.p) {
    case '(':
        return group(ps);
    case '[':
        return brackets(ps);
    case '\\':
        return escape(ps);
    case '.':
        ps->in.p++;
        return dot(ps);
    case '^':
        ps->in.p++;
        return place(ps, ps->flags & LINES ? GOREGEX_LINE_BEGIN : GOREGEX_TEXT_BEGIN);
    case '$':
        ps->in.p++;
        return place(ps, ps->flags & LINES ? GOREGEX_LINE_END : GOREGEX_TEXT_END);
    default:
        return rune(ps, goregextext_rune(&ps->in));
    }
}

static int piece(struct parser *ps)
{
    unsigned int min = 0;
    unsigned int max = GOREGEX_FOREVER;
    char const *end = ps->in.p + 1;
    switch (*ps->in.p) {
    case '*':
        return repeat(ps, 0, GOREGEX_FOREVER, end);
    case '+':
        return repeat(ps, 1, GOREGEX_FOREVER, end);
    case '?':
        return repeat(ps, 0, 1, end);
    case '{':
        end = counts(ps, &min, &max);
        if (end)
            return repeat(ps, min, max, end);
        break;
    default:
        break;
    }
    ps->repeat = NULL;
    int ok = atom(ps);
    ps->repeat = NULL;
    return ok;
}

/* Several nodes as one of the kind; one stays itself. */
static struct goregexnode *join(struct parser *ps, enum goregexnode_kind kind,
                                struct goregexnode *last)
{
    if (last && !last->older)
        return last;
    struct goregexnode *n = node(ps, last ? kind : GOREGEXNODE_EMPTY);
    if (!n)
        return NULL;
    n->child = last;
    for (; last; last = last->older)
        if (last->times > n->times)
            n->times = last->times;
    return n;
}

static struct goregexnode *chain(struct parser *ps)
{
    struct goregextext *in = &ps->in;
    ps->last = NULL;
    ps->repeat = NULL;
    while (in->p < in->end && *in->p != '|' && *in->p != ')')
        if (!piece(ps))
            return NULL;
    return join(ps, GOREGEXNODE_CHAIN, ps->last);
}

static int choice(struct parser *ps, struct goregexnode **out)
{
    struct goregexnode *last = NULL;
    for (;;) {
        struct goregexnode *one = chain(ps);
        if (!one)
            return 0;
        one->older = last;
        last = one;
        if (goregextext_peek(&ps->in, 0) != '|')
            break;
        ps->in.p++;
    }
    *out = join(ps, GOREGEXNODE_CHOICE, last);
    return *out != NULL;
}

static int is_text(struct goregextext *in)
{
    for (char const *p = in->begin; p < in->end;) {
        unsigned int r;
        int ok;
        size_t n = utf8_get(p, (size_t)(in->end - p), &r, &ok);
        if (!ok)
            return goregextext_fail(in, "invalid UTF-8", in->begin, in->end);
        p += n;
    }
    return 1;
}

int goregexparse(struct goregextree *tree, struct pool *pool, char const *pattern, size_t n,
                 char why[GOREGEX_WHY])
{
    struct parser ps = {.tree = tree, .name_end = &tree->name};
    struct goregexnode *inner;
    char const *end = pattern + n;
    *tree = (struct goregextree){.groups = 1};
    ps.in =
        (struct goregextext){.p = pattern, .begin = pattern, .end = end, .pool = pool, .why = why};
    if (!is_text(&ps.in) || !choice(&ps, &inner))
        return 0;
    if (ps.in.p < end)
        return goregextext_fail(&ps.in, "unexpected )", pattern, end);
    tree->root = node(&ps, GOREGEXNODE_GROUP);
    if (!tree->root)
        return 0;
    tree->root->child = inner;
    return 1;
}
