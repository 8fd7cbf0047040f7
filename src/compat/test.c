/* s6-test: evaluates an expression.

   s6-test EXPRESSION...
   The test of POSIX, GNU's operators, -v and =~, with the parser of execline's eltest: any number
   of arguments; a word that looks like an operator is one; a word that begins with a backslash is
   data, without the backslash. Exits 0 true, 1 false, 100 syntax error, 111.

   Recursive descent over argv: expr = and { -o and }, and = not { -a not }, not = {!} primary. What
   a false left side of -a (a true one of -o) makes irrelevant is parsed but not evaluated. */

#include <errno.h>
#include <fcntl.h>
#include <regex.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <skalibs/strerr.h>
#include <skalibs/types.h>

char const *PROG = "s6-test";

enum { DEPTH_MAX = 500 }; /* parentheses in parentheses: the stack is finite */

enum op {
    NOT_AN_OPERATOR,
    /* of one file name */
    IS_BLOCK,
    IS_CHAR,
    IS_DIR,
    EXISTS,
    IS_FILE,
    IS_SETGID,
    IS_LINK,
    IS_STICKY,
    IS_FIFO,
    IS_NONEMPTY,
    IS_SOCKET,
    IS_SETUID,
    IS_OUR_UID,
    IS_OUR_GID,
    IS_MODIFIED,
    IS_READABLE,
    IS_WRITABLE,
    IS_EXECUTABLE,
    /* of one word */
    IS_TERMINAL,
    IS_LONG,
    IS_EMPTY,
    IS_VARIABLE,
    UNARY_END,
    /* of two */
    STR_EQ,
    STR_NE,
    STR_LT,
    STR_GT,
    STR_MATCH,
    INT_EQ,
    INT_NE,
    INT_LT,
    INT_LE,
    INT_GT,
    INT_GE,
    FILE_NEWER,
    FILE_OLDER,
    FILE_SAME,
    BINARY_END,
    AND,
    OR,
    NOT,
    OPEN,
    CLOSE
};

static struct {
    char const *word;
    enum op op;
} const operators[] = {
    {"-b", IS_BLOCK},    {"-c", IS_CHAR},     {"-d", IS_DIR},      {"-e", EXISTS},
    {"-f", IS_FILE},     {"-g", IS_SETGID},   {"-h", IS_LINK},     {"-L", IS_LINK},
    {"-k", IS_STICKY},   {"-p", IS_FIFO},     {"-s", IS_NONEMPTY}, {"-S", IS_SOCKET},
    {"-u", IS_SETUID},   {"-O", IS_OUR_UID},  {"-U", IS_OUR_UID},  {"-G", IS_OUR_GID},
    {"-N", IS_MODIFIED}, {"-r", IS_READABLE}, {"-w", IS_WRITABLE}, {"-x", IS_EXECUTABLE},
    {"-t", IS_TERMINAL}, {"-n", IS_LONG},     {"-z", IS_EMPTY},    {"-v", IS_VARIABLE},
    {"=", STR_EQ},       {"!=", STR_NE},      {"<", STR_LT},       {">", STR_GT},
    {"=~", STR_MATCH},   {"-eq", INT_EQ},     {"-ne", INT_NE},     {"-lt", INT_LT},
    {"-le", INT_LE},     {"-gt", INT_GT},     {"-ge", INT_GE},     {"-nt", FILE_NEWER},
    {"-ot", FILE_OLDER}, {"-ef", FILE_SAME},  {"-a", AND},         {"-o", OR},
    {"!", NOT},          {"(", OPEN},         {")", CLOSE},
};

struct parser {
    char const *const *argv;
    unsigned int at;
    unsigned int depth;
};

static enum op op_of(char const *word)
{
    if (!word)
        return NOT_AN_OPERATOR;
    for (size_t i = 0; i < sizeof operators / sizeof *operators; i++)
        if (!strcmp(word, operators[i].word))
            return operators[i].op;
    return NOT_AN_OPERATOR;
}

static _Noreturn void die_syntax(struct parser const *p)
{
    char number[UINT_FMT];
    number[uint_fmt(number, p->at + 1)] = 0;
    if (p->argv[p->at])
        strerr_dief5x(100, "syntax error at word ", number, ": '", p->argv[p->at],
                      "' (a backslash before a word makes it data)");
    strerr_dief1x(100, "syntax error: something is missing at the end");
}

/* Takes a word that is data. */
static char const *operand(struct parser *p)
{
    char const *word = p->argv[p->at];
    if (word && op_of(word) == NOT_AN_OPERATOR) {
        p->at++;
        return word[0] == '\\' ? word + 1 : word;
    }
    die_syntax(p);
}

/* As eltest: blanks before are wrong, and what follows the digits does not matter (the newline that
   a command's output ends with). */
static long long integer(char const *s, char const *op)
{
    char const *digits = s + (*s == '-' || *s == '+');
    if (*digits < '0' || *digits > '9')
        strerr_dief4x(100, op, " needs integers, not '", s, "'");
    return strtoll(s, NULL, 10);
}

static int is_after(struct timespec const *a, struct timespec const *b)
{
    return a->tv_sec > b->tv_sec || (a->tv_sec == b->tv_sec && a->tv_nsec > b->tv_nsec);
}

