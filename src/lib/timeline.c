#include <string.h>

#include <skalibs/types.h>
#include <skalibs/uint64.h>

#include <cairn/timeline.h>

#define HEADER "boot-timeline 1 "

enum { MICRO = 1000000, MICRO_DIGITS = 6 };

static char const *const kinds[] = {
#define X(name, word) [TIMELINE_##name] = (word),
    TIMELINE_KINDS(X)
#undef X
};
static char const *const events[] = {
    [TIMELINE_START] = "start", [TIMELINE_READY] = "ready", [TIMELINE_END] = "end"};

_Static_assert(sizeof kinds / sizeof *kinds == TIMELINE_KIND_COUNT, "a word for each kind");
_Static_assert(sizeof events / sizeof *events == TIMELINE_EVENT_COUNT, "a word for each event");

char const *timeline_kind_word(enum timeline_kind kind)
{
    return kinds[kind];
}

/* --- pack --- */

static size_t put(char *p, char const *s)
{
    size_t n = strlen(s);
    memcpy(p, s, n);
    return n;
}

static size_t put_name(char *p, char const *s)
{
    static char const digits[] = "0123456789abcdef";
    char *start = p;
    for (size_t i = 0; i < TIMELINE_NAME && s[i]; i++) {
        unsigned char c = (unsigned char)s[i];
        if (c >= 0x20 && c != 0x7f && c != '\\') {
            *p++ = s[i];
            continue;
        }
        *p++ = '\\';
        *p++ = 'x';
        *p++ = digits[c >> 4];
        *p++ = digits[c & 15];
    }
    return (size_t)(p - start);
}

size_t timeline_pack_header(char *buf, uint64_t wall_us)
{
    size_t n = put(buf, HEADER);
    n += uint64_fmt(buf + n, wall_us / MICRO);
    buf[n++] = '.';
    for (uint64_t d = MICRO / 10; d; d /= 10)
        buf[n++] = (char)('0' + wall_us / d % 10);
    buf[n++] = '\n';
    return n;
}

size_t timeline_pack(char *buf, struct timeline_record const *r)
{
    size_t n = uint64_fmt(buf, r->us);
    buf[n++] = ' ';
    n += put(buf + n, kinds[r->kind]);
    buf[n++] = ' ';
    n += put(buf + n, events[r->event]);
    buf[n++] = ' ';
    n += uint_fmt(buf + n, r->code);
    buf[n++] = ' ';
    n += put_name(buf + n, r->name);
    buf[n++] = '\n';
    return n;
}

/* --- parse --- */

struct cursor {
    char const *s;
    size_t n;
};

/* Digits up to the byte end, or up to the end of the line if it is 0. Returns how many, 0 if that
   is no number below 10^15. */
static size_t take_number(struct cursor *c, char end, uint64_t *value)
{
    size_t i = 0;
    *value = 0;
    for (; i < c->n && i < 15 && c->s[i] >= '0' && c->s[i] <= '9'; i++)
        *value = *value * 10 + (uint64_t)(c->s[i] - '0');
    if (!i || (end ? i == c->n || c->s[i] != end : i != c->n))
        return 0;
    c->s += i + !!end;
    c->n -= i + !!end;
    return i;
}

/* A word of small letters and what follows it, a blank. Returns its place in the list, count if it
   is none of those, or -1. */
static int take_word(struct cursor *c, char const *const *list, int count)
{
    size_t i = 0;
    int found = 0;
    while (i < c->n && c->s[i] >= 'a' && c->s[i] <= 'z')
        i++;
    if (!i || i == c->n || c->s[i] != ' ')
        return -1;
    while (found < count && (strlen(list[found]) != i || memcmp(list[found], c->s, i)))
        found++;
    c->s += i + 1;
    c->n -= i + 1;
    return found;
}

