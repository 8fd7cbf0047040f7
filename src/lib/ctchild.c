#include <errno.h>
#include <signal.h>
#include <sys/wait.h>

#include <skalibs/random.h>

#include <cairn/ctchild.h>

void ctchild_init(struct ctchild *c, struct ctconf_exec const *conf, char const *const *env)
{
    *c = (struct ctchild){.conf = conf, .act = -1, .kill = -1};
    c->command = (struct ctcommand){.shell = conf->command, .env = env};
}

int ctchild_start(struct ctchild *c)
{
    pid_t pid = ctcommand_start(&c->command);
    if (pid < 0)
        return 0;
    c->pid = pid;
    c->is_ending = c->is_restart = 0;
    c->act = c->kill = -1;
    return 1;
}

void ctchild_signal(struct ctchild const *c, int sig)
{
    if (c->pid)
        kill(-c->pid, sig);
}

void ctchild_change(struct ctchild *c, int64_t now)
{
    if (!c->pid || c->is_ending || c->act >= 0)
        return;
    c->act = now;
    if (c->conf->splay > 0)
        c->act += random_uint32((uint32_t)c->conf->splay);
    ctchild_tick(c, now);
}

void ctchild_stop(struct ctchild *c, int64_t now)
{
    c->is_restart = 0;
    c->act = -1;
    if (!c->pid || c->is_ending)
        return;
    c->is_ending = 1;
    c->kill = now + c->conf->kill_timeout;
    ctchild_signal(c, c->conf->kill_signal);
}

void ctchild_tick(struct ctchild *c, int64_t now)
{
    if (c->act >= 0 && now >= c->act) {
        c->act = -1;
        if (c->conf->reload_signal) {
            ctchild_signal(c, c->conf->reload_signal);
        } else {
            ctchild_stop(c, now);
            c->is_restart = 1;
        }
    }
    if (c->kill >= 0 && now >= c->kill) {
        c->kill = -1;
        ctchild_signal(c, SIGKILL);
    }
}

int64_t ctchild_next(struct ctchild const *c)
{
    if (c->act < 0 || (c->kill >= 0 && c->kill < c->act))
        return c->kill;
    return c->act;
}

enum ctchild_end ctchild_reap(struct ctchild *c, int *status)
{
    if (!c->pid || waitpid(c->pid, status, WNOHANG) != c->pid)
        return CTCHILD_RUNS;
    c->pid = 0;
    c->act = c->kill = -1;
    if (!c->is_restart)
        return CTCHILD_ENDED;
    return ctchild_start(c) ? CTCHILD_RUNS : CTCHILD_FAILED;
}
