/* import: replaces a variable of the environment in a command line, then runs it.

   import [-i | -D DEFAULT] [-u] [-s] [-C | -c] [-N | -n] [-d DELIM] VAR PROG...
   Is "importas VAR VAR" of execline, which had import up to 2.4. ${VAR}, and $VAR at the end of a
   word or before one of $ { } \, become the value; 2n backslashes before it become n, 2n+1 become n
   and keep it as it is. A word with a variable that is unset disappears. */

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <skalibs/exec.h>
#include <skalibs/sgetopt.h>
#include <skalibs/stralloc.h>
#include <skalibs/strerr.h>

char const *PROG = "import";
#define USAGE      "import [-i | -D DEFAULT] [-u] [-s] [-C | -c] [-N | -n] [-d DELIM] VAR PROG..."
#define dieusage() strerr_dieusage(100, USAGE)

/* Linux takes no more, whatever the limits (execve(2)). Not sysconf(_SC_ARG_MAX): musl says 128 KiB
   whatever the kernel takes. */
enum { ARGS_MAX = 6 << 20 };

struct options {
    int insist;
    int unexport;
    int split;
    int crunch;
    int chomp;
    char const *def; /* or NULL */
    char const *delim;
};

/* what the variable stands for: n values, NUL-terminated one behind the other */
struct values {
    stralloc sa;
    size_t n;
};

/* a word of the command line, taken apart: literal text, and where in it values go */
struct word {
    stralloc text;
    stralloc slots; /* of size_t */
    size_t n;
};

static _Noreturn void die_memory(void)
{
    strerr_diefu1sys(111, "substitute");
}

static void append(stralloc *sa, char const *s, size_t len)
{
    if (!stralloc_catb(sa, s, len))
        die_memory();
}

static void add_value(struct values *v, char const *s, size_t len)
{
    append(&v->sa, s, len);
    append(&v->sa, "", 1);
    v->n++;
}

/* Keeps the first of each run of delimiters. Returns the new length. */
static size_t crunch(char *s, size_t len, char const *delim)
{
    size_t n = 0;
    int last = 0;
    for (size_t i = 0; i < len; i++) {
        int is = !!strchr(delim, s[i]);
        if (!is || !last)
            s[n++] = s[i];
        last = is;
    }
    return n;
}

/* s: "3:abc,0:,". */
static void split_netstrings(struct values *v, char const *s, size_t len)
{
    size_t i = 0;
    while (i < len) {
        size_t n = 0;
        size_t digits = i;
        while (i < len && s[i] >= '0' && s[i] <= '9' && n <= len)
            n = 10 * n + (size_t)(s[i++] - '0');
        if (i == digits || i >= len || s[i] != ':' || n >= len - i - 1 || s[i + 1 + n] != ',')
            strerr_dief1x(111, "the value is no sequence of netstrings, which -d '' asks for");
        add_value(v, s + i + 1, n);
        i += 1 + n + 1;
    }
}

/* Crunches, chomps and splits value (len bytes, changed in place), in this order. */
static void transform(struct values *v, struct options const *o, char *s)
{
    size_t len = strlen(s);
    int chomped = 0;
    size_t start = 0;
    if (o->crunch)
        len = crunch(s, len, o->delim);
    if (o->chomp && len && strchr(o->delim, s[len - 1])) {
        len--;
        chomped = 1;
    }
    if (!o->split) {
        add_value(v, s, len);
        return;
    }
    if (!*o->delim) {
        split_netstrings(v, s, len);
        return;
    }
    for (size_t i = 0; i < len; i++)
        if (strchr(o->delim, s[i])) {
            add_value(v, s + start, i - start);
            start = i + 1;
        }
    /* what no delimiter ends is a word too, but with -n only where one was cut off */
    if (start < len && (!o->chomp || chomped))
        add_value(v, s + start, len - start);
}

/* Is there ${key} or $key at s? Returns its length, or 0. */
static size_t match(char const *s, char const *key, size_t keylen)
{
    if (s[1] == '{')
        return !strncmp(s + 2, key, keylen) && s[2 + keylen] == '}' ? keylen + 3 : 0;
    if (strncmp(s + 1, key, keylen) != 0)
        return 0;
    /* strchr also finds the end of the word */
    return strchr("$\\{}", s[1 + keylen]) ? keylen + 1 : 0;
}

