#include <string.h>

#include <cairn/goregexclass.h>

/* The name behind \p: one letter, or in braces. */
static int category(struct goregextext *in, struct goregexset *set)
{
    char const *from = in->p;
    int is_negated = in->p[1] == 'P';
    in->p += 2;
    if (in->p == in->end)
        return goregextext_fail(in, "invalid character class range", from, in->p);
    char const *name = in->p;
    char const *end;
    if (*name == '{') {
        name++;
        end = memchr(name, '}', (size_t)(in->end - name));
        if (!end)
            return goregextext_fail(in, "invalid character class range", from, in->end);
        in->p = end + 1;
    } else {
        goregextext_rune(in);
        end = in->p;
    }
    if (name < end && *name == '^') {
        is_negated = !is_negated;
        name++;
    }
    if (!goregexset_category(set, name, (size_t)(end - name), is_negated))
        return goregextext_fail(in, "unknown or unsupported class of Unicode", from, in->p);
    return 1;
}

int goregexclass_escape(struct goregextext *in, struct goregexset *set)
{
    static char const names[] = "dDsSwW";
    char c = goregextext_peek(in, 1);
    if (*in->p != '\\' || !c)
        return -1;
    if (c == 'p' || c == 'P')
        return category(in, set);
    char const *name = strchr(names, c);
    if (!name)
        return -1;
    in->p += 2;
    return goregexset_class(set, names + ((name - names) & ~1), 1, (name - names) & 1);
}

/* [:alpha:], [:^alpha:]. Returns as goregexclass_escape. */
static int posix(struct goregextext *in, struct goregexset *set)
{
    if (*in->p != '[' || goregextext_peek(in, 1) != ':')
        return -1;
    char const *name = in->p + 2;
    char const *end = memmem(name, (size_t)(in->end - name), ":]", 2);
    if (!end)
        return -1;
    int is_negated = *name == '^';
    name += is_negated;
    int is_long = end - name > 1; /* d, s and w are no names here */
    if (!is_long || !goregexset_class(set, name, (size_t)(end - name), is_negated))
        return goregextext_fail(in, "invalid character class range", in->p, end + 2);
    in->p = end + 2;
    return 1;
}

/* One character, or two with - between them. */
static int range(struct goregextext *in, struct goregexset *set)
{
    char const *from = in->p;
    unsigned int low;
    unsigned int high;
    if (!goregextext_literal(in, &low))
        return 0;
    high = low;
    char next = goregextext_peek(in, 1);
    if (goregextext_peek(in, 0) == '-' && in->end - in->p >= 2 && next != ']') {
        in->p++;
        if (!goregextext_literal(in, &high))
            return 0;
        if (high < low)
            return goregextext_fail(in, "invalid character class range", from, in->p);
    }
    goregexset_add(set, low, high);
    return 1;
}

int goregexclass_brackets(struct goregextext *in, struct goregexset *set)
{
    char const *open = in->p++;
    int is_negated = goregextext_peek(in, 0) == '^';
    in->p += is_negated;
    char const *first = in->p;
    while (in->p == first || goregextext_peek(in, 0) != ']') {
        if (in->p == in->end)
            return goregextext_fail(in, "missing closing ]", open, in->end);
        int took = posix(in, set);
        if (took < 0)
            took = goregexclass_escape(in, set);
        if (took < 0)
            took = range(in, set);
        if (!took)
            return 0;
    }
    in->p++;
    if (!goregexset_finish(set, is_negated))
        return goregextext_no_memory(in);
    return 1;
}
