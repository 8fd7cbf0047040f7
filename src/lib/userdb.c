#include <errno.h>
#include <limits.h>
#include <string.h>

#include <cairn/lines.h>
#include <cairn/userdb.h>

enum { FIELDS = 7 };

/* Returns 1, 0 if there is no such file, -1 with errno. */
static int open_db(struct lines *l, char const *path)
{
    if (!lines_open(l, path))
        return 1;
    return errno == ENOENT || errno == ENOTDIR ? 0 : -1;
}

/* Splits line at its colons. Returns the number of fields, at most FIELDS; the others are "". */
static unsigned int split(char *line, char *field[static FIELDS])
{
    unsigned int n = 0;
    for (;;) {
        field[n++] = line;
        line = strchr(line, ':');
        if (!line)
            break;
        *line++ = 0;
        if (n == FIELDS)
            return n;
    }
    for (unsigned int i = n; i < FIELDS; i++)
        field[i] = "";
    return n;
}

static void put(char *buf, size_t size, char const *s)
{
    size_t len = strlen(s);
    if (len >= size)
        len = 0;
    memcpy(buf, s, len);
    buf[len] = 0;
}

int userdb_number(char const *s, unsigned int *n)
{
    unsigned long long value = 0;
    if (!*s)
        return 0;
    for (; *s; s++) {
        if (*s < '0' || *s > '9')
            return 0;
        value = value * 10 + (unsigned int)(*s - '0');
        if (value >= UINT_MAX)
            return 0;
    }
    *n = (unsigned int)value;
    return 1;
}

/* The first user that has the name (if not NULL), else the uid; its own name goes to found. */
static int find_user(char const *passwd, char const *name, uid_t uid, char *found, size_t size,
                     struct userdb_user *user)
{
    struct lines l;
    char *line;
    char *field[FIELDS];
    int r = open_db(&l, passwd);
    if (r <= 0)
        return r;
    while ((r = lines_next(&l, &line)) > 0) {
        unsigned int u, g;
        if (split(line, field) < 4 || !field[0][0] || !userdb_number(field[2], &u) ||
            !userdb_number(field[3], &g))
            continue;
        if (name ? strcmp(name, field[0]) : u != uid || strlen(field[0]) >= size)
            continue;
        user->uid = u;
        user->gid = g;
        put(user->home, sizeof user->home, field[5]);
        put(user->shell, sizeof user->shell, field[6]);
        if (!name)
            put(found, size, field[0]);
        break;
    }
    lines_close(&l);
    return r;
}

int userdb_user_in(char const *passwd, char const *name, struct userdb_user *user)
{
    return find_user(passwd, name, 0, NULL, 0, user);
}

int userdb_user_by_uid_in(char const *passwd, uid_t uid, char *name, size_t size,
                          struct userdb_user *user)
{
    return find_user(passwd, NULL, uid, name, size, user);
}

/* The first group that has the name (if not NULL), else the gid, whose name goes to found. */
static int find_group(char const *group, char const *name, gid_t *gid, char *found, size_t size)
{
    struct lines l;
    char *line;
    char *field[FIELDS];
    int r = open_db(&l, group);
    if (r <= 0)
        return r;
    while ((r = lines_next(&l, &line)) > 0) {
        unsigned int g;
        if (split(line, field) < 3 || !field[0][0] || !userdb_number(field[2], &g))
            continue;
        if (name ? strcmp(name, field[0]) : g != *gid || strlen(field[0]) >= size)
            continue;
        *gid = g;
        if (!name)
            put(found, size, field[0]);
        break;
    }
    lines_close(&l);
    return r;
}

int userdb_group_in(char const *group, char const *name, gid_t *gid)
{
    return name[0] ? find_group(group, name, gid, NULL, 0) : 0;
}

int userdb_group_by_gid_in(char const *group, gid_t gid, char *name, size_t size)
{
    return find_group(group, NULL, &gid, name, size);
}

/* Is name one of the words of list, which commas separate? */
static int is_member(char const *list, char const *name)
{
    size_t len = strlen(name);
    for (;;) {
        size_t word = strcspn(list, ",");
        if (word == len && !memcmp(list, name, len))
            return 1;
        if (!list[word])
            return 0;
        list += word + 1;
    }
}

static int has(gid_t const *gids, size_t n, gid_t gid)
{
    while (n--)
        if (gids[n] == gid)
            return 1;
    return 0;
}

int userdb_grouplist_in(char const *group, char const *name, gid_t *gids, size_t max)
{
    struct lines l;
    char *line;
    char *field[FIELDS];
    size_t n = 0;
    int r = name[0] ? open_db(&l, group) : 0;
    if (r <= 0)
        return r;
    while (n < max && (r = lines_next(&l, &line)) > 0) {
        unsigned int g;
        if (split(line, field) >= 4 && userdb_number(field[2], &g) && is_member(field[3], name) &&
            !has(gids, n, g))
            gids[n++] = g;
    }
    lines_close(&l);
    return r < 0 ? -1 : (int)n;
}
