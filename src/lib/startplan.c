#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cairn/join.h>
#include <cairn/nearest.h>
#include <cairn/servicedir.h>
#include <cairn/startplan.h>

enum { LINE_BYTES = 256, KNOWN_MAX = 10 };

struct maker {
    struct startplan *plan;
    struct startplan_source const *sources;
    struct svswitch_env const *env;
    char const *culprit;
};

struct startplan_service *startplan_service(struct startplan const *p, unsigned int node)
{
    return genalloc_s(struct startplan_service, &p->services) + node;
}

enum downfile startplan_down(struct startplan_service const *s)
{
    switch (s->why) {
    case SVSWITCH_DISABLED:
        return DOWNFILE_DISABLED;
    case SVSWITCH_UNMET:
        return DOWNFILE_UNMET;
    case SVSWITCH_DOWN:
        return DOWNFILE_USER;
    default:
        return s->waits ? DOWNFILE_WAITS : s->down || s->was ? DOWNFILE_NONE : DOWNFILE_USER;
    }
}

/* --- remarks --- */

static int remark_strings(struct maker *m, enum startplan_weight weight, char const *const *s)
{
    struct startplan_remark r = {.weight = weight, .text = m->plan->text.len};
    for (; *s; s++)
        if (!stralloc_cats(&m->plan->text, *s))
            return -1;
    return stralloc_0(&m->plan->text) &&
                   genalloc_append(struct startplan_remark, &m->plan->remarks, &r)
               ? 0
               : -1;
}

#define remark(m, weight, ...)                                                                     \
    remark_strings(m, weight, (char const *const[]){__VA_ARGS__, (char const *)0})

char const *startplan_remark(struct startplan const *p, unsigned int i,
                             enum startplan_weight *weight)
{
    struct startplan_remark const *r = genalloc_s(struct startplan_remark, &p->remarks);
    size_t n = genalloc_len(struct startplan_remark, &p->remarks);
    for (enum startplan_weight w = STARTPLAN_REFUSAL;; w--) {
        for (size_t k = 0; k < n; k++)
            if (r[k].weight == w && !i--) {
                *weight = w;
                return p->text.s + r[k].text;
            }
        if (w == STARTPLAN_WARNING)
            return NULL;
    }
}

static char const *name_of(struct maker const *m, unsigned int node)
{
    return svorder_name(&m->plan->order, node);
}

/* Appends what may have been meant: the nearest name, or those that there are. */
static int suggest(struct maker *m, char const *word, stralloc *sa)
{
    struct nearest near = NEAREST_ZERO(word);
    unsigned int n = svorder_count(&m->plan->order);
    for (unsigned int i = 0; i < n; i++)
        nearest_offer(&near, name_of(m, i));
    if (near.best)
        return stralloc_cats(sa, " (is it ") && stralloc_cats(sa, near.best) &&
                       stralloc_cats(sa, "?)") && stralloc_0(sa)
                   ? 0
                   : -1;
    if (!stralloc_cats(sa, n ? " (there are: " : " (there are none"))
        return -1;
    for (unsigned int i = 0; i < n && i <= KNOWN_MAX; i++)
        if ((i && !stralloc_cats(sa, ", ")) ||
            !stralloc_cats(sa, i < KNOWN_MAX ? name_of(m, i) : "..."))
            return -1;
    return stralloc_cats(sa, ")") && stralloc_0(sa) ? 0 : -1;
}

/* --- reading the sources --- */

static int read_condition(struct maker *m, unsigned int node, unsigned int source, int dirfd)
{
    char line[LINE_BYTES];
    struct startplan_service *s = startplan_service(m->plan, node);
    enum svswitch_condition c = svswitch_condition(m->env, dirfd, line, sizeof line);
    if (c == SVSWITCH_NONE)
        return 0;
    s->condition = c;
    s->line = m->plan->text.len;
    if (!stralloc_catb(&m->plan->text, line, strlen(line) + 1))
        return -1;
    if (c == SVSWITCH_BAD)
        return remark(m, STARTPLAN_WARNING, m->sources[source].path, "/", name_of(m, node),
                      "/" SERVICEDIR_ENABLE_IF_ENV ": neither NAME nor NAME=VALUE: \"", line,
                      "\": the file is ignored");
    if (c == SVSWITCH_ERROR)
        return remark(m, STARTPLAN_WARNING, m->sources[source].path, "/", name_of(m, node),
                      "/" SERVICEDIR_ENABLE_IF_ENV ": ", strerror(errno), ": it is ignored");
    return 0;
}

