#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cairn/bootset.h>
#include <cairn/lifefsm.h>
#include <cairn/say.h>
#include <cairn/setting.h>
#include <cairn/statedir.h>
#include <cairn/transcript.h>

enum { NUMBER_MAX = 1000000000, FINISH_MAXTIME = 5000, GRACETIME = 3000 };

struct reader {
    void (*warn)(char const *, char const *);
    unsigned int verbosity;
};

static void complain(struct reader const *r, char const *name, char const *why)
{
    if (r->verbosity >= TRANSCRIPT_FAILURE)
        r->warn(name, why);
}

static int number(struct reader const *r, char const *name, unsigned int *n)
{
    int set = setting_parse_uint(getenv(name), n, NUMBER_MAX);
    if (set < 0)
        complain(r, name, "is not a number: ignored");
    return set > 0;
}

static void yesno(struct reader const *r, char const *name, unsigned int *n)
{
    if (setting_parse_bool(getenv(name), n) < 0)
        complain(r, name, "is neither 0 nor 1: ignored");
}

static int is_set(char const *name)
{
    char const *value = getenv(name);
    return value && *value;
}

/* These are for root: who is somebody else has been given a place by others, and their rules. One
   line for all of them; PUID and PGID are a hook's business else, not ours. */
static void complain_of_roots(struct reader const *r)
{
    static char const *const names[] = {"PUID", "PGID", "UMASK"};
    char text[sizeof "PUID, PGID, UMASK"] = "";
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (is_set(names[i])) {
            strcat(text, *text ? ", " : "");
            strcat(text, names[i]);
        }
    if (*text)
        complain(r, text, "ignored: this container does not run as root");
}

/* UMASK, octal */
static int file_mask(struct reader const *r)
{
    char const *value = getenv("UMASK");
    char *end;
    if (geteuid() != 0) {
        complain_of_roots(r);
        return -1;
    }
    if (!is_set("UMASK"))
        return -1;
    unsigned long mask = strtoul(value, &end, 8);
    if (*value >= '0' && *value <= '7' && !*end && mask <= 0777)
        return (int)mask;
    complain(r, "UMASK", "is no octal number up to 0777: ignored");
    return -1;
}

void bootset_read(struct bootset *s, void (*warn)(char const *name, char const *why))
{
    struct reader r = {.warn = warn, .verbosity = TRANSCRIPT_NORMAL};
    *s = (struct bootset){.verbosity = TRANSCRIPT_NORMAL,
                          .finish_maxtime = FINISH_MAXTIME,
                          .services_grace = GRACETIME,
                          .kill_grace = GRACETIME,
                          .stop_max = LIFEFSM_STOP_MAXTIME};
    number(&r, "S6_VERBOSITY", &s->verbosity);
    r.verbosity = s->verbosity;
    number(&r, "S6_BEHAVIOUR_IF_STAGE2_FAILS", &s->behaviour);
    int any = number(&r, "S6_KILL_FINISH_MAXTIME", &s->finish_maxtime);
    any |= number(&r, "S6_SERVICES_GRACETIME", &s->services_grace);
    any |= number(&r, "S6_KILL_GRACETIME", &s->kill_grace);
    number(&r, "CAIRN_STOP_MAXTIME", &s->stop_max);
    /* who sets one of the three means to have that time */
    unsigned int sum = s->finish_maxtime + s->services_grace + s->kill_grace;
    if (any && s->stop_max < sum)
        s->stop_max = sum;
    yesno(&r, "S6_KEEP_ENV", &s->keep_env);
    yesno(&r, "S6_SYNC_DISKS", &s->sync);
    yesno(&r, "S6_COMPACT", &s->compact);
    number(&r, "S6_LOGGING", &s->logging);
    s->umask = file_mask(&r);
    if (!say_is_known(getenv(SAY_VARIABLE)))
        complain(&r, SAY_VARIABLE, "is neither text nor json: ignored");
    /* not quietly: the state is elsewhere than it was put */
    char const *state = getenv(STATEDIR_VARIABLE);
    if (state && *state && *state != '/')
        warn(STATEDIR_VARIABLE, "is no absolute path: ignored");
}
