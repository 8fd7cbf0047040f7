#include <errno.h>
#include <fcntl.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <cairn/terminal.h>

void terminal_init(struct terminal *t, int fd)
{
    t->fd = -1;
    t->child_owns = 0;
    if (tcgetattr(fd, &t->modes) < 0)
        return;
    t->fd = fd;
    t->foreground = tcgetpgrp(fd);
    if (t->foreground >= 0) {
        /* started in the background: the terminal is somebody else's */
        if (t->foreground && t->foreground != getpgrp())
            t->fd = -1;
        return;
    }
    /* a terminal, but not ours yet: only a session leader without one can take it */
    t->foreground = -1;
    if (getsid(0) != getpid() && setsid() < 0) {
        t->child_owns = 1;
        return;
    }
    if (ioctl(fd, TIOCSCTTY, 0) < 0)
        t->child_owns = 1;
    else
        t->foreground = tcgetpgrp(fd);
}

static int must_leave(struct terminal const *t)
{
    return t->fd >= 0 && !t->child_owns && !t->foreground;
}

void terminal_prepare(struct terminal *t)
{
    if (must_leave(t) && pipe2(t->gate, O_CLOEXEC) < 0)
        t->gate[0] = t->gate[1] = -1;
}

void terminal_child(struct terminal const *t)
{
    char c;
    if (must_leave(t)) {
        close(t->gate[1]);
        while (read(t->gate[0], &c, 1) < 0 && errno == EINTR)
            ;
    } else if (t->fd >= 0 && t->child_owns) {
        setsid();
        ioctl(t->fd, TIOCSCTTY, 0);
    } else {
        setpgid(0, 0);
        if (t->fd >= 0)
            tcsetpgrp(t->fd, getpid());
    }
}

void terminal_parent(struct terminal *t)
{
    if (!must_leave(t))
        return;
    setpgid(0, 0);
    close(t->gate[0]);
    close(t->gate[1]);
}

void terminal_restore(struct terminal const *t)
{
    if (t->fd < 0)
        return;
    /* SIGTTOU is blocked in init, so neither call can stop us */
    tcsetattr(t->fd, TCSANOW, &t->modes);
    if (!t->child_owns && t->foreground > 0)
        tcsetpgrp(t->fd, t->foreground);
}