/* before: how many services earlier sources have. */
static int read_service(struct maker *m, unsigned int source, char const *name, unsigned int before)
{
    struct startplan *p = m->plan;
    int fd = openat(m->sources[source].fd, name, O_PATH | O_DIRECTORY | O_CLOEXEC);
    if (fd < 0)
        return 0; /* no directory; what is wrong with it, is said when it is copied */
    int node = svorder_find(&p->order, name, before);
    int r = 0;
    if (node < 0) {
        struct startplan_service new = {.condition = SVSWITCH_NONE, .line = 0};
        node = (int)svorder_count(&p->order);
        if (svorder_add(&p->order, name) < 0 ||
            !genalloc_append(struct startplan_service, &p->services, &new))
            r = -1;
    }
    if (!r)
        r = read_condition(m, (unsigned int)node, source, fd);
    if (!r) {
        struct startplan_service *s = startplan_service(p, (unsigned int)node);
        enum downfile d = downfile_read(fd);
        s->sources |= 1u << source;
        if (servicedir_exists(fd, SERVICEDIR_DEPENDENCIES) == 1)
            s->ordered |= 1u << source;
        if (d == DOWNFILE_USER)
            s->down = 1;
        else if (d != DOWNFILE_NONE)
            s->was = d;
    }
    close(fd);
    return r;
}

