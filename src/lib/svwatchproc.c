#include <limits.h>
#include <string.h>
#include <sys/resource.h>

#include <cairn/onend.h>
#include <cairn/statedir.h>
#include <cairn/svwatchproc.h>

static void end(void *watch)
{
    svwatch_end(watch);
}

/* A service takes four descriptors. */
static void raise_limit(size_t n)
{
    struct rlimit rl;
    if (n <= SVWATCHPROC_FEW || getrlimit(RLIMIT_NOFILE, &rl) < 0 ||
        rl.rlim_cur >= 4 * n + SVWATCHPROC_FEW)
        return;
    rl.rlim_cur = rl.rlim_max;
    setrlimit(RLIMIT_NOFILE, &rl);
}

void svwatchproc_prepare(struct svwatch *w)
{
    raise_limit(w->n);
    onend_call(end, w);
}

int svwatchproc_set(struct svwatch_service *s, char const *dir, enum svwatch_goal goal)
{
    char buf[PATH_MAX];
    char const *mapped = statedir_map(dir, buf, sizeof buf);
    s->goal = goal;
    s->dir = mapped == buf ? strdup(buf) : dir;
    return s->dir ? 0 : -1;
}

int svwatchproc_goal(int letter, enum svwatch_goal *goal)
{
    static char const letters[] = "uUdDrR"; /* in the order of enum svwatch_goal */
    for (int i = 0; letters[i]; i++)
        if (letters[i] == letter) {
            *goal = (enum svwatch_goal)i;
            return 1;
        }
    return 0;
}
