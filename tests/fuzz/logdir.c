/* Lines as what lies in a log directory: a name, a blank, its kind (- file, x one that was closed
   cleanly, l link to a file outside, d directory), its content. It is brought into order, written
   to, rotated and closed, or the file in the way is named; no archive that was there is lost or
   changed but by its age, and nothing outside is touched. */

#include <errno.h>

#include <cairn/logarchive.h>
#include <cairn/logdir.h>

#include "fuzzfile.h"

static unsigned int complaints;

static void complain(struct logdir const *d, char const *what, char const *file, char const *note,
                     int e)
{
    (void)d;
    (void)file;
    (void)note;
    (void)e;
    HOLDS(*what);
    complaints++;
}

static void line(char *s)
{
    char path[128];
    size_t len = strcspn(s, " ");
    char const *kind = s[len] ? s + len + 1 : "-";
    char const *text = *kind ? kind + 1 : "";
    s[len] = 0;
    if (!len || len > 60 || strchr(s, '/') || !strcmp(s, ".") || !strcmp(s, "..") ||
        !strcmp(s, "lock"))
        return;
    snprintf(path, sizeof path, "log/%s", s);
    if (*kind == 'l') {
        (void)!symlinkat("../victim", fuzz_dir(), path);
        return;
    }
    if (*kind == 'd') {
        mkdirat(fuzz_dir(), path, 0700);
        return;
    }
    int fd = openat(fuzz_dir(), path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    if (fd < 0)
        return;
    HOLDS(write(fd, text, strlen(text)) >= 0);
    if (*kind == 'x')
        fchmod(fd, 0744);
    close(fd);
}

int LLVMFuzzerTestOneInput(uint8_t const *data, size_t size)
{
    static char const text[] = "012345678\n";
    char path[300];
    char const *what = NULL;
    struct stat st;
    struct logdir d;
    fuzz_dir();
    snprintf(path, sizeof path, "%s/log", fuzz_path);
    mkdir(path, 0700);
    fuzz_put("victim", "victim", 6);
    fuzz_lines(data, size, line);
    logarchive_is((char const[]){'@', size ? (char)*data : 'x', 0});
    d = (struct logdir){.path = path,
                        .archives = 3,
                        .size = 50,
                        .tolerance = 10,
                        .retry = 50,
                        .shell = 1,
                        .complain = complain};
    if (logdir_open(&d, 0, &what) < 0) {
        HOLDS(what && *what);
    } else {
        HOLDS(!fstatat(d.dirfd, "current", &st, AT_SYMLINK_NOFOLLOW) && S_ISREG(st.st_mode));
        for (int i = 0; i < 12; i++)
            if (logdir_write(&d, text, 10, i) != 10)
                logdir_tick(&d, i + 1000);
        logdir_rotate(&d, 2000);
        logdir_tick(&d, 3000);
        logdir_close(&d);
        close(d.fd);
        close(d.lockfd);
        close(d.dirfd);
    }
    HOLDS(!fstatat(fuzz_dir(), "victim", &st, 0) && st.st_size == 6 && !(st.st_mode & 0111));
    rmtree_at(fuzz_dir(), "log");
    return 0;
}
