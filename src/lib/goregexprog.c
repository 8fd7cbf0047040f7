#include <stdint.h>
#include <stdio.h>

#include <cairn/goregexprog.h>

enum { STEPS = 1 << 17 };

/* Can it match nothing? */
static int is_empty(struct goregexnode const *n)
{
    switch (n->kind) {
    case GOREGEXNODE_SET:
        return 0;
    case GOREGEXNODE_GROUP:
        return is_empty(n->child);
    case GOREGEXNODE_REPEAT:
        return !n->u.repeat.min || is_empty(n->child);
    case GOREGEXNODE_CHAIN:
        for (struct goregexnode const *c = n->child; c; c = c->older)
            if (!is_empty(c))
                return 0;
        return 1;
    case GOREGEXNODE_CHOICE:
        for (struct goregexnode const *c = n->child; c; c = c->older)
            if (is_empty(c))
                return 1;
        return 0;
    case GOREGEXNODE_EMPTY:
    case GOREGEXNODE_AT:
        break;
    }
    return 1;
}

/* How many steps it takes, STEPS for more. */
static uint64_t size(struct goregexnode const *n)
{
    uint64_t sum = 0;
    unsigned int min = n->u.repeat.min;
    unsigned int max = n->u.repeat.max;
    for (struct goregexnode const *c = n->child; c; c = c->older) {
        sum += size(c) + (n->kind == GOREGEXNODE_CHOICE);
        if (sum > STEPS)
            return STEPS;
    }
    switch (n->kind) {
    case GOREGEXNODE_SET:
    case GOREGEXNODE_AT:
        return 1;
    case GOREGEXNODE_GROUP:
        sum += 2;
        break;
    case GOREGEXNODE_REPEAT:
        sum = max == GOREGEX_FOREVER ? sum * (min + !min) + 2 : sum * max + max - min;
        break;
    case GOREGEXNODE_EMPTY:
    case GOREGEXNODE_CHAIN:
    case GOREGEXNODE_CHOICE:
        break;
    }
    return sum > STEPS ? STEPS : sum;
}

/* The program is made from its end to its beginning: each part is told what follows it, and
   returns where it begins. */

static unsigned int add(struct goregexprog *prog, enum goregexstep_kind kind, unsigned int next)
{
    prog->step[prog->n] = (struct goregexstep){.kind = kind, .next = next};
    return prog->n++;
}

/* Leads the fork to a part, which is preferred to what follows unless it is lazy. */
static void lead(struct goregexstep *fork, unsigned int part, unsigned int next, int is_lazy)
{
    fork->next = is_lazy ? next : part;
    fork->u.other = is_lazy ? part : next;
}

static unsigned int make(struct goregexprog *prog, struct goregexnode const *n, unsigned int next);

static unsigned int maybe(struct goregexprog *prog, unsigned int part, unsigned int next,
                          int is_lazy)
{
    unsigned int fork = add(prog, GOREGEXSTEP_FORK, 0);
    lead(prog->step + fork, part, next, is_lazy);
    return fork;
}

/* As often as one likes. What can match nothing is entered once or not at all, and then again: so
   it is left where nothing more is taken. */
static unsigned int loop(struct goregexprog *prog, struct goregexnode const *n, unsigned int next)
{
    int is_lazy = n->u.repeat.is_lazy;
    unsigned int fork = add(prog, GOREGEXSTEP_FORK, 0);
    unsigned int part = make(prog, n->child, fork);
    lead(prog->step + fork, part, next, is_lazy);
    if (n->u.repeat.min)
        return part;
    return is_empty(n->child) ? maybe(prog, part, next, is_lazy) : fork;
}

static unsigned int repeat(struct goregexprog *prog, struct goregexnode const *n, unsigned int next)
{
    unsigned int min = n->u.repeat.min;
    unsigned int at = next;
    if (n->u.repeat.max == GOREGEX_FOREVER) {
        at = loop(prog, n, next);
        min -= min != 0;
    } else
        for (unsigned int i = min; i < n->u.repeat.max; i++)
            at = maybe(prog, make(prog, n->child, at), next, n->u.repeat.is_lazy);
    while (min--)
        at = make(prog, n->child, at);
    return at;
}

static unsigned int choice(struct goregexprog *prog, struct goregexnode const *n, unsigned int next)
{
    unsigned int at = make(prog, n->child, next);
    for (struct goregexnode const *c = n->child->older; c; c = c->older)
        at = maybe(prog, make(prog, c, next), at, 0);
    return at;
}

static unsigned int group(struct goregexprog *prog, struct goregexnode const *n, unsigned int next)
{
    unsigned int end = add(prog, GOREGEXSTEP_MARK, next);
    prog->step[end].u.mark = n->u.group * 2 + 1;
    unsigned int begin = add(prog, GOREGEXSTEP_MARK, 0);
    prog->step[begin].u.mark = n->u.group * 2;
    unsigned int at = make(prog, n->child, end);
    prog->step[begin].next = at;
    return begin;
}

static unsigned int make(struct goregexprog *prog, struct goregexnode const *n, unsigned int next)
{
    unsigned int at = next;
    switch (n->kind) {
    case GOREGEXNODE_EMPTY:
        break;
    case GOREGEXNODE_SET:
        at = add(prog, GOREGEXSTEP_SET, next);
        prog->step[at].u.set = n->u.set;
        break;
    case GOREGEXNODE_AT:
        at = add(prog, GOREGEXSTEP_AT, next);
        prog->step[at].u.place = n->u.place;
        break;
    case GOREGEXNODE_CHAIN:
        for (struct goregexnode const *c = n->child; c; c = c->older)
            at = make(prog, c, at);
        break;
    case GOREGEXNODE_CHOICE:
        return choice(prog, n, next);
    case GOREGEXNODE_REPEAT:
        return repeat(prog, n, next);
    case GOREGEXNODE_GROUP:
        return group(prog, n, next);
    }
    return at;
}

int goregexprog_make(struct goregexprog *prog, struct goregextree const *tree, struct pool *pool,
                     char why[GOREGEX_WHY])
{
    uint64_t n = size(tree->root) + 1;
    *prog = (struct goregexprog){.n = 0};
    if (n >= STEPS) {
        snprintf(why, GOREGEX_WHY, "expression too large: more than %d steps", STEPS);
        return 0;
    }
    prog->step = pool_get(pool, n * sizeof *prog->step);
    if (!prog->step) {
        snprintf(why, GOREGEX_WHY, "out of memory");
        return 0;
    }
    add(prog, GOREGEXSTEP_MATCH, 0);
    prog->start = make(prog, tree->root, 0);
    return 1;
}
