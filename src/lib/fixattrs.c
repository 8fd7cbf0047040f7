#include <errno.h>
#include <glob.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include <skalibs/stralloc.h>
#include <skalibs/types.h>

#include <cairn/attrwalk.h>
#include <cairn/fixattrs.h>
#include <cairn/lines.h>
#include <cairn/userdb.h>

enum {
    FIELDS = 5,
    MESSAGES = 10,       /* failures told one by one for a line; the rest is counted */
    PROGRESS_AGAIN = 10, /* times progress_ms until the next report */
    CLOCK_EVERY = 64     /* entries between two looks at the clock */
};

/* one line being applied */
struct job {
    struct fixattrs *fa;
    char const *file;
    unsigned int number;
    struct attrwalk walk;
    unsigned long failures;
};

static unsigned long long now_ms(void)
{
    struct timespec ts;
    clock_gettime(CLOCK_MONOTONIC, &ts);
    return (unsigned long long)ts.tv_sec * 1000 + (unsigned long long)ts.tv_nsec / 1000000;
}

/* Tells "FILE: line N: " and the strings, up to a NULL. What does not fit in memory is not told. */
static void tell(struct job *j, enum fixattrs_kind kind, char const *const *strings)
{
    char number[UINT_FMT];
    stralloc sa = STRALLOC_ZERO;
    number[uint_fmt(number, j->number)] = 0;
    int good = stralloc_cats(&sa, j->file) && stralloc_cats(&sa, ": line ") &&
               stralloc_cats(&sa, number) && stralloc_cats(&sa, ": ");
    for (; good && *strings; strings++)
        good = stralloc_cats(&sa, *strings);
    if (good && stralloc_0(&sa))
        j->fa->tell(j->fa->data, kind, sa.s);
    stralloc_free(&sa);
}
#define TELL(j, kind, ...) tell(j, kind, (char const *const[]){__VA_ARGS__, NULL})

/* The line cannot be applied. Returns 1. */
#define REFUSE(j, ...) (TELL(j, FIXATTRS_WARNING, __VA_ARGS__), 1)

static char const *remedy(int e)
{
    switch (e) {
    case EACCES:
    case EPERM:
        return geteuid() ? " (we are not root: set it in the image, or run the container as root)"
                         : " (the container lacks a capability or the file system refuses)";
    case EROFS:
        return " (set it in the image, or mount a writable volume there)";
    case ENOMEM:
    case ENFILE:
    case EMFILE:
        return " (raise the container's limits)";
    case EMLINK:
        return " (another owner's file with a second name, which anybody may have given it: remove "
               "one of the names, or have fs.protected_hardlinks=1)";
    case ELOOP:
        return " (a directory mounted inside itself?)";
    default:
        return "";
    }
}

static void on_failed(void *data, char const *what, char const *path, int e)
{
    struct job *j = data;
    if (++j->failures <= MESSAGES)
        TELL(j, FIXATTRS_WARNING, "unable to ", what, " ", path, ": ", strerror(e), remedy(e));
}

static void on_passed(void *data, char const *dir)
{
    char count[ULONG_FMT];
    struct job *j = data;
    struct fixattrs *fa = j->fa;
    if (fa->entries++ % CLOCK_EVERY || !fa->progress_ms)
        return;
    unsigned long long now = now_ms();
    if (!fa->next_report)
        fa->next_report = now + fa->progress_ms;
    if (now < fa->next_report)
        return;
    fa->next_report = now + (unsigned long long)fa->progress_ms * PROGRESS_AGAIN;
    count[ulong_fmt(count, fa->entries)] = 0;
    TELL(j, FIXATTRS_PROGRESS, "still working, ", count, " entries so far, now in ", dir);
}

/* Reads an octal mode or "-". */
static int parse_mode(char const *s, unsigned int *mode)
{
    unsigned int m = 0;
    size_t len = strlen(s);
    *mode = ATTRWALK_UNCHANGED;
    if (!strcmp(s, "-"))
        return 1;
    if (!len || len > 5)
        return 0;
    for (; *s; s++) {
        if (*s < '0' || *s > '7')
            return 0;
        m = m * 8 + (unsigned int)(*s - '0');
    }
    *mode = m;
    return m <= 07777;
}

/* One half of U:G: a name wins over a number, a fallback over nothing. Returns 1, 0 if there is
   none, or -1: names cannot be looked up. */
static int resolve(char const *s, char const *fallback, int is_group, unsigned int *id)
{
    struct userdb_user user;
    gid_t gid;
    *id = (unsigned int)-1;
    if (s[0]) {
        int r = is_group ? userdb_group(s, &gid) : userdb_user(s, &user);
        if (r > 0) {
            *id = is_group ? gid : user.uid;
            return 1;
        }
        if (userdb_number(s, id))
            return 1;
        if (!fallback || !fallback[0])
            return r < 0 ? -1 : 0;
    }
    /* a half that is left out everywhere stays as it is */
    return !fallback || !fallback[0] || userdb_number(fallback, id);
}

