#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <skalibs/djbunix.h>

#include <cairn/ctwrite.h>
#include <cairn/makedir.h>
#include <cairn/owner.h>
#include <cairn/slurp.h>
#include <cairn/stagefile.h>

static int fail(char why[CTWRITE_WHY], char const *what, char const *path, char const *remedy)
{
    snprintf(why, CTWRITE_WHY, "cannot %s %s: %s%s", what, path, strerror(errno), remedy);
    return -1;
}

/* Has the file these bytes? 0 also where it cannot be read: writing will tell why. */
static int has_bytes(char const *path, char const *s, size_t n)
{
    stralloc is = STRALLOC_ZERO;
    int same = slurp_file(&is, path, n) && is.len == n && (!n || !memcmp(is.s, s, n));
    stralloc_free(&is);
    return same;
}

/* The owner that the template names. */
static int find_owner(struct ctconf_template const *t, struct stagefile_like *like,
                      char why[CTWRITE_WHY])
{
    if (t->user && owner_user(t->user, &like->uid) != 1) {
        snprintf(why, CTWRITE_WHY, "%s: there is no user \"%s\"", t->where, t->user);
        return 0;
    }
    if (t->group && owner_group(t->group, &like->gid) != 1) {
        snprintf(why, CTWRITE_WHY, "%s: there is no group \"%s\"", t->where, t->group);
        return 0;
    }
    return 1;
}

/* A second name for the old file, which the rename will leave; or a copy with its mode, where there
   can be no second name: for a mount, or for a file of somebody else. */
static int keep_old(char const *path, mode_t mode)
{
    char bak[PATH_MAX];
    char temporary[PATH_MAX];
    if (snprintf(bak, sizeof bak, "%s.bak", path) >= (int)sizeof bak ||
        snprintf(temporary, sizeof temporary, "%s.bak.%d", path, (int)getpid()) >=
            (int)sizeof temporary) {
        errno = ENAMETOOLONG;
        return 0;
    }
    unlink(temporary);
    if (link(path, temporary) == 0) {
        if (rename(temporary, bak) == 0) {
            unlink(temporary); /* two names of one file: rename has done nothing */
            return 1;
        }
        unlink(temporary);
    } else if (errno == ENOENT) {
        return 1; /* there is no old file */
    }
    if (filecopy_unsafe(path, temporary, mode) && rename(temporary, bak) == 0)
        return 1;
    int e = errno;
    unlink(temporary);
    errno = e;
    return 0;
}

int ctwrite(struct ctconf_template const *t, char const *s, size_t n, char why[CTWRITE_WHY])
{
    struct stagefile stage = STAGEFILE_ZERO;
    struct stagefile_like like = {.mode = t->perms, .uid = (uid_t)-1, .gid = (gid_t)-1};
    struct stat st = {.st_mode = 0};
    if (has_bytes(t->destination, s, n))
        return 0;
    if (stat(t->destination, &st) == 0) {
        if (!t->has_perms)
            like.mode = st.st_mode & 07777;
        like.uid = st.st_uid;
        like.gid = st.st_gid;
    } else if (t->create_dest_dirs && makedir_parents(t->destination, 0755) < 0) {
        return fail(why, "make the directory of", t->destination, "");
    }
    if (!find_owner(t, &like, why))
        return -1;
    if (!stagefile_make(&stage, t->destination, s, n, &like))
        return fail(why, "write a file beside", t->destination,
                    errno == ENOENT ? ": make its directory first" : "");
    if ((!t->backup || keep_old(t->destination, st.st_mode & 0777)) && stagefile_commit(&stage)) {
        stagefile_drop(&stage);
        return 1;
    }
    int e = errno;
    stagefile_drop(&stage);
    errno = e;
    return fail(why, "replace", t->destination, "");
}
