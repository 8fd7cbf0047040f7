#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <skalibs/djbunix.h>

#include <cairn/ctfetcher.h>
#include <cairn/sibling.h>

enum { ARGS_MAX = 40, NUMBERS = 8, READ = 65536 };

/* The command line, with room for its numbers. */
struct line {
    char const *arg[ARGS_MAX];
    size_t n;
    char number[NUMBERS][24];
    size_t numbers;
};

static void word(struct line *l, char const *option, char const *value)
{
    if (!value)
        return;
    l->arg[l->n++] = option;
    l->arg[l->n++] = value;
}

/* What is more than consul-fetch takes is 24 days at least: as good as for ever. */
static void number(struct line *l, char const *option, int64_t value)
{
    char *s = l->number[l->numbers++];
    if (value > INT32_MAX)
        value = INT32_MAX;
    snprintf(s, sizeof l->number[0], "%lld", (long long)value);
    word(l, option, s);
}

static void make_line(struct line *l, char const *program, struct ctfetcher_settings const *s)
{
    struct ctconf_consul const *c = s->consul;
    l->arg[l->n++] = program;
    word(l, "-a", c->address);
    number(l, "-w", s->wait);
    number(l, "-s", s->max_stale);
    number(l, "-r", c->retry.enabled ? c->retry.attempts : 1);
    number(l, "-b", c->retry.backoff);
    number(l, "-B", c->retry.max_backoff);
    word(l, "-c", c->ssl_ca_cert);
    word(l, "-C", c->ssl_ca_path);
    word(l, "-k", c->ssl_cert);
    word(l, "-K", c->ssl_key);
    word(l, "-n", c->ssl_server_name);
    if (!c->ssl_verify)
        l->arg[l->n++] = "-i";
    if (c->dial_timeout > 0)
        number(l, "-t", c->dial_timeout);
    if (s->is_once)
        l->arg[l->n++] = "-1";
    l->arg[l->n] = NULL;
}

/* What is secret goes by the environment, and so does what the agent's other clients take from it.
 */
static int set_environment(struct ctconf_consul const *c)
{
    stralloc auth = STRALLOC_ZERO;
    if (c->token && setenv("CONSUL_HTTP_TOKEN", c->token, 1) < 0)
        return 0;
    if (c->namespace && setenv("CONSUL_NAMESPACE", c->namespace, 1) < 0)
        return 0;
    if (c->ssl && setenv("CONSUL_HTTP_SSL", "true", 1) < 0)
        return 0;
    if (!c->username)
        return 1;
    int ok = stralloc_cats(&auth, c->username) && stralloc_cats(&auth, ":") &&
             stralloc_cats(&auth, c->password ? c->password : "") && stralloc_0(&auth) &&
             setenv("CONSUL_HTTP_AUTH", auth.s, 1) == 0;
    stralloc_free(&auth);
    return ok;
}

/* In the child: becomes the program. */
__attribute__((noreturn)) static void become(struct line const *l, int in, int out,
                                             struct ctconf_consul const *c)
{
    sigset_t none;
    sigemptyset(&none);
    signal(SIGPIPE, SIG_DFL);
    sigprocmask(SIG_SETMASK, &none, NULL);
    if (dup2(in, 0) >= 0 && dup2(out, 1) >= 0 && set_environment(c))
        execv(l->arg[0], (char *const *)(uintptr_t)l->arg);
    _exit(127);
}

int ctfetcher_start(struct ctfetcher *f, struct ctfetcher_settings const *s)
{
    char program[4096];
    struct line l = {.n = 0};
    int to[2];
    int from[2];
    if (!sibling_path(program, sizeof program, "consul-fetch") || access(program, X_OK) < 0)
        return 0;
    make_line(&l, program, s);
    if (pipe2(to, O_CLOEXEC) < 0)
        return 0;
    if (pipe2(from, O_CLOEXEC) < 0) {
        fd_close(to[0]);
        fd_close(to[1]);
        return 0;
    }
    f->pid = fork();
    if (!f->pid)
        become(&l, to[0], from[1], s->consul);
    int e = errno;
    fd_close(to[0]);
    fd_close(from[1]);
    if (f->pid < 0) {
        fd_close(to[1]);
        fd_close(from[0]);
        f->pid = 0;
        errno = e;
        return 0;
    }
    f->to = to[1];
    f->from = from[0];
    fcntl(f->to, F_SETFL, O_NONBLOCK);
    fcntl(f->from, F_SETFL, O_NONBLOCK);
    return 1;
}

void ctfetcher_stop(struct ctfetcher *f)
{
    if (!f->pid)
        return;
    fd_close(f->to);
    fd_close(f->from);
    kill(f->pid, SIGTERM);
    while (waitpid(f->pid, NULL, 0) < 0 && errno == EINTR)
        ;
    stralloc_free(&f->out);
    stralloc_free(&f->in);
    *f = (struct ctfetcher)CTFETCHER_ZERO;
}

int ctfetcher_watch(struct ctfetcher *f, uint64_t id, char const *path)
{
    char start[32];
    snprintf(start, sizeof start, "watch %llu ", (unsigned long long)id);
    return stralloc_cats(&f->out, start) && stralloc_cats(&f->out, path) &&
           stralloc_catb(&f->out, "\n", 1);
}

int ctfetcher_end(struct ctfetcher *f, uint64_t id)
{
    char text[32];
    snprintf(text, sizeof text, "end %llu\n", (unsigned long long)id);
    return stralloc_cats(&f->out, text);
}

void ctfetcher_send(struct ctfetcher *f)
{
    while (f->to >= 0 && f->out.len) {
        ssize_t n = write(f->to, f->out.s, f->out.len);
        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0)
            return; /* full, or nobody is there, which reading will tell */
        f->out.len -= (size_t)n;
        memmove(f->out.s, f->out.s + n, f->out.len);
    }
}

int ctfetcher_read(struct ctfetcher *f)
{
    if (f->taken) {
        f->in.len -= f->taken;
        memmove(f->in.s, f->in.s + f->taken, f->in.len);
        f->taken = 0;
    }
    for (;;) {
        if (!stralloc_readyplus(&f->in, READ))
            return 0;
        ssize_t n = read(f->from, f->in.s + f->in.len, READ);
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return errno == EAGAIN;
        if (!n) {
            errno = 0;
            return 0;
        }
        f->in.len += (size_t)n;
    }
}

int ctfetcher_next(struct ctfetcher *f, struct ctfetch_answer *a)
{
    if (f->taken == f->in.len)
        return 0;
    ptrdiff_t n = ctfetch_take(f->in.s + f->taken, f->in.len - f->taken, a);
    if (n <= 0)
        return (int)n;
    f->taken += (size_t)n;
    return 1;
}
