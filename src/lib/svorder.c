#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cairn/scandir.h>
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
static int is_service_name(char const *name)
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
        r = is_service_name(d->d_name) && has(dirfd(dir), d->d_name, suffix, 1) &&
            (!without || !has(dirfd(dir), d->d_name, without, 0));
    closedir(dir);
    return r;
}

int svorder_any_service(int statefd, int wanted)
{
    return any(statefd, "", wanted ? "/down" : NULL);
}

int svorder_any_dependency(int statefd)
{
    return any(statefd, "/dependencies.d", NULL);
}

static struct svorder_node *node_of(struct svorder const *o, unsigned int i)
{
    return genalloc_s(struct svorder_node, &o->nodes) + i;
}

static unsigned int count(struct svorder const *o)
{
    return (unsigned int)genalloc_len(struct svorder_node, &o->nodes);
}

char const *svorder_name(struct svorder const *o, unsigned int node)
{
    return o->names.s + node_of(o, node)->name;
}

static int find(struct svorder const *o, char const *name)
{
    for (unsigned int i = 0; i < count(o); i++)
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

int svorder_need(struct svorder *o, unsigned int node, char const *needed)
{
    unsigned int edge[2] = {node, 0};
    int i = find(o, needed);
    if (i < 0 || (unsigned int)i == node)
        return 0;
    edge[1] = (unsigned int)i;
    if (!genalloc_catb(unsigned int, &o->edges, edge, 2))
        return -1;
    node_of(o, edge[0])->needs++;
    node_of(o, edge[1])->blocked++;
    return 0;
}

static int load_needs(struct svorder *o, int scanfd, unsigned int node)
{
    char path[PATH_BYTES];
    size_t len = strlen(svorder_name(o, node));
    if (len + sizeof "/dependencies.d" > sizeof path)
        return 0;
    memcpy(path, svorder_name(o, node), len);
    strcpy(path + len, "/dependencies.d");
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
        if (is_service_name(d->d_name) && has(scanfd, d->d_name, "", 1))
            r = svorder_add(o, d->d_name);
    closedir(dir);
    for (unsigned int i = 0; !r && i < count(o); i++)
        r = load_needs(o, scanfd, i);
    return r;
}

int svorder_next(struct svorder const *o)
{
    int waiting = -1;
    int pending = 0;
    for (unsigned int i = 0; i < count(o); i++) {
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
