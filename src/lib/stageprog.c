#include <string.h>

#include <skalibs/sgetopt.h>
#include <skalibs/types.h>

#include <cairn/setting.h>
#include <cairn/stageprog.h>
#include <cairn/statedir.h>
#include <cairn/transcript.h>

enum { NUMBER_MAX = 1000000000 };

static void variable(char const *name, unsigned int *n, char const **junk)
{
    if (name && setting_uint(name, n, NUMBER_MAX) < 0)
        *junk = name;
}

int stageprog_options(struct stageprog *p, int argc, char const *const *argv, char const *letters,
                      char const *flags, unsigned int *set, char const *maxtime, char const **why,
                      char const **junk)
{
    char spec[32];
    size_t n = 0;
    subgetopt l = SUBGETOPT_ZERO;
    for (char const *s = letters; *s; s++) {
        spec[n++] = *s;
        spec[n++] = ':';
    }
    strcpy(spec + n, flags);
    p->verbosity = TRANSCRIPT_NORMAL;
    p->behaviour = 0;
    *why = *junk = NULL;
    variable("S6_VERBOSITY", &p->verbosity, junk);
    variable("S6_BEHAVIOUR_IF_STAGE2_FAILS", &p->behaviour, junk);
    variable(maxtime, &p->maxtime, junk);
    for (;;) {
        int c = subgetopt_r(argc, argv, spec, &l);
        if (c == -1)
            return l.ind;
        unsigned int *to = c == 'v'   ? &p->verbosity
                           : c == 'b' ? &p->behaviour
                           : c == 't' ? &p->maxtime
                                      : NULL;
        if (to) {
            if (!l.arg || !uint0_scan(l.arg, to)) {
                *why = l.arg ? l.arg : "";
                return -1;
            }
            continue;
        }
        char const *flag = c > 0 && c != '?' ? strchr(flags, c) : NULL;
        if (!flag)
            return -1;
        *set |= 1u << (flag - flags);
    }
}

char const *stageprog_dir(char *buf, size_t size, char const *name)
{
    char path[128] = "/var" STATEDIR_PUBLIC "/etc/";
    size_t len = strlen(path);
    if (strlen(name) >= sizeof path - len)
        return NULL;
    strcpy(path + len, name);
    char const *mapped = statedir_map(path, buf, size);
    if (mapped != path)
        return mapped;
    if (size < sizeof path)
        return NULL;
    return strcpy(buf, path);
}
