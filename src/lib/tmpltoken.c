#include <string.h>

#include <cairn/tmpltoken.h>

static struct {
    char const *word;
    enum tmpltoken_kind kind;
} const words[] = {
    {"block", TMPLTOKEN_BLOCK},       {"break", TMPLTOKEN_BREAK},
    {"continue", TMPLTOKEN_CONTINUE}, {"define", TMPLTOKEN_DEFINE},
    {"else", TMPLTOKEN_ELSE},         {"end", TMPLTOKEN_ENDWORD},
    {"false", TMPLTOKEN_BOOL},        {"if", TMPLTOKEN_IF},
    {"nil", TMPLTOKEN_NIL},           {"range", TMPLTOKEN_RANGE},
    {"template", TMPLTOKEN_TEMPLATE}, {"true", TMPLTOKEN_BOOL},
    {"with", TMPLTOKEN_WITH},
};

static int is_blank(char c)
{
    return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

static int is_digit(char c)
{
    return c >= '0' && c <= '9';
}

/* Letters beyond ASCII are not told from other characters there: all may be part of a name. */
static int is_letter(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' || c & 0x80;
}

static int is_name(char c)
{
    return is_letter(c) || is_digit(c);
}

void tmplscan_init(struct tmplscan *s, char const *text, size_t len, char const *left,
                   char const *right)
{
    left = left && *left ? left : "{{";
    right = right && *right ? right : "}}";
    *s = (struct tmplscan){.text = text,
                           .len = len,
                           .left = left,
                           .nleft = strlen(left),
                           .right = right,
                           .nright = strlen(right)};
}

/* The byte that far ahead, 0 behind the end. */
static char look(struct tmplscan const *s, size_t ahead)
{
    return ahead < s->len - s->at ? s->text[s->at + ahead] : 0;
}

static int starts(struct tmplscan const *s, size_t ahead, char const *with, size_t n)
{
    return ahead <= s->len - s->at && n <= s->len - s->at - ahead &&
           !memcmp(s->text + s->at + ahead, with, n);
}

static void token(struct tmplscan *s, struct tmpltoken *t, enum tmpltoken_kind kind, size_t n)
{
    t->kind = kind;
    t->s = s->text + s->at;
    t->n = n;
    s->at += n;
}

static void fail(struct tmplscan *s, struct tmpltoken *t, size_t n, char const *why)
{
    if (n > s->len - s->at)
        n = s->len - s->at;
    token(s, t, TMPLTOKEN_ERROR, n);
    s->why = why;
}

/* How long the end of an action is that stands here, its trim marker included; 0: none does. */
static size_t right_here(struct tmplscan const *s, int *trims)
{
    *trims = is_blank(look(s, 0)) && look(s, 1) == '-' && starts(s, 2, s->right, s->nright);
    if (*trims)
        return 2 + s->nright;
    return starts(s, 0, s->right, s->nright) ? s->nright : 0;
}

/* How long the left delimiter at that place is, its trim marker included: a - is one only before a
   blank. */
static size_t left_at(struct tmplscan const *s, size_t at, int *trims)
{
    size_t next = at + s->nleft;
    *trims = next + 1 < s->len && s->text[next] == '-' && is_blank(s->text[next + 1]);
    return s->nleft + (size_t)*trims;
}

/* Skips the comment whose left delimiter of n bytes stands here. Returns whether it is well. */
static int skip_comment(struct tmplscan *s, struct tmpltoken *t, size_t n)
{
    size_t begin = s->at;
    char const *inner = s->text + begin + n + 2;
    char const *end = memmem(inner, s->len - begin - n - 2, "*/", 2);
    if (!end) {
        fail(s, t, n + 2, "a comment without its */");
        return 0;
    }
    s->at = (size_t)(end + 2 - s->text);
    n = right_here(s, &s->trims);
    if (!n) {
        fail(s, t, 1, "a comment must end where its action ends");
        return 0;
    }
    s->at += n;
    return 1;
}

/* The next token outside of actions: text, less what trim markers take, or an action's begin. */
static void outside(struct tmplscan *s, struct tmpltoken *t)
{
    for (;;) {
        while (s->trims && is_blank(look(s, 0)))
            s->at++;
        s->trims = 0;
        char const *begin = s->text + s->at;
        char const *left = memmem(begin, s->len - s->at, s->left, s->nleft);
        size_t n = left ? (size_t)(left - begin) : s->len - s->at;
        size_t next = s->at + n;
        int trims;
        size_t delimiter = left_at(s, next, &trims);
        while (trims && n && is_blank(begin[n - 1]))
            n--;
        if (n)
            token(s, t, TMPLTOKEN_TEXT, n);
        s->at = next;
        if (n)
            return;
        if (!left) {
            token(s, t, TMPLTOKEN_END, 0);
            return;
        }
        if (!starts(s, delimiter + (size_t)trims, "/*", 2)) {
            token(s, t, TMPLTOKEN_LEFT, delimiter);
            s->is_inside = 1;
            s->open = 0;
            return;
        }
        if (!skip_comment(s, t, delimiter + (size_t)trims))
            return;
    }
}

/* A string or character in quotes, which a newline ends too early. */
static void quoted(struct tmplscan *s, struct tmpltoken *t, enum tmpltoken_kind kind,
                   char const *why)
{
    size_t n = 1;
    char quote = look(s, 0);
    for (; look(s, n) != quote; n++) {
        if (look(s, n) == '\\')
            n++;
        if (n >= s->len - s->at || look(s, n) == '\n') {
            fail(s, t, 1, why);
            return;
        }
    }
    token(s, t, kind, n + 1);
}

static void raw(struct tmplscan *s, struct tmpltoken *t)
{
    char const *end = memchr(s->text + s->at + 1, '`', s->len - s->at - 1);
    if (end)
        token(s, t, TMPLTOKEN_RAW, (size_t)(end - (s->text + s->at)) + 1);
    else
        fail(s, t, 1, "a raw string without its closing `");
}

/* All that can belong to a number, sound or not: tmplconst reads it. */
static void number(struct tmplscan *s, struct tmpltoken *t)
{
    size_t n = look(s, 0) == '+' || look(s, 0) == '-';
    int is_hex = look(s, n) == '0' && (look(s, n + 1) | 32) == 'x';
    for (; is_name(look(s, n)) || look(s, n) == '.'; n++)
        if ((look(s, n) | 32) == (is_hex ? 'p' : 'e') &&
            (look(s, n + 1) == '+' || look(s, n + 1) == '-'))
            n++;
    if (look(s, n) == '+' || look(s, n) == '-')
        fail(s, t, n + 1, "a bad number");
    else
        token(s, t, TMPLTOKEN_NUMBER, n);
}

static size_t name_length(struct tmplscan const *s, size_t from)
{
    size_t n = from;
    while (is_name(look(s, n)))
        n++;
    return n;
}

static void word(struct tmplscan *s, struct tmpltoken *t)
{
    size_t n = name_length(s, 1);
    enum tmpltoken_kind kind = TMPLTOKEN_NAME;
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        if (strlen(words[i].word) == n && starts(s, 0, words[i].word, n))
            kind = words[i].kind;
    token(s, t, kind, n);
}

static void dot(struct tmplscan *s, struct tmpltoken *t)
{
    if (is_digit(look(s, 1)))
        number(s, t);
    else if (is_letter(look(s, 1)))
        token(s, t, TMPLTOKEN_FIELD, name_length(s, 2));
    else
        token(s, t, TMPLTOKEN_DOT, 1);
}

static void close_parenthesis(struct tmplscan *s, struct tmpltoken *t)
{
    if (!s->open) {
        fail(s, t, 1, "a ) without its (");
        return;
    }
    s->open--;
    token(s, t, TMPLTOKEN_CLOSE, 1);
}

static void right(struct tmplscan *s, struct tmpltoken *t, size_t n)
{
    if (s->open) {
        fail(s, t, n, "a ( without its ) in this action");
        return;
    }
    token(s, t, TMPLTOKEN_RIGHT, n);
    s->is_inside = 0;
}

static void inside(struct tmplscan *s, struct tmpltoken *t)
{
    size_t n;
    t->is_spaced = 0;
    while (!(n = right_here(s, &s->trims)) && is_blank(look(s, 0))) {
        t->is_spaced = 1;
        s->at++;
    }
    if (n) {
        right(s, t, n);
        return;
    }
    if (s->at == s->len) {
        fail(s, t, 0, "an action without its end");
        return;
    }
    switch (look(s, 0)) {
    case '"':
        quoted(s, t, TMPLTOKEN_STRING, "a string without its closing \"");
        break;
    case '\'':
        quoted(s, t, TMPLTOKEN_CHAR, "a character without its closing '");
        break;
    case '`':
        raw(s, t);
        break;
    case '(':
        s->open++;
        token(s, t, TMPLTOKEN_OPEN, 1);
        break;
    case ')':
        close_parenthesis(s, t);
        break;
    case '|':
        token(s, t, TMPLTOKEN_PIPE, 1);
        break;
    case ',':
        token(s, t, TMPLTOKEN_COMMA, 1);
        break;
    case '=':
        token(s, t, TMPLTOKEN_ASSIGN, 1);
        break;
    case ':':
        if (look(s, 1) == '=')
            token(s, t, TMPLTOKEN_DECLARE, 2);
        else
            fail(s, t, 1, "a : that is no :=");
        break;
    case '$':
        token(s, t, TMPLTOKEN_VARIABLE, name_length(s, 1));
        break;
    case '.':
        dot(s, t);
        break;
    default:
        if (is_digit(look(s, 0)) || look(s, 0) == '+' || look(s, 0) == '-')
            number(s, t);
        else if (is_letter(look(s, 0)))
            word(s, t);
        else
            fail(s, t, 1, "a character that has no meaning here");
        break;
    }
}

void tmplscan_next(struct tmplscan *s, struct tmpltoken *t)
{
    *t = (struct tmpltoken){.kind = TMPLTOKEN_END};
    if (s->is_inside)
        inside(s, t);
    else
        outside(s, t);
}
