#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include <skalibs/allreadwrite.h>
#include <skalibs/types.h>

#include <cairn/join.h>
#include <cairn/readytry.h>

enum { LINE_BYTES = 4096, REQUEST_BYTES = 2 * READYCHECK_BYTES, STATUS_BYTES = 64 };

/* --- log --- */

static int open_log(char const *path)
{
    struct stat st;
    int fd = open(path, O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
    if (fd >= 0 && fstat(fd, &st) == 0 && S_ISREG(st.st_mode))
        return fd;
    if (fd >= 0)
        close(fd);
    return -1;
}

/* The file is followed from offset on. */
static void settle(struct readycheck_log *l, off_t offset, struct stat const *st)
{
    off_t from = offset > READYTRY_TAIL ? offset - READYTRY_TAIL : 0;
    ssize_t r = pread(l->fd, l->tail, (size_t)(offset - from), from);
    l->ntail = r < 0 ? 0 : (size_t)r;
    l->offset = offset;
    l->mtime = st->st_mtim;
}

int readytry_begin(struct readycheck *r, char const **line)
{
    struct stat st;
    for (unsigned int i = 0; i < r->n; i++) {
        struct readycheck_one *o = r->list + i;
        if (o->kind != READYCHECK_LOG)
            continue;
        *line = NULL;
        o->log = calloc(1, sizeof *o->log);
        if (!o->log)
            return -1;
        *line = o->line;
        if (regcomp(&o->log->regex, o->regex, REG_EXTENDED | REG_NOSUB)) {
            free(o->log);
            o->log = NULL;
            return -1;
        }
        o->log->fd = open_log(o->operand);
        if (o->log->fd >= 0 && fstat(o->log->fd, &st) == 0)
            settle(o->log, st.st_size, &st);
    }
    return 0;
}

/* Goes through the whole lines of buf. Returns how many bytes they take. */
static size_t look_at_lines(struct readycheck_log *l, char *buf, size_t n)
{
    char *s = buf;
    for (char *newline; !l->passed && (newline = memchr(s, '\n', (size_t)(buf + n - s)));) {
        *newline = 0;
        l->passed = !regexec(&l->regex, s, 0, NULL, 0);
        s = newline + 1;
    }
    return (size_t)(s - buf);
}

/* Was the file emptied since we looked? It is shorter; or it has other bytes where we were; or
   something was written, and it is as long as it was. */
static int is_anew(struct readycheck_log const *l, struct stat const *st)
{
    char tail[READYTRY_TAIL];
    if (st->st_size < l->offset)
        return 1;
    if (pread(l->fd, tail, l->ntail, l->offset - (off_t)l->ntail) != (ssize_t)l->ntail ||
        memcmp(tail, l->tail, l->ntail) != 0)
        return 1;
    return st->st_size == l->offset &&
           (st->st_mtim.tv_sec != l->mtime.tv_sec || st->st_mtim.tv_nsec != l->mtime.tv_nsec);
}

static void read_on(struct readycheck_log *l)
{
    char buf[LINE_BYTES + 1];
    struct stat st;
    ssize_t n;
    if (fstat(l->fd, &st) < 0)
        return;
    off_t at = is_anew(l, &st) ? 0 : l->offset;
    while (!l->passed && (n = pread(l->fd, buf, LINE_BYTES, at)) > 0) {
        size_t used = look_at_lines(l, buf, (size_t)n);
        if (!used && n < LINE_BYTES)
            break; /* the line is not whole yet */
        at += used ? (off_t)used : n;
    }
    /* of the end that was read to: what came meanwhile must not look like a file written anew */
    fstat(l->fd, &st);
    settle(l, at, &st);
}

/* First to the end of the file that we know, then of the one that has taken its place. */
static void look_at_log(struct readycheck_one const *o)
{
    struct readycheck_log *l = o->log;
    struct stat known, now;
    if (l->fd >= 0)
        read_on(l);
    if (l->passed || stat(o->operand, &now) < 0)
        return;
    if (l->fd >= 0 && fstat(l->fd, &known) == 0 && known.st_dev == now.st_dev &&
        known.st_ino == now.st_ino)
        return;
    if (l->fd >= 0)
        close(l->fd);
    l->fd = open_log(o->operand);
    l->offset = 0;
    l->ntail = 0;
    if (l->fd >= 0)
        read_on(l);
}

void readytry_logs(struct readycheck *r)
{
    for (unsigned int i = 0; i < r->n; i++)
        if (r->list[i].kind == READYCHECK_LOG && !r->list[i].log->passed)
            look_at_log(r->list + i);
}

void readytry_end(struct readycheck *r)
{
    for (unsigned int i = 0; i < r->n; i++) {
        struct readycheck_log *l = r->list[i].log;
        if (!l)
            continue;
        regfree(&l->regex);
        if (l->fd >= 0)
            close(l->fd);
        free(l);
        r->list[i].log = NULL;
    }
}

/* --- the others --- */

static int connected(int fd, struct sockaddr const *addr, socklen_t len)
{
    if (fd < 0)
        return -1;
    if (!connect(fd, addr, len))
        return fd;
    close(fd);
    return -1;
}

/* Where nobody listens on a port that clients are given, a client may be given that one, and then
   reaches itself. */
static int is_itself(int fd)
{
    struct sockaddr_storage own, other;
    socklen_t own_len = sizeof own, other_len = sizeof other;
    return !getsockname(fd, (struct sockaddr *)&own, &own_len) &&
           !getpeername(fd, (struct sockaddr *)&other, &other_len) && own_len == other_len &&
           !memcmp(&own, &other, own_len);
}

static int connect_tcp(struct readycheck_one const *o)
{
    struct sockaddr_storage ss;
    socklen_t len = netaddr_sockaddr(&o->addr, o->port, &ss);
    int fd = connected(socket(o->addr.family, SOCK_STREAM | SOCK_CLOEXEC, 0),
                       (struct sockaddr *)&ss, len);
    if (fd >= 0 && is_itself(fd)) {
        /* without a wait in which the port could not be had */
        struct linger at_once = {.l_onoff = 1};
        setsockopt(fd, SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
        close(fd);
        return -1;
    }
    return fd;
}

static int connect_unix(struct readycheck_one const *o)
{
    struct sockaddr_un un = {.sun_family = AF_UNIX};
    size_t len = strlen(o->operand);
    if (len >= sizeof un.sun_path)
        return -1;
    memcpy(un.sun_path, o->operand, len);
    return connected(socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0), (struct sockaddr *)&un,
                     sizeof un);
}

static int is_closed(int fd)
{
    return fd >= 0 && !close(fd);
}

/* The status line (RFC 9112, section 4): HTTP/1.1 SP 3DIGIT. */
static int is_status(struct readycheck_one const *o, char const *line)
{
    unsigned int status;
    return !strncmp(line, "HTTP/1.", 7) && line[7] && line[8] == ' ' &&
           uint_scan(line + 9, &status) == 3 && status >= o->least && status <= o->most;
}

static int get(struct readycheck_one const *o)
{
    char request[REQUEST_BYTES];
    char line[STATUS_BYTES] = "";
    size_t n = 0;
    size_t len = join(request, sizeof request, "GET ", o->operand, " HTTP/1.1\r\nHost: ", o->host,
                      "\r\nConnection: close\r\nUser-Agent: cairn\r\n\r\n");
    int fd = connect_tcp(o);
    if (fd < 0)
        return 0;
    if (len < sizeof request && allwrite(fd, request, len) == len)
        for (ssize_t r; n < sizeof line - 1 && !memchr(line, '\n', n) &&
                        (r = fd_read(fd, line + n, sizeof line - 1 - n)) > 0;)
            n += (size_t)r;
    close(fd);
    return is_status(o, line);
}

static int run(char const *command)
{
    int wstat;
    pid_t self = getpid();
    pid_t pid = fork();
    if (!pid) {
        /* whoever ends us by force ends it too */
        prctl(PR_SET_PDEATHSIG, SIGKILL);
        if (getppid() != self)
            _exit(127);
        signal(SIGPIPE, SIG_DFL);
        execl("/bin/sh", "sh", "-c", command, (char *)0);
        _exit(127);
    }
    while (pid > 0 && waitpid(pid, &wstat, 0) < 0)
        if (errno != EINTR)
            return 0;
    return pid > 0 && WIFEXITED(wstat) && !WEXITSTATUS(wstat);
}

static int passes(struct readycheck_one const *o)
{
    switch (o->kind) {
    case READYCHECK_TCP:
        return is_closed(connect_tcp(o));
    case READYCHECK_UNIX:
        return is_closed(connect_unix(o));
    case READYCHECK_FILE:
        return !access(o->operand, F_OK);
    case READYCHECK_HTTP:
        return get(o);
    case READYCHECK_LOG:
        return o->log->passed;
    case READYCHECK_CMD:
        return run(o->operand);
    }
    return 0;
}

unsigned int readytry_all(struct readycheck const *r)
{
    unsigned int i = 0;
    while (i < r->n && passes(r->list + i))
        i++;
    return i;
}