static void take_apart(struct word *w, char const *s, char const *key)
{
    size_t keylen = strlen(key);
    size_t backslashes = 0;
    w->text.len = w->slots.len = w->n = 0;
    while (*s) {
        size_t len = *s == '$' ? match(s, key, keylen) : 0;
        if (len) {
            int quoted = backslashes & 1;
            w->text.len -= backslashes - backslashes / 2;
            if (quoted)
                append(&w->text, s, len);
            else {
                append(&w->slots, (char const *)&w->text.len, sizeof w->text.len);
                w->n++;
            }
            s += len;
            backslashes = 0;
            continue;
        }
        backslashes = *s == '\\' ? backslashes + 1 : 0;
        append(&w->text, s++, 1);
    }
}

/* Appends the words that w becomes to out, counting them: with split values all combinations, the
   leftmost changing last. */
static void put_together(struct word const *w, struct values const *v, stralloc *out, size_t *count)
{
    size_t const *slots = (size_t const *)(void const *)w->slots.s;
    size_t *which = calloc(w->n + 1, sizeof *which);
    char const **value = malloc((v->n + 1) * sizeof *value);
    if (!which || !value)
        die_memory();
    char const *p = v->sa.s;
    for (size_t i = 0; i < v->n; i++, p += strlen(p) + 1)
        value[i] = p;
    for (int more = !w->n || v->n; more;) {
        size_t at = 0;
        for (size_t i = 0; i < w->n; i++) {
            append(out, w->text.s + at, slots[i] - at);
            append(out, value[which[i]], strlen(value[which[i]]));
            at = slots[i];
        }
        if (w->text.len)
            append(out, w->text.s + at, w->text.len - at);
        append(out, "", 1);
        ++*count;
        if (out->len > ARGS_MAX)
            strerr_dief1x(100, "the command line becomes too long");
        /* the next combination */
        size_t i = w->n;
        while (i && ++which[i - 1] == v->n)
            which[--i] = 0;
        more = i > 0;
    }
    free(which);
    free(value);
}

static void get_values(struct values *v, struct options const *o, char const *name)
{
    char const *value = getenv(name);
    if (!value && o->insist)
        strerr_dief2x(100, name, " is not set");
    if (!value)
        value = o->def;
    if (!value)
        return;
    stralloc copy = STRALLOC_ZERO;
    append(&copy, value, strlen(value) + 1);
    transform(v, o, copy.s);
    stralloc_free(&copy);
}

static void run(struct values const *v, char const *key, char const *const *argv)
{
    struct word w = {.n = 0};
    stralloc out = STRALLOC_ZERO;
    size_t n = 0;
    for (; *argv; argv++) {
        take_apart(&w, *argv, key);
        put_together(&w, v, &out, &n);
    }
    char const **words = malloc((n + 1) * sizeof *words);
    if (!words)
        die_memory();
    char const *p = out.s;
    for (size_t i = 0; i < n; i++, p += strlen(p) + 1)
        words[i] = p;
    words[n] = NULL;
    xexec0(words);
}

static int parse(int argc, char const *const *argv, struct options *o)
{
    subgetopt l = SUBGETOPT_ZERO;
    for (;;) {
        switch (subgetopt_r(argc, argv, "iD:usCcNnd:", &l)) {
        case -1:
            return l.ind;
        case 'i':
            o->insist = 1;
            break;
        case 'D':
            o->def = l.arg;
            break;
        case 'u':
            o->unexport = 1;
            break;
        case 's':
            o->split = 1;
            break;
        case 'C':
            o->crunch = 1;
            break;
        case 'c':
            o->crunch = 0;
            break;
        case 'N':
            o->chomp = 0;
            break;
        case 'n':
            o->chomp = 1;
            break;
        case 'd':
            o->delim = l.arg;
            break;
        default:
            dieusage();
        }
    }
}

int main(int argc, char const *const *argv)
{
    struct options o = {.delim = " \n\r\t"};
    struct values v = {.n = 0};
    argv += parse(argc, argv, &o);
    if (!argv[0])
        dieusage();
    char const *name = *argv++;
    if (!*name || strpbrk(name, "${}="))
        strerr_dief3x(100, "'", name, "' is no name of a variable");
    get_values(&v, &o, name);
    if (o.unexport)
        unsetenv(name);
    run(&v, name, argv);
}
