/* The first line is the name of a function of sprig or of consul-template (or picks one by its
   bytes), each further one an argument: i and an integer, f and a float, s and a string, b, n, l
   for all before as a list, m for them as a map. It is called by a template, whose engine checks
   the arguments; then it ends within its bounds, with a value that can be printed or a reason. */

#include <cairn/ctplain.h>
#include <cairn/sprig.h>
#include <cairn/tmplrun.h>

#include "fuzz.h"

enum { ARGS = 5, MEMORY = 2 << 20, OUTPUT = 1 << 16, STEPS = 10000, TEXT = 256 };

static struct tmplfunc_table table[SPRIG_TABLES + CTPLAIN_TABLES];
static size_t tables;
static struct ctplain plain;
static struct tmplvalue arg[ARGS];
static struct tmplvalue item[ARGS][ARGS];
static struct tmplentry entry[ARGS][ARGS];
static char *line_text[ARGS + 1];
static size_t lines;

static void line(char *s)
{
    if (lines <= ARGS) {
        line_text[lines] = strdup(s);
        HOLDS(line_text[lines++]);
    }
}

/* What looks at the world outside, or changes it. */
static int is_outside(char const *name)
{
    static char const *const names[] = {"plugin", "writeToFile", "spew_dump", "spew_printf",
                                        "sprig_getHostByName"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (!strcmp(name, names[i]))
            return 1;
    return 0;
}

static char const *function(char const *s)
{
    size_t n = 0;
    for (size_t t = 0; t < tables; t++)
        for (size_t i = 0; i < table[t].n; i++, n++)
            if (!strcmp(table[t].func[i].name, s))
                return table[t].func[i].name;
    size_t which = ((unsigned char)s[0] * 256u + (s[0] ? (unsigned char)s[1] : 0)) % n;
    for (size_t t = 0;; t++) {
        if (which < table[t].n)
            return table[t].func[which].name;
        which -= table[t].n;
    }
}

static struct tmplvalue operand(char const *s, size_t i)
{
    switch (*s) {
    case 'i':
        return tmplvalue_int(strtoll(s + 1, NULL, 0));
    case 'f':
        return tmplvalue_float(strtod(s + 1, NULL));
    case 'b':
        return tmplvalue_bool(s[1] != 0);
    case 'n':
        return tmplvalue_nil();
    case 'l':
        memcpy(item[i], arg, i * sizeof *arg);
        return tmplvalue_list(item[i], i);
    case 'm':
        for (size_t k = 0; k < i; k++)
            entry[i][k] = (struct tmplentry){
                .key = line_text[k + 1], .n = strlen(line_text[k + 1]), .value = arg[k]};
        return tmplvalue_map(entry[i], i);
    default:
        return tmplvalue_text(*s == 's' ? s + 1 : s);
    }
}

static void call(char const *name, size_t n)
{
    static struct tmplentry field[ARGS];
    char text[TEXT];
    struct pool pool;
    struct tmplerror e;
    stralloc out = STRALLOC_ZERO;
    struct tmpl_options options = {.name = "t", .steps = STEPS, .table = table, .tables = tables};
    size_t len = strlen(strcpy(strcpy(text, "{{") + 2, name)) + 2;
    for (size_t i = 0; i < n; i++) {
        memcpy(text + len, " .a", 4);
        text[len + 2] = (char)('a' + i);
        len += 3;
        field[i] = (struct tmplentry){.key = &"abcde"[i], .n = 1, .value = arg[i]};
    }
    memcpy(text + len, "}}", 3);
    struct tmplvalue dot = tmplvalue_map(field, n);
    pool_init(&pool, MEMORY);
    struct tmpl *t = tmplparse(&pool, text, len + 2, &options, &e);
    HOLDS(t);
    plain = (struct ctplain){.tmpl = t, .now = 1700000000};
    int ok = tmplrun(t, &dot, &pool, &out, OUTPUT, &e);
    HOLDS(out.len <= OUTPUT);
    HOLDS(ok || *e.why);
    stralloc_free(&out);
    pool_free(&pool);
}

int LLVMFuzzerTestOneInput(uint8_t const *data, size_t size)
{
    if (!tables) {
        tables = sprig_tables(table);
        tables += ctplain_tables(&plain, table + tables);
        setenv("TZ", "UTC", 1);
    }
    lines = 0;
    fuzz_lines(data, size, line);
    if (lines) {
        char const *name = function(*line_text);
        for (size_t i = 0; i + 1 < lines; i++)
            arg[i] = operand(line_text[i + 1], i);
        if (!is_outside(name))
            call(name, lines - 1);
    }
    while (lines)
        free(line_text[--lines]);
    return 0;
}
