/* Runs a fuzzer's corpus, tests/fuzz/corpus/NAME, without the fuzzer: each file, each of its
   beginnings, and each with one byte changed. One TAP case; NAME is our own name. */

#include <dirent.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <unistd.h>

#include "fuzz.h"

enum { INPUT_MAX = 4096, NAMES_MAX = 4096 };

static char const *current;
static unsigned long inputs;

/* A crash is a case that fails. */
static void on_crash(int sig)
{
    static char const head[] = "not ok 1 - crash on ";
    if (write(1, head, sizeof head - 1) < 0 || write(1, current, strlen(current)) < 0 ||
        write(1, "\n1..1\n", 6) < 0)
        _exit(111);
    signal(sig, SIG_DFL);
    raise(sig);
}

/* In memory of exactly its size, for the sanitizers. */
static void run(uint8_t const *data, size_t size)
{
    uint8_t *copy = malloc(size ? size : 1);
    if (!copy)
        abort();
    memcpy(copy, data, size);
    LLVMFuzzerTestOneInput(copy, size);
    inputs++;
    free(copy);
}

static void run_with_neighbours(uint8_t *data, size_t size)
{
    static uint8_t const flips[] = {0x01, 0x20, 0x80, 0xff};
    run(data, size);
    for (size_t i = 0; i < size; i++)
        run(data, i);
    for (size_t i = 0; i < size; i++)
        for (size_t j = 0; j < sizeof flips; j++) {
            data[i] ^= flips[j];
            run(data, size);
            data[i] ^= flips[j];
        }
}

static int compare(void const *a, void const *b)
{
    return strcmp(*(char *const *)a, *(char *const *)b);
}

int main(int argc, char **argv)
{
    static char dir[PATH_MAX];
    static char *names[NAMES_MAX];
    static uint8_t data[INPUT_MAX];
    char const *top = getenv("TOP");
    char const *slash = strrchr(argv[0], '/');
    size_t n = 0;
    (void)argc;
    snprintf(dir, sizeof dir, "%s/tests/fuzz/corpus/%s", top ? top : ".",
             slash ? slash + 1 : argv[0]);
    DIR *d = opendir(dir);
    if (!d || chdir(dir) < 0) {
        printf("not ok 1 - open %s\n1..1\n", dir);
        return 1;
    }
    for (struct dirent *e; (e = readdir(d)) && n < NAMES_MAX;)
        if (e->d_name[0] != '.')
            names[n++] = strdup(e->d_name);
    closedir(d);
    qsort(names, n, sizeof *names, compare);
    setvbuf(stdout, NULL, _IONBF, 0);
    signal(SIGABRT, on_crash);
    signal(SIGSEGV, on_crash);
    for (size_t i = 0; i < n; i++) {
        current = names[i];
        int fd = open(current, O_RDONLY | O_CLOEXEC);
        ssize_t len = fd < 0 ? -1 : read(fd, data, sizeof data);
        if (fd >= 0)
            close(fd);
        if (len < 0) {
            printf("not ok 1 - read %s\n1..1\n", current);
            return 1;
        }
        run_with_neighbours(data, (size_t)len);
    }
    printf("ok 1 - %lu inputs from %zu files\n1..1\n", inputs, n);
    return 0;
}
