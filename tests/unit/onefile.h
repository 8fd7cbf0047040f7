/* onefile: a file of its own for a unit test. Included instead of cmocka.h. */

#ifndef ONEFILE_H
#define ONEFILE_H

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

static char file[128];

static int onefile_setup(void **state)
{
    (void)state;
    char const *t = getenv("T");
    snprintf(file, sizeof file, "%s/unit.XXXXXX", t ? t : "/tmp");
    int fd = mkstemp(file);
    close(fd);
    return fd < 0;
}

static int onefile_teardown(void **state)
{
    (void)state;
    return unlink(file);
}

static void onefile_put(char const *s, size_t len)
{
    int fd = open(file, O_WRONLY | O_CREAT | O_TRUNC, 0600);
    assert_true(fd >= 0);
    assert_int_equal(write(fd, s, len), (ssize_t)len);
    close(fd);
}

#endif