static int read_source(struct maker *m, unsigned int source)
{
    unsigned int before = svorder_count(&m->plan->order);
    if (m->sources[source].fd < 0)
        return 0;
    m->culprit = m->sources[source].path;
    int fd = openat(m->sources[source].fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    DIR *dir = fd < 0 ? NULL : fdopendir(fd);
    if (!dir) {
        if (fd >= 0)
            close(fd);
        return -1;
    }
    int r = 0;
    for (struct dirent const *d; !r && (d = readdir(dir));)
        if (svorder_is_name(d->d_name))
            r = read_service(m, source, d->d_name, before);
    closedir(dir);
    return r;
}

/* --- the order --- */

static int say_unknown(struct maker *m, unsigned int source, struct svorder_unknown const *u)
{
    stralloc sa = STRALLOC_ZERO;
    char const *name = m->plan->order.names.s + u->name;
    int off = svswitch_is_off(startplan_service(m->plan, u->node)->why);
    int r = suggest(m, name, &sa);
    if (!r)
        r = remark(m, off ? STARTPLAN_WARNING : STARTPLAN_REFUSAL, m->sources[source].path, "/",
                   name_of(m, u->node), "/" SERVICEDIR_DEPENDENCIES "/", name,
                   ": there is no service ", name, sa.s);
    stralloc_free(&sa);
    return r;
}

static int read_needs(struct maker *m, unsigned int node, unsigned int source)
{
    struct svorder *o = &m->plan->order;
    size_t known = genalloc_len(struct svorder_unknown, &o->unknown);
    m->culprit = m->sources[source].path;
    if (svorder_load_needs(o, m->sources[source].fd, node) < 0)
        return -1;
    for (size_t i = known; i < genalloc_len(struct svorder_unknown, &o->unknown); i++)
        if (say_unknown(m, source, genalloc_s(struct svorder_unknown, &o->unknown) + i) < 0)
            return -1;
    return 0;
}

/* What a service that is on has to do with one that it needs. */
static int judge_need(struct maker *m, unsigned int node, unsigned int needed)
{
    struct startplan_service *s = startplan_service(m->plan, node);
    struct startplan_service const *other = startplan_service(m->plan, needed);
    if (svswitch_is_off(other->why)) {
        char why[LINE_BYTES + 32] = SVSWITCH_DISABLE;
        if (other->why == SVSWITCH_UNMET)
            join(why, sizeof why, SERVICEDIR_ENABLE_IF_ENV ": ", m->plan->text.s + other->line);
        return remark(m, STARTPLAN_STRICT, "service ", name_of(m, node), " needs ",
                      name_of(m, needed), ", which is switched off (", why, ")");
    }
    s->waits = 1;
    if (other->why != SVSWITCH_DOWN)
        return 0;
    s->held = 1;
    return remark(m, STARTPLAN_WARNING, "service ", name_of(m, node), " waits for ",
                  name_of(m, needed),
                  ", which has a file down: it is started when somebody starts that");
}

static int judge_service(struct maker *m, unsigned int node)
{
    struct startplan_service *s = startplan_service(m->plan, node);
    size_t at = 0;
    int r = 0;
    if (!svswitch_is_on(s->why))
        return 0;
    /* its supervisor has been told to keep it down, and is there already */
    s->waits = s->was != DOWNFILE_NONE;
    for (int i; !r && (i = svorder_needed(&m->plan->order, node, &at)) >= 0;)
        r = judge_need(m, node, (unsigned int)i);
    return r;
}

/* Who waits for one that is held is held too. */
static void spread_held(struct startplan *p)
{
    int again;
    do {
        again = 0;
        for (unsigned int node = 0; node < svorder_count(&p->order); node++) {
            struct startplan_service *s = startplan_service(p, node);
            size_t at = 0;
            if (!s->waits || s->held)
                continue;
            for (int i; (i = svorder_needed(&p->order, node, &at)) >= 0;)
                again |= s->held |= startplan_service(p, (unsigned int)i)->held;
        }
    } while (again);
}

static int find_circle(struct maker *m)
{
    stralloc sa = STRALLOC_ZERO;
    int r = svorder_circle(&m->plan->order, &sa);
    if (r > 0)
        r = remark(m, STARTPLAN_REFUSAL,
                   "services that need each other (" SERVICEDIR_DEPENDENCIES
                   "), so that none can be the first: ",
                   sa.s);
    stralloc_free(&sa);
    return r;
}

static int make_order(struct maker *m)
{
    struct svorder *o = &m->plan->order;
    unsigned int n = svorder_count(o);
    unsigned int any = 0;
    for (unsigned int node = 0; node < n; node++) {
        unsigned int ordered = startplan_service(m->plan, node)->ordered;
        any |= ordered;
        for (unsigned int i = 0; ordered >> i; i++)
            if (ordered >> i & 1 && read_needs(m, node, i) < 0)
                return -1;
    }
    m->culprit = "";
    for (unsigned int node = 0; node < n; node++) {
        if (any && svswitch_is_off(startplan_service(m->plan, node)->why))
            svorder_there(o, node, 1);
        if (judge_service(m, node) < 0)
            return -1;
    }
    if (!any)
        return 0;
    spread_held(m->plan);
    return find_circle(m);
}

/* --- the switches --- */

static int check_list(struct maker *m, char const *variable, char const *list)
{
    size_t at = 0;
    size_t len;
    char name[LINE_BYTES];
    for (char const *s; list && (s = svswitch_next(list, &at, &len));) {
        stralloc sa = STRALLOC_ZERO;
        size_t n = len < sizeof name ? len : sizeof name - 1;
        memcpy(name, s, n);
        name[n] = 0;
        if (svorder_find(&m->plan->order, name, svorder_count(&m->plan->order)) >= 0)
            continue;
        int r = suggest(m, name, &sa);
        if (!r)
            r = remark(m, STARTPLAN_WARNING, variable, ": there is no service ", name, sa.s);
        stralloc_free(&sa);
        if (r < 0)
            return -1;
    }
    return 0;
}

int startplan_make(struct startplan *p, struct startplan_source const *sources, unsigned int n,
                   char const *disable, char const *enable, struct svswitch_env const *env,
                   char const **culprit)
{
    struct maker m = {.plan = p, .sources = sources, .env = env, .culprit = ""};
    int r = stralloc_0(&p->text) ? 0 : -1;
    for (unsigned int i = 0; !r && i < n; i++)
        r = read_source(&m, i);
    for (unsigned int node = 0; !r && node < svorder_count(&p->order); node++) {
        struct startplan_service *s = startplan_service(p, node);
        s->why = svswitch_decide(disable, enable, name_of(&m, node), s->condition, s->down);
    }
    if (!r)
        r = check_list(&m, SVSWITCH_DISABLE, disable);
    if (!r)
        r = check_list(&m, SVSWITCH_ENABLE, enable);
    if (!r)
        r = make_order(&m);
    *culprit = m.culprit;
    return r;
}

void startplan_free(struct startplan *p)
{
    svorder_free(&p->order);
    genalloc_free(struct startplan_service, &p->services);
    genalloc_free(struct startplan_remark, &p->remarks);
    stralloc_free(&p->text);
}
