#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include <skalibs/allreadwrite.h>
#include <skalibs/stralloc.h>
#include <skalibs/types.h>

#include <cairn/lines.h>
#include <cairn/renumber.h>
#include <cairn/slurp.h>

enum { PASSWD_UID = 2, PASSWD_GID = 3, GROUP_GID = 2 };

/* The field of the line at s, which ends at end, counted from 0; NULL if it has not so many. */
static char const *field_of(char const *s, char const *end, unsigned int field)
{
    while (field--) {
        s = memchr(s, ':', (size_t)(end - s));
        if (!s)
            return NULL;
        s++;
    }
    return s;
}

/* Appends the line from s to end, with number in its field if it is name's. */
static int put_line(stralloc *to, char const *s, char const *end, char const *name,
                    unsigned int field, char const *number)
{
    size_t namelen = strlen(name);
    char const *at = field_of(s, end, field);
    if (!at || (size_t)(end - s) <= namelen || memcmp(s, name, namelen) || s[namelen] != ':')
        return stralloc_catb(to, s, (size_t)(end - s));
    char const *rest = memchr(at, ':', (size_t)(end - at));
    if (!rest)
        rest = end;
    return stralloc_catb(to, s, (size_t)(at - s)) && stralloc_cats(to, number) &&
           stralloc_catb(to, rest, (size_t)(end - rest));
}

/* Without truncating it first: it is never seen empty. */
static int write_into(char const *path, char const *bytes, size_t n)
{
    int fd = open(path, O_WRONLY | O_CLOEXEC);
    if (fd < 0)
        return -1;
    int r = allwrite(fd, bytes, n) < n || ftruncate(fd, (off_t)n) < 0 ? -1 : 0;
    int e = errno;
    if (close(fd) < 0 && !r)
        return -1;
    errno = e;
    return r;
}

/* Returns 0, or -1 with errno. */
static int change(char const *path, char const *name, unsigned int field, unsigned int n)
{
    stralloc was = STRALLOC_ZERO;
    stralloc is = STRALLOC_ZERO;
    char number[UINT_FMT];
    int r = -1;
    number[uint_fmt(number, n)] = 0;
    if (!slurp_file(&was, path, RENUMBER_MAX))
        goto out;
    char const *end = was.s + was.len;
    for (char const *s = was.s; s < end;) {
        char const *eol = memchr(s, '\n', (size_t)(end - s));
        char const *stop = eol ? eol : end;
        if (!put_line(&is, s, stop, name, field, number) || (eol && !stralloc_catb(&is, "\n", 1)))
            goto out;
        s = eol ? eol + 1 : end;
    }
    r = is.len == was.len && !memcmp(is.s, was.s, is.len) ? 0 : write_into(path, is.s, is.len);
out:;
    int e = errno;
    stralloc_free(&was);
    stralloc_free(&is);
    errno = e;
    return r;
}

int renumber_in(char const *passwd, char const *group, char const *name, uid_t const *uid,
                gid_t const *gid)
{
    struct userdb_user user;
    char its[LINES_MAX + 1];
    int r = userdb_user_in(passwd, name, &user);
    if (r <= 0)
        return r;
    if (gid) {
        int found = userdb_group_by_gid_in(group, user.gid, its, sizeof its);
        /* a user whose group has the old number still is not given the new one */
        if (found < 0 || (found && change(group, its, GROUP_GID, *gid) < 0) ||
            change(passwd, name, PASSWD_GID, *gid) < 0)
            r = -1;
    }
    int e = errno;
    if (uid && change(passwd, name, PASSWD_UID, *uid) < 0)
        return -1;
    errno = e;
    return r;
}
