#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cairn/downfile.h>
#include <cairn/scandir.h>
#include <cairn/servicedir.h>
#include <cairn/svorder.h>

enum { PATH_BYTES = 300 };

/* name + suffix below fd: is it there, and (with dir) a directory? */
static int has(int fd, char const *name, char const *suffix, int dir)
{
    char path[PATH_BYTES];
    struct stat st;
    size_t len = strlen(name);
    if (len + strlen(suffix) >= sizeof path)
        return 0;
    memcpy(path, name, len);
    strcpy(path + len, suffix);
    return !fstatat(fd, path, &st, 0) && (!dir || S_ISDIR(st.st_mode));
}

static DIR *open_dir(int dirfd, char const *name)
{
    int fd = openat(dirfd, name, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd < 0)
        return NULL;
    DIR *dir = fdopendir(fd);
    if (!dir)
        close(fd);
    return dir;
}

/* The catch-all logger is init's, not the image's, and ends last by itself. */
int svorder_is_name(char const *name)
{
    return name[0] != '.' && strcmp(name, SCANDIR_CATCHALL) != 0;
}

/* Is there an entry in services/ below statefd that, with suffix, is a directory and, with without,
 * has no such file? */
static int any(int statefd, char const *suffix, char const *without)
{
    DIR *dir = open_dir(statefd, "services");
    if (!dir)
        return 0;
    int r = 0;
    for (struct dirent const *d; !r && (d = readdir(dir));)
        r = svorder_is_name(d->d_name) && has(dirfd(dir), d->d_name, suffix, 1) &&
            (!without || !has(dirfd(dir), d->d_name, without, 0));
    closedir(dir);
    return r;
}

int svorder_any_service(int statefd, int wanted)
{
    return any(statefd, "", wanted ? "/" SERVICEDIR_DOWN : NULL);
}

int svorder_any_dependency(int statefd)
{
    return any(statefd, "/" SERVICEDIR_DEPENDENCIES, NULL);
}

int svorder_any_waiting(int statefd)
{
    DIR *dir = open_dir(statefd, "services");
    if (!dir)
        return 0;
    int r = 0;
    for (struct dirent const *d; !r && (d = readdir(dir));) {
        if (!svorder_is_name(d->d_name) || !has(dirfd(dir), d->d_name, "/" SERVICEDIR_DOWN, 0))
            continue;
        int fd = openat(dirfd(dir), d->d_name, O_PATH | O_DIRECTORY | O_CLOEXEC);
        if (fd < 0)
            continue;
        r = downfile_read(fd) == DOWNFILE_WAITS;
        close(fd);
    }
    closedir(dir);
    return r;
}

static struct svorder_node *node_of(struct svorder const *o, unsigned int i)
{
    return genalloc_s(struct svorder_node, &o->nodes) + i;
}

unsigned int svorder_count(struct svorder const *o)
{
    return (unsigned int)genalloc_len(struct svorder_node, &o->nodes);
}

char const *svorder_name(struct svorder const *o, unsigned int node)
{
    return o->names.s + node_of(o, node)->name;
}

int svorder_find(struct svorder const *o, char const *name, unsigned int n)
{
    for (unsigned int i = 0; i < n; i++)
        if (!strcmp(svorder_name(o, i), name))
            return (int)i;
    return -1;
}

int svorder_add(struct svorder *o, char const *name)
{
    struct svorder_node n = {.name = o->names.len};
    if (!stralloc_catb(&o->names, name, strlen(name) + 1) ||
        !genalloc_append(struct svorder_node, &o->nodes, &n))
        return -1;
    return 0;
}

/* Directories that are merged may name it more than once. */
static int is_noted(struct svorder const *o, unsigned int node, int needed, char const *name)
{
    struct svorder_unknown const *u = genalloc_s(struct svorder_unknown, &o->unknown);
    size_t at = 0;
    if (needed < 0) {
        for (; at < genalloc_len(struct svorder_unknown, &o->unknown); at++)
            if (u[at].node == node && !strcmp(o->names.s + u[at].name, name))
                return 1;
        return 0;
    }
    for (int i; (i = svorder_needed(o, node, &at)) >= 0;)
        if (i == needed)
            return 1;
    return 0;
}

