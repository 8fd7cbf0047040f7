/* scratch: a directory for a unit test, and small files in it. Included after cmocka.h's
 * prerequisites. */

#ifndef SCRATCH_H
#define SCRATCH_H

#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include <cairn/rmtree.h>

static char scratch[128];

static int scratch_setup(void **state)
{
    (void)state;
    char const *t = getenv("T");
    snprintf(scratch, sizeof scratch, "%s/unit.XXXXXX", t ? t : "/tmp");
    return mkdtemp(scratch) ? 0 : -1;
}

static int scratch_teardown(void **state)
{
    (void)state;
    return rmtree_at(AT_FDCWD, scratch);
}

/* The path of name in it, in one of four buffers. */
static char const *in(char const *name)
{
    static char buf[4][512];
    static unsigned int n;
    n = (n + 1) % 4;
    snprintf(buf[n], sizeof buf[n], "%s/%s", scratch, name);
    return buf[n];
}

static inline void put(char const *name, char const *text, mode_t mode)
{
    int fd = open(in(name), O_WRONLY | O_CREAT | O_TRUNC, 0600);
    assert_true(fd >= 0);
    assert_int_equal(write(fd, text, strlen(text)), (ssize_t)strlen(text));
    assert_int_equal(fchmod(fd, mode), 0);
    close(fd);
}

static inline void dir(char const *name)
{
    assert_int_equal(mkdir(in(name), 0755), 0);
}

/* What the file name holds, in a static buffer. */
static inline char const *get(char const *name)
{
    static char buf[8192];
    int fd = open(in(name), O_RDONLY);
    assert_true(fd >= 0);
    ssize_t r = read(fd, buf, sizeof buf - 1);
    assert_true(r >= 0);
    close(fd);
    buf[r] = 0;
    return buf;
}

#endif
