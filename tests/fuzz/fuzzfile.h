/* fuzzfile: a directory of a fuzzer's own, for what is read from files. It lies where the variable
   T says, or in /tmp, and is there as long as the process. */

#ifndef CAIRN_TESTS_FUZZFILE_H
#define CAIRN_TESTS_FUZZFILE_H

#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cairn/rmtree.h>

#include "fuzz.h"

static char fuzz_path[256];

static inline void fuzz_remove(void)
{
    rmtree_at(AT_FDCWD, fuzz_path);
}

/* A descriptor of it; its path is fuzz_path. */
static inline int fuzz_dir(void)
{
    static int fd = -1;
    char const *t = getenv("T");
    if (fd >= 0)
        return fd;
    if (!t || (strncmp(t, "/dev/shm/", 9) != 0 && !access("/dev/shm", W_OK)))
        t = access("/dev/shm", W_OK) ? "/tmp" : "/dev/shm";
    snprintf(fuzz_path, sizeof fuzz_path, "%s/cairn-fuzz.XXXXXX", t);
    HOLDS(mkdtemp(fuzz_path));
    fd = open(fuzz_path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    HOLDS(fd >= 0 && !atexit(fuzz_remove));
    return fd;
}

/* Makes the file name, with these bytes. */
static inline void fuzz_put(char const *name, void const *data, size_t size)
{
    int fd = openat(fuzz_dir(), name, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    HOLDS(fd >= 0 && (!size || write(fd, data, size) == (ssize_t)size));
    close(fd);
}

#endif
