#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include <cairn/filetree.h>
#include <cairn/gopath.h>

enum { DEPTH_MAX = 64 };

struct walk {
    char const *pattern;
    stralloc *files;
    stralloc *dirs;
    stralloc path; /* of what is looked at, without a 0 */
};

static int is_wanted(char const *pattern, char const *name)
{
    return !pattern || gopath_match(pattern, strlen(pattern), name, strlen(name)) > 0;
}

static int no_dots(struct dirent const *d)
{
    return strcmp(d->d_name, ".") && strcmp(d->d_name, "..");
}

static int keep(stralloc *sa, stralloc const *path)
{
    return !sa || (stralloc_catb(sa, path->s, path->len) && stralloc_0(sa));
}

static int list(struct walk *w, int depth);

static int entry(struct walk *w, struct dirent const *d, int depth)
{
    struct stat st;
    size_t len = w->path.len;
    int ok =
        stralloc_cats(&w->path, "/") && stralloc_cats(&w->path, d->d_name) && stralloc_0(&w->path);
    if (!ok)
        return 0;
    w->path.len--;
    int is_dir = d->d_type == DT_DIR;
    int is_link = d->d_type == DT_LNK;
    if (d->d_type == DT_UNKNOWN && lstat(w->path.s, &st) == 0) {
        is_dir = S_ISDIR(st.st_mode);
        is_link = S_ISLNK(st.st_mode);
    }
    if (is_dir)
        ok = list(w, depth + 1);
    else if (is_wanted(w->pattern, d->d_name) &&
             !(is_link && stat(w->path.s, &st) == 0 && S_ISDIR(st.st_mode)))
        ok = keep(w->files, &w->path);
    w->path.len = len;
    return ok;
}

/* The directory at path, and what is below it. */
static int list(struct walk *w, int depth)
{
    struct dirent **d;
    if (depth > DEPTH_MAX) {
        errno = ELOOP;
        return 0;
    }
    if (!stralloc_0(&w->path))
        return 0;
    w->path.len--;
    int n = scandir(w->path.s, &d, no_dots, alphasort);
    if (n < 0)
        return 0;
    int ok = keep(w->dirs, &w->path);
    for (int i = 0; i < n; i++) {
        ok = ok && entry(w, d[i], depth);
        free(d[i]);
    }
    free(d);
    return ok;
}

int filetree_list(char const *dir, char const *pattern, stralloc *sa, stralloc *dirs)
{
    struct walk w = {pattern, sa, dirs, STRALLOC_ZERO};
    size_t n = strlen(dir);
    while (n > 1 && dir[n - 1] == '/')
        n--;
    int ok = stralloc_catb(&w.path, dir, n) && list(&w, 0);
    int e = errno;
    stralloc_free(&w.path);
    errno = e;
    return ok;
}
