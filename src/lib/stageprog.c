#include <string.h>

#include <skalibs/sgetopt.h>
#include <skalibs/types.h>

#include <cairn/setting.h>
#include <cairn/stageprog.h>
#include <cairn/statedir.h>
#include <cairn/transcript.h>

enum { NUMBER_MAX = 1000000000 };

/* The variable name, unless the option was given. */
static void variable(int given, char const *name, unsigned int *n, char const **junk)
{
    if (!given && name && setting_uint(name, n, NUMBER_MAX) < 0)
        *junk = name;
}

int stageprog_options(struct stageprog *p, int argc, char const *const *argv, char const *letters,
                      char const *flags, unsigned int *set, char const *maxtime, char const **why,
                      char const **junk)
{
    char spec[32];
    size_t n = 0;
    int v = 0, b = 0, t = 0;
    subgetopt l = SUBGETOPT_ZERO;
    for (char const *s = letters; *s; s++) {
        spec[n++] = *s;
        spec[n++] = ':';
    }
    strcpy(spec + n, flags);
    p->verbosity = TRANSCRIPT_NORMAL;
    p->behaviour = 0;
    *why = *junk = NULL;
    for (int c; (c = subgetopt_r(argc, argv, spec, &l)) != -1;) {
        unsigned int *to = c == 'v'   ? &p->verbosity
                           : c == 'b' ? &p->behaviour
                           : c == 't' ? &p->maxtime
                                      : NULL;
        if (to) {
            if (!l.arg || !uint0_scan(l.arg, to)) {
                *why = l.arg ? l.arg : "";
                return -1;
            }
            v |= c == 'v';
            b |= c == 'b';
            t |= c == 't';
            continue;
        }
        char const *flag = c > 0 && c != '?' ? strchr(flags, c) : NULL;
        if (!flag)
            return -1;
        *set |= 1u << (flag - flags);
    }
    variable(v, "S6_VERBOSITY", &p->verbosity, junk);
    variable(b || !strchr(letters, 'b'), "S6_BEHAVIOUR_IF_STAGE2_FAILS", &p->behaviour, junk);
    variable(t, maxtime, &p->maxtime, junk);
    return l.ind;
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