#define NO_PASSWD " (unable to read " USERDB_PASSWD ")"
#define NO_GROUP  " (unable to read " USERDB_GROUP ")"

/* NAME, NAME,UID:GID, U:G or U:G,UID:GID. */
static int parse_account(struct job *j, char *account)
{
    struct userdb_user user;
    unsigned int uid, gid;
    char *fu = NULL, *fg = NULL;
    char *comma = strchr(account, ',');
    if (comma) {
        *comma = 0;
        fu = comma + 1;
        fg = strchr(fu, ':');
        if (!fg || strchr(fg + 1, ':'))
            return REFUSE(j, "the fallback account ", fu, " is not UID:GID");
        *fg++ = 0;
    }
    char *colon = strchr(account, ':');
    if (!colon) {
        int r = userdb_user(account, &user);
        if (r > 0) {
            j->walk.uid = user.uid;
            j->walk.gid = user.gid;
            return 0;
        }
        if (!fu)
            return REFUSE(j, "unknown user ", account,
                          r < 0 ? NO_PASSWD
                                : " (numbers are written UID:GID, a fallback NAME,UID:GID)");
        if (!resolve("", fu, 0, &uid) || !resolve("", fg, 1, &gid))
            return REFUSE(j, "the fallback account ", fu, ":", fg, " is not UID:GID");
    } else {
        *colon++ = 0;
        int r = resolve(account, fu, 0, &uid);
        if (r < 1)
            return REFUSE(j, "unknown user ", account, r < 0 ? NO_PASSWD : "");
        r = resolve(colon, fg, 1, &gid);
        if (r < 1)
            return REFUSE(j, "unknown group ", colon, r < 0 ? NO_GROUP : "");
    }
    j->walk.uid = uid;
    j->walk.gid = gid;
    return 0;
}

/* Cuts the line into words at blanks. Returns their number, at most FIELDS. */
static unsigned int split(char *line, char *field[static FIELDS])
{
    unsigned int n = 0;
    for (;;) {
        line += strspn(line, " \t\r");
        if (!*line || n == FIELDS)
            return n;
        field[n++] = line;
        line += strcspn(line, " \t\r");
        if (*line)
            *line++ = 0;
    }
}

static void apply_glob(struct job *j, char const *pattern)
{
    glob_t g;
    switch (glob(pattern, 0, NULL, &g)) {
    case 0:
        for (size_t i = 0; i < g.gl_pathc; i++)
            attrwalk(&j->walk, g.gl_pathv[i]);
        break;
    case GLOB_NOMATCH:
        break;
    default:
        j->failures++;
        TELL(j, FIXATTRS_WARNING, "unable to expand ", pattern);
    }
    globfree(&g);
}

static int apply_fields(struct job *j, char **field)
{
    int bad = 0;
    j->walk.recurse = !strcmp(field[1], "true");
    /* v1 ran the word as a program: what was neither failed, and did not recurse */
    if (!j->walk.recurse && strcmp(field[1], "false"))
        bad = REFUSE(j, "the second word is ", field[1],
                     " instead of true or false: not applied to what lies below");
    if (!parse_mode(field[3], &j->walk.fmode) || !parse_mode(field[4], &j->walk.dmode))
        return REFUSE(j, "the modes ", field[3], " and ", field[4],
                      " are not octal numbers (such as 0644) or -");
    if (parse_account(j, field[2]))
        return 1;
    if (!j->fa->check_only)
        apply_glob(j, field[0]);
    if (j->failures > MESSAGES) {
        char count[ULONG_FMT];
        count[ulong_fmt(count, j->failures - MESSAGES)] = 0;
        TELL(j, FIXATTRS_WARNING, count, " more failures");
    }
    return bad || j->failures;
}

int fixattrs_line(struct fixattrs *fa, char const *file, unsigned int number, char const *line)
{
    struct job j = {.fa = fa, .file = file, .number = number};
    j.walk = (struct attrwalk){
        .hidden = fa->hidden, .failed = on_failed, .passed = on_passed, .data = &j};
    char *field[FIELDS];
    int r = 0;
    char *copy = strdup(line);
    if (!copy)
        return REFUSE(&j, "out of memory");
    unsigned int n = split(copy, field);
    if (n && field[0][0] != '#') {
        if (n < FIELDS)
            r = REFUSE(&j, "too few words (wanted: PATH RECURSE ACCOUNT FMODE DMODE)");
        else
            r = apply_fields(&j, field);
    }
    free(copy);
    return r;
}

int fixattrs_file(struct fixattrs *fa, char const *file)
{
    struct lines l;
    char *line;
    int failed = 0;
    int r;
    if (lines_open(&l, file) < 0)
        return -1;
    while ((r = lines_next(&l, &line)) > 0)
        failed += fixattrs_line(fa, file, l.number, line);
    lines_close(&l);
    if (r < 0)
        return -1;
    if (l.skipped) {
        struct job j = {.fa = fa, .file = file, .number = l.number};
        failed += REFUSE(&j, "up to here there was a line that is too long");
    }
    return failed;
}
