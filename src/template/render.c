/* render: renders one template.

   render [-j FILE] [-f] [-k default|invalid|zero|error] [-l LEFT] [-r RIGHT]
          [-o FILE [-m MODE]] TEMPLATE
   Reads: the template, the JSON file, the environment (for env and getenv). Writes: standard
   output, or FILE, which is replaced at once.

   Nothing is written unless the whole template has succeeded: a template that fails leaves standard
   output empty and FILE as it was, and says where it failed. */

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <skalibs/allreadwrite.h>
#include <skalibs/djbunix.h>
#include <skalibs/sgetopt.h>
#include <skalibs/strerr.h>
#include <skalibs/types.h>

#include <cairn/slurp.h>
#include <cairn/stagefile.h>
#include <cairn/tmpljson.h>
#include <cairn/tmplrun.h>

char const *PROG = "render";
#define USAGE                                                                                      \
    "render [ -j json ] [ -f ] [ -k default|invalid|zero|error ] [ -l left ] [ -r right ] "        \
    "[ -o file [ -m mode ] ] template"
#define dieusage() strerr_dieusage(100, USAGE)

enum {
    INPUT_MAX = 64 << 20,   /* bytes of a template and of a JSON file */
    OUTPUT_MAX = 256 << 20, /* of the result */
    MEMORY_MAX = 1 << 30,   /* of all that is made on the way */
};

static struct {
    char const *json;
    int all_floats;
    char const *output;
    mode_t mode;
    int has_mode;
    char const *template;
} wanted;

/* getenv NAME [DEFAULT]: the default also where the variable is set to nothing, as in confd. */
static int get_variable(struct tmplcall *c, struct tmplvalue *result)
{
    char *name = pool_copy(c->pool, c->arg->u.s, c->arg->n);
    if (!name)
        return tmplcall_nomem(c);
    char const *value = strlen(name) == c->arg->n ? getenv(name) : NULL;
    if (value && *value)
        *result = tmplvalue_text(value);
    else
        *result = c->n > 1 ? c->arg[1] : tmplvalue_text("");
    return 1;
}

static struct tmplfunc const functions[] = {
    {"env", "s?s", get_variable},
    {"getenv", "s?s", get_variable},
};

static struct tmplfunc_table const table = {functions, sizeof functions / sizeof *functions, NULL};

static enum tmplmissing missing_mode(char const *word)
{
    if (!strcmp(word, "default") || !strcmp(word, "invalid"))
        return TMPLMISSING_DEFAULT;
    if (!strcmp(word, "zero"))
        return TMPLMISSING_ZERO;
    if (!strcmp(word, "error"))
        return TMPLMISSING_ERROR;
    strerr_dief3x(100, "-k is default, invalid, zero or error, not '", word, "'");
}

static void read_options(int argc, char const *const *argv, struct tmpl_options *o)
{
    subgetopt l = SUBGETOPT_ZERO;
    unsigned int mode;
    for (int c; (c = subgetopt_r(argc, argv, "j:fk:l:r:o:m:", &l)) != -1;)
        switch (c) {
        case 'j':
            wanted.json = l.arg;
            break;
        case 'f':
            wanted.all_floats = 1;
            break;
        case 'k':
            o->missing = missing_mode(l.arg);
            break;
        case 'l':
            o->left = l.arg;
            break;
        case 'r':
            o->right = l.arg;
            break;
        case 'o':
            wanted.output = l.arg;
            break;
        case 'm':
            if (!uint0_oscan(l.arg, &mode) || mode > 07777)
                strerr_dief3x(100, "-m wants an octal mode such as 0644, not '", l.arg, "'");
            wanted.mode = mode;
            wanted.has_mode = 1;
            break;
        default:
            dieusage();
        }
    if (argc - l.ind != 1 || (wanted.has_mode && !wanted.output))
        dieusage();
    wanted.template = argv[l.ind];
    if (!*wanted.template || (wanted.output && !*wanted.output))
        strerr_dief1x(100, "the name of a file is empty");
    if (wanted.json && !strcmp(wanted.json, "-") && !strcmp(wanted.template, "-"))
        strerr_dief1x(100, "only one of -j and the template can be standard input");
}

/* The whole file; - is standard input. */
static void read_file(char const *name, stralloc *sa)
{
    int fd = strcmp(name, "-") ? open(name, O_RDONLY | O_CLOEXEC) : 0;
    if (fd < 0)
        strerr_diefu2sys(111, "open ", name);
    if (!slurp_fd(sa, fd, INPUT_MAX)) {
        if (errno == EFBIG)
            strerr_dief2x(111, name, " is larger than 64 MiB");
        strerr_diefu2sys(111, "read ", name);
    }
    if (fd)
        close(fd);
}

static void read_json(struct pool *p, struct tmplvalue *v)
{
    static stralloc text = STRALLOC_ZERO;
    char why[TMPLJSON_WHY];
    if (!wanted.json)
        return;
    read_file(wanted.json, &text);
    if (!tmpljson_read(text.s, text.len, wanted.all_floats, p, v, why))
        strerr_dief3x(1, wanted.json, ": ", why);
}

static void die_template(struct tmplerror const *e)
{
    stralloc message = STRALLOC_ZERO;
    if (!tmplerror_text(e, wanted.template, &message) || !stralloc_0(&message))
        strerr_diefu1sys(111, "say what is wrong");
    strerr_dief1x(1, message.s);
}

static void write_output(stralloc const *text)
{
    struct stagefile file = STAGEFILE_ZERO;
    struct stagefile_like like = {.mode = wanted.mode, .uid = (uid_t)-1, .gid = (gid_t)-1};
    struct stat st;
    if (!wanted.output) {
        if (allwrite(1, text->s, text->len) < text->len)
            strerr_diefu1sys(111, "write to standard output");
        return;
    }
    if (!wanted.has_mode) {
        mode_t mask = umask(0);
        umask(mask);
        like.mode = stat(wanted.output, &st) == 0 ? st.st_mode & 07777 : 0666 & ~mask;
    }
    if (!stagefile_make(&file, wanted.output, text->s, text->len, &like))
        strerr_diefu3sys(111, "write ", wanted.output, ": cannot make a file beside it");
    if (!stagefile_commit(&file)) {
        int e = errno;
        stagefile_drop(&file);
        errno = e;
        strerr_diefu2sys(111, "replace ", wanted.output);
    }
}

int main(int argc, char const *const *argv)
{
    static stralloc text = STRALLOC_ZERO;
    static stralloc output = STRALLOC_ZERO;
    struct tmpl_options options = {.table = &table, .tables = 1};
    struct tmplvalue dot = tmplvalue_none();
    struct tmplerror e;
    struct pool pool;
    read_options(argc, argv, &options);
    pool_init(&pool, MEMORY_MAX);
    char const *slash = strrchr(wanted.template, '/');
    options.name = slash ? slash + 1 : wanted.template;
    read_file(wanted.template, &text);
    read_json(&pool, &dot);
    struct tmpl *t = tmplparse(&pool, text.s, text.len, &options, &e);
    if (!t || !tmplrun(t, &dot, &pool, &output, OUTPUT_MAX, &e))
        die_template(&e);
    write_output(&output);
    return 0;
}