int svorder_need(struct svorder *o, unsigned int node, char const *needed)
{
    unsigned int edge[2] = {node, 0};
    int i = svorder_find(o, needed, svorder_count(o));
    if (is_noted(o, node, i, needed))
        return 0;
    if (i < 0) {
        struct svorder_unknown u = {.node = node, .name = o->names.len};
        return stralloc_catb(&o->names, needed, strlen(needed) + 1) &&
                       genalloc_append(struct svorder_unknown, &o->unknown, &u)
                   ? 0
                   : -1;
    }
    if ((unsigned int)i == node) {
        node_of(o, node)->itself = 1;
        return 0;
    }
    edge[1] = (unsigned int)i;
    if (!genalloc_catb(unsigned int, &o->edges, edge, 2))
        return -1;
    node_of(o, edge[0])->needs++;
    node_of(o, edge[0])->lacks += !node_of(o, edge[1])->there;
    node_of(o, edge[1])->blocked++;
    return 0;
}

int svorder_load_needs(struct svorder *o, int scanfd, unsigned int node)
{
    char path[PATH_BYTES];
    size_t len = strlen(svorder_name(o, node));
    if (len + sizeof "/" SERVICEDIR_DEPENDENCIES > sizeof path)
        return 0;
    memcpy(path, svorder_name(o, node), len);
    strcpy(path + len, "/" SERVICEDIR_DEPENDENCIES);
    DIR *dir = open_dir(scanfd, path);
    if (!dir)
        return errno == ENOENT || errno == ENOTDIR ? 0 : -1;
    int r = 0;
    for (struct dirent const *d; !r && (d = readdir(dir));)
        if (d->d_name[0] != '.')
            r = svorder_need(o, node, d->d_name);
    closedir(dir);
    return r;
}

int svorder_load(struct svorder *o, int scanfd)
{
    DIR *dir = open_dir(scanfd, ".");
    if (!dir)
        return -1;
    int r = 0;
    for (struct dirent const *d; !r && (d = readdir(dir));)
        if (svorder_is_name(d->d_name) && has(scanfd, d->d_name, "", 1))
            r = svorder_add(o, d->d_name);
    closedir(dir);
    for (unsigned int i = 0; !r && i < svorder_count(o); i++)
        r = svorder_load_needs(o, scanfd, i);
    return r;
}

int svorder_next(struct svorder const *o)
{
    int waiting = -1;
    int pending = 0;
    for (unsigned int i = 0; i < svorder_count(o); i++) {
        struct svorder_node const *n = node_of(o, i);
        if (n->asked) {
            pending |= !n->down;
            continue;
        }
        if (!n->blocked)
            return (int)i;
        if (waiting < 0)
            waiting = (int)i;
    }
    return pending ? -1 : waiting;
}

void svorder_asked(struct svorder *o, unsigned int node)
{
    node_of(o, node)->asked = 1;
}

void svorder_down(struct svorder *o, unsigned int node)
{
    unsigned int const *e = genalloc_s(unsigned int, &o->edges);
    size_t n = genalloc_len(unsigned int, &o->edges);
    if (node_of(o, node)->down)
        return;
    node_of(o, node)->down = 1;
    for (size_t i = 0; i < n; i += 2)
        if (e[i] == node)
            node_of(o, e[i + 1])->blocked--;
}

void svorder_free(struct svorder *o)
{
    stralloc_free(&o->names);
    genalloc_free(struct svorder_node, &o->nodes);
    genalloc_free(unsigned int, &o->edges);
    genalloc_free(struct svorder_unknown, &o->unknown);
}

/* --- the start --- */