static int hex(char c)
{
    return c >= '0' && c <= '9' ? c - '0' : c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

static int take_name(struct cursor const *c, char *name)
{
    size_t len = 0;
    for (size_t i = 0; i < c->n; i++) {
        unsigned char b = (unsigned char)c->s[i];
        if (len == TIMELINE_NAME || b < 0x20 || b == 0x7f)
            return -1;
        if (b == '\\') {
            int high = i + 3 < c->n && c->s[i + 1] == 'x' ? hex(c->s[i + 2]) : -1;
            int low = high < 0 ? -1 : hex(c->s[i + 3]);
            if (low < 0 || !(high | low))
                return -1;
            b = (unsigned char)(high << 4 | low);
            i += 3;
        }
        name[len++] = (char)b;
    }
    name[len] = 0;
    return len ? 0 : -1;
}

int timeline_parse_header(char const *line, size_t n, uint64_t *wall_us)
{
    struct cursor c = {line + sizeof HEADER - 1, n - (sizeof HEADER - 1)};
    uint64_t s, us;
    if (n < sizeof HEADER - 1 || memcmp(line, HEADER, sizeof HEADER - 1) ||
        !take_number(&c, '.', &s) || s >= UINT64_C(1000000000000) ||
        take_number(&c, 0, &us) != MICRO_DIGITS)
        return -1;
    *wall_us = s * MICRO + us;
    return 0;
}

enum timeline_parsed timeline_parse(char const *line, size_t n, struct timeline_record *r)
{
    struct cursor c = {line, n};
    uint64_t code;
    if (!take_number(&c, ' ', &r->us))
        return TIMELINE_DAMAGED;
    int kind = take_word(&c, kinds, TIMELINE_KIND_COUNT);
    int event = kind < 0 ? -1 : take_word(&c, events, TIMELINE_EVENT_COUNT);
    if (event < 0 || !take_number(&c, ' ', &code) || code > 0xffff || take_name(&c, r->name) < 0)
        return TIMELINE_DAMAGED;
    if (kind == TIMELINE_KIND_COUNT || event == TIMELINE_EVENT_COUNT)
        return TIMELINE_UNKNOWN;
    r->kind = (enum timeline_kind)kind;
    r->event = (enum timeline_event)event;
    r->code = (unsigned int)code;
    return TIMELINE_OK;
}

/* --- rows --- */

static struct timeline_row *find(struct timeline *t, struct timeline_record const *r)
{
    for (size_t i = timeline_count(t); i--;) {
        struct timeline_row *row = timeline_row(t, i);
        if (row->kind == r->kind && !strcmp(timeline_name(t, row), r->name))
            return row;
    }
    return NULL;
}

static void end_phase(struct timeline *t, uint64_t us)
{
    for (size_t i = timeline_count(t); i--;) {
        struct timeline_row *row = timeline_row(t, i);
        if (row->kind == TIMELINE_PHASE && row->end == TIMELINE_NEVER)
            row->end = us;
    }
}

static int is_of_stop(struct timeline_record const *r)
{
    return r->kind == TIMELINE_PHASE || ((r->kind == TIMELINE_STAGE || r->kind == TIMELINE_HOOK) &&
                                         !strncmp(r->name, "cont-finish", 11));
}

static int add(struct timeline *t, struct timeline_record const *r)
{
    if (r->us > t->last)
        t->last = r->us;
    if (r->kind == TIMELINE_CONTAINER) {
        end_phase(t, r->us);
        t->ended = r->us;
        t->code = r->code;
        return 0;
    }
    struct timeline_row *row = find(t, r);
    if (!row) { /* whose start is not told has begun when it is first heard of */
        struct timeline_row new = {.kind = r->kind,
                                   .name = t->names.len,
                                   .start = r->us,
                                   .ready = TIMELINE_NEVER,
                                   .end = TIMELINE_NEVER,
                                   .is_stop = (unsigned int)is_of_stop(r)};
        if (r->kind == TIMELINE_PHASE)
            end_phase(t, r->us);
        if (!stralloc_catb(&t->names, r->name, strlen(r->name) + 1) ||
            !genalloc_append(struct timeline_row, &t->rows, &new))
            return -1;
        row = timeline_row(t, timeline_count(t) - 1);
        row->announces = r->kind == TIMELINE_SERVICE && r->event == TIMELINE_START && r->code;
    }
    if (r->event == TIMELINE_READY && row->ready == TIMELINE_NEVER) {
        row->ready = r->us;
        row->announces = 1;
    }
    if (r->event == TIMELINE_END && row->end == TIMELINE_NEVER) {
        row->end = r->us;
        row->code = r->code;
    }
    /* two processes write: the records of one thing may come in the wrong order */
    if (r->us < row->start)
        row->start = r->us;
    return 0;
}

/* They are nearly in order: insertion. */
static void sort(struct timeline *t)
{
    for (size_t i = 1; i < timeline_count(t); i++) {
        struct timeline_row x = *timeline_row(t, i);
        size_t j = i;
        for (; j && timeline_row(t, j - 1)->start > x.start; j--)
            *timeline_row(t, j) = *timeline_row(t, j - 1);
        *timeline_row(t, j) = x;
    }
}

uint64_t timeline_done(struct timeline_row const *r)
{
    if (r->kind != TIMELINE_SERVICE)
        return r->end;
    return r->announces ? r->ready : r->start;
}

static void set_total(struct timeline *t)
{
    uint64_t services = 0, command = 0, all = 0;
    for (size_t i = 0; i < timeline_count(t); i++) {
        struct timeline_row const *r = timeline_row(t, i);
        uint64_t done = timeline_done(r);
        if (r->kind == TIMELINE_COMMAND && r->start > command)
            command = r->start;
        if (done == TIMELINE_NEVER || r->is_stop)
            continue;
        if (r->kind == TIMELINE_SERVICE && done > services)
            services = done;
        else if (r->kind != TIMELINE_COMMAND && done > all)
            all = done;
    }
    t->total = services ? services : command ? command : all;
}

char const *timeline_total_is(struct timeline const *t)
{
    int command = 0;
    for (size_t i = 0; i < timeline_count(t); i++) {
        if (timeline_row(t, i)->kind == TIMELINE_SERVICE)
            return "until the last service was ready";
        command |= timeline_row(t, i)->kind == TIMELINE_COMMAND;
    }
    return command ? "until the command was started" : "for all there was to do";
}

int timeline_read(struct timeline *t, char const *text, size_t n)
{
    struct timeline_record r;
    int first = 1;
    while (n) {
        char const *end = memchr(text, '\n', n);
        size_t len = end ? (size_t)(end - text) : n;
        if (!end)
            t->torn = 1;
        else if (!first || timeline_parse_header(text, len, &t->wall_us) < 0)
            switch (timeline_parse(text, len, &r)) {
            case TIMELINE_OK:
                if (add(t, &r) < 0)
                    return -1;
                break;
            case TIMELINE_UNKNOWN:
                t->unknown++;
                break;
            case TIMELINE_DAMAGED:
                t->damaged++;
                break;
            }
        first = 0;
        text += len + !!end;
        n -= len + !!end;
    }
    sort(t);
    set_total(t);
    return 0;
}

char const *timeline_result(char *buf, struct timeline const *t, struct timeline_row const *r)
{
    if (r->kind == TIMELINE_SERVICE)
        return !r->announces ? "up" : r->ready == TIMELINE_NEVER ? "not ready" : "ready";
    if (r->end == TIMELINE_NEVER)
        return r->kind == TIMELINE_COMMAND && t->ended == TIMELINE_NEVER ? "running" : "unfinished";
    if (!r->code)
        return r->kind == TIMELINE_PHASE ? "over" : "ok";
    memcpy(buf, "exit ", 5);
    buf[5 + uint_fmt(buf + 5, r->code)] = 0;
    return buf;
}

void timeline_free(struct timeline *t)
{
    genalloc_free(struct timeline_row, &t->rows);
    stralloc_free(&t->names);
}
