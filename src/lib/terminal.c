#include <errno.h>
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

void terminal_child(struct terminal const *t)
{
    if (t->fd < 0 || (!t->child_owns && t->foreground > 0)) {
        setpgid(0, 0);
        if (t->fd >= 0)
            tcsetpgrp(t->fd, getpid());
        return;
    }
    if (t->child_owns) {
        setsid();
        ioctl(t->fd, TIOCSCTTY, 0);
    }
}

void terminal_parent(struct terminal const *t)
{
    if (t->fd >= 0 && !t->child_owns && !t->foreground)
        setpgid(0, 0);
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