static int stat_test(enum op op, char const *name)
{
    struct stat st;
    if ((op == IS_LINK ? lstat(name, &st) : stat(name, &st)) < 0)
        return 0;
    switch (op) {
    case IS_BLOCK:
        return S_ISBLK(st.st_mode);
    case IS_CHAR:
        return S_ISCHR(st.st_mode);
    case IS_DIR:
        return S_ISDIR(st.st_mode);
    case IS_FILE:
        return S_ISREG(st.st_mode);
    case IS_LINK:
        return S_ISLNK(st.st_mode);
    case IS_FIFO:
        return S_ISFIFO(st.st_mode);
    case IS_SOCKET:
        return S_ISSOCK(st.st_mode);
    case IS_SETGID:
        return !!(st.st_mode & S_ISGID);
    case IS_SETUID:
        return !!(st.st_mode & S_ISUID);
    case IS_STICKY:
        return !!(st.st_mode & S_ISVTX);
    case IS_NONEMPTY:
        return st.st_size > 0;
    case IS_OUR_UID:
        return st.st_uid == geteuid();
    case IS_OUR_GID:
        return st.st_gid == getegid();
    case IS_MODIFIED:
        return is_after(&st.st_mtim, &st.st_atim);
    default:
        return 1;
    }
}

static int unary(enum op op, char const *arg)
{
    switch (op) {
    case IS_READABLE:
        return !faccessat(AT_FDCWD, arg, R_OK, AT_EACCESS);
    case IS_WRITABLE:
        return !faccessat(AT_FDCWD, arg, W_OK, AT_EACCESS);
    case IS_EXECUTABLE:
        return !faccessat(AT_FDCWD, arg, X_OK, AT_EACCESS);
    case IS_TERMINAL: {
        unsigned int fd;
        if (!uint0_scan(arg, &fd))
            strerr_dief3x(100, "-t needs the number of a descriptor, not '", arg, "'");
        return isatty((int)fd);
    }
    case IS_LONG:
        return !!*arg;
    case IS_EMPTY:
        return !*arg;
    case IS_VARIABLE:
        return !!getenv(arg);
    default:
        return stat_test(op, arg);
    }
}

static int matches(char const *s, char const *pattern)
{
    regex_t re;
    char why[256];
    int r = regcomp(&re, pattern, REG_EXTENDED | REG_NOSUB);
    if (r) {
        regerror(r, &re, why, sizeof why);
        strerr_dief4x(r == REG_ESPACE ? 111 : 100, "bad regular expression '", pattern, "': ", why);
    }
    r = regexec(&re, s, 0, NULL, 0);
    regfree(&re);
    return !r;
}

static int compare_integers(enum op op, char const *word, char const *a, char const *b)
{
    long long x = integer(a, word);
    long long y = integer(b, word);
    switch (op) {
    case INT_EQ:
        return x == y;
    case INT_NE:
        return x != y;
    case INT_LT:
        return x < y;
    case INT_LE:
        return x <= y;
    case INT_GT:
        return x > y;
    default:
        return x >= y;
    }
}

/* A file that exists is newer than one that does not. */
static int compare_files(enum op op, char const *a, char const *b)
{
    struct stat sa, sb;
    int has_a = !stat(a, &sa);
    int has_b = !stat(b, &sb);
    if (op == FILE_SAME)
        return has_a && has_b && sa.st_dev == sb.st_dev && sa.st_ino == sb.st_ino;
    if (op == FILE_NEWER)
        return has_a && (!has_b || is_after(&sa.st_mtim, &sb.st_mtim));
    return has_b && (!has_a || is_after(&sb.st_mtim, &sa.st_mtim));
}

static int binary(enum op op, char const *word, char const *a, char const *b)
{
    switch (op) {
    case STR_EQ:
        return !strcmp(a, b);
    case STR_NE:
        return !!strcmp(a, b);
    case STR_LT:
        return strcmp(a, b) < 0;
    case STR_GT:
        return strcmp(a, b) > 0;
    case STR_MATCH:
        return matches(a, b);
    case FILE_NEWER:
    case FILE_OLDER:
    case FILE_SAME:
        return compare_files(op, a, b);
    default:
        return compare_integers(op, word, a, b);
    }
}

static int expression(struct parser *p, int wanted);

/* wanted: whether the result matters. Returns it, or 0. */
static int primary(struct parser *p, int wanted)
{
    enum op op = op_of(p->argv[p->at]);
    if (op == OPEN) {
        if (++p->depth > DEPTH_MAX)
            strerr_dief1x(100, "too many parentheses in parentheses");
        p->at++;
        int r = expression(p, wanted);
        if (op_of(p->argv[p->at]) != CLOSE)
            die_syntax(p);
        p->at++;
        p->depth--;
        return r;
    }
    if (op != NOT_AN_OPERATOR && op < UNARY_END) {
        p->at++;
        char const *arg = operand(p);
        return wanted && unary(op, arg);
    }
    char const *a = operand(p);
    char const *word = p->argv[p->at];
    op = op_of(word);
    if (op <= UNARY_END || op >= BINARY_END)
        return !!*a;
    p->at++;
    char const *b = operand(p);
    return wanted && binary(op, word, a, b);
}

static int negation(struct parser *p, int wanted)
{
    int negate = 0;
    for (; op_of(p->argv[p->at]) == NOT; p->at++)
        negate = !negate;
    return primary(p, wanted) != negate;
}

static int conjunction(struct parser *p, int wanted)
{
    int r = negation(p, wanted);
    while (op_of(p->argv[p->at]) == AND) {
        p->at++;
        int right = negation(p, wanted && r);
        r = r && right;
    }
    return r;
}

static int expression(struct parser *p, int wanted)
{
    int r = conjunction(p, wanted);
    while (op_of(p->argv[p->at]) == OR) {
        p->at++;
        int right = conjunction(p, wanted && !r);
        r = r || right;
    }
    return r;
}

int main(int argc, char const *const *argv)
{
    if (argc < 2)
        return 1;
    struct parser p = {.argv = argv + 1};
    int r = expression(&p, 1);
    if (p.argv[p.at])
        die_syntax(&p);
    return !r;
}