int svorder_startable(struct svorder const *o)
{
    for (unsigned int i = 0; i < svorder_count(o); i++)
        if (!node_of(o, i)->begun && !node_of(o, i)->lacks)
            return (int)i;
    return -1;
}

void svorder_begun(struct svorder *o, unsigned int node)
{
    node_of(o, node)->begun = 1;
}

void svorder_there(struct svorder *o, unsigned int node, int there)
{
    unsigned int const *e = genalloc_s(unsigned int, &o->edges);
    size_t n = genalloc_len(unsigned int, &o->edges);
    if (node_of(o, node)->there == !!there)
        return;
    node_of(o, node)->there = !!there;
    for (size_t i = 0; i < n; i += 2)
        if (e[i + 1] == node)
            node_of(o, e[i])->lacks += there ? -1u : 1u;
}

int svorder_needed(struct svorder const *o, unsigned int node, size_t *at)
{
    unsigned int const *e = genalloc_s(unsigned int, &o->edges);
    size_t n = genalloc_len(unsigned int, &o->edges);
    for (; *at < n; *at += 2)
        if (e[*at] == node) {
            *at += 2;
            return (int)e[*at - 1];
        }
    return -1;
}

/* Takes away, from lacks, all that can be started one after another; what keeps a number needs
   somebody who keeps one too. */
static void peel(struct svorder const *o, unsigned int *lacks)
{
    unsigned int const *e = genalloc_s(unsigned int, &o->edges);
    size_t n = genalloc_len(unsigned int, &o->edges);
    int again;
    do {
        again = 0;
        for (unsigned int i = 0; i < svorder_count(o); i++) {
            if (lacks[i] || node_of(o, i)->itself)
                continue;
            lacks[i] = -1u;
            for (size_t k = 0; k < n; k += 2)
                if (e[k + 1] == i && !node_of(o, i)->there && lacks[e[k]] != -1u) {
                    lacks[e[k]]--;
                    again = 1;
                }
        }
    } while (again);
}

static int is_stuck(struct svorder const *o, unsigned int const *lacks, unsigned int node)
{
    return lacks[node] != -1u && !node_of(o, node)->there;
}

/* The next of a stuck node on its way round. */
static unsigned int onward(struct svorder const *o, unsigned int const *lacks, unsigned int node)
{
    size_t at = 0;
    if (node_of(o, node)->itself)
        return node;
    for (int i; (i = svorder_needed(o, node, &at)) >= 0;)
        if (is_stuck(o, lacks, (unsigned int)i))
            return (unsigned int)i;
    return node;
}

static int write_circle(struct svorder const *o, unsigned int const *lacks, unsigned int node,
                        stralloc *sa)
{
    unsigned int first = node;
    for (unsigned int i = onward(o, lacks, node); i != node; i = onward(o, lacks, i))
        if (strcmp(svorder_name(o, i), svorder_name(o, first)) < 0)
            first = i;
    unsigned int i = first;
    do {
        if (!stralloc_cats(sa, svorder_name(o, i)) || !stralloc_cats(sa, " -> "))
            return -1;
        i = onward(o, lacks, i);
    } while (i != first);
    return stralloc_cats(sa, svorder_name(o, first)) && stralloc_0(sa) ? 1 : -1;
}

int svorder_circle(struct svorder const *o, stralloc *sa)
{
    unsigned int n = svorder_count(o);
    unsigned int *lacks = malloc((n + 1) * sizeof *lacks);
    int r = 0;
    if (!lacks)
        return -1;
    for (unsigned int i = 0; i < n; i++)
        lacks[i] = node_of(o, i)->lacks;
    peel(o, lacks);
    for (unsigned int i = 0; !r && i < n; i++)
        if (is_stuck(o, lacks, i)) {
            /* after n steps every way is in its circle */
            for (unsigned int k = 0; k < n; k++)
                i = onward(o, lacks, i);
            r = write_circle(o, lacks, i, sa);
        }
    free(lacks);
    return r;
}
