/* Lines as what lies in a fifodir: a name, and behind a blank what kind of file it is. To notify
   reaches only FIFOs with a listener's name that somebody reads, and removes only FIFOs that nobody
   reads; all else stays. */

#include <errno.h>
#include <signal.h>

#include <cairn/fifodir.h>

#include "fuzzfile.h"

enum { NAMES = 8 };

static struct {
    char name[64];
    char kind; /* f FIFO, r FIFO that is read, - file, d directory, l link to a file */
    int fd;
} one[NAMES];
static size_t n;

static void line(char *s)
{
    char path[640];
    char *blank = strrchr(s, ' ');
    char kind = blank ? blank[1] : 'f';
    if (blank)
        *blank = 0;
    if (n == NAMES || strlen(s) >= sizeof one->name || strchr(s, '/') || !*s || !strcmp(s, ".") ||
        !strcmp(s, ".."))
        return;
    snprintf(path, sizeof path, "event/%s", s);
    one[n].fd = -1;
    int r = kind == '-'   ? mknodat(fuzz_dir(), path, S_IFREG | 0600, 0)
            : kind == 'd' ? mkdirat(fuzz_dir(), path, 0700)
            : kind == 'l' ? symlinkat("../victim", fuzz_dir(), path)
                          : mkfifoat(fuzz_dir(), path, 0600);
    if (r < 0)
        return;
    if (kind == 'r') {
        one[n].fd = openat(fuzz_dir(), path, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
        HOLDS(one[n].fd >= 0);
    }
    one[n].kind = kind == 'r' || kind == '-' || kind == 'd' || kind == 'l' ? kind : 'f';
    strcpy(one[n++].name, s);
}

static int is_listener(char const *s)
{
    return strlen(s) == FIFODIR_NAMELEN && !strncmp(s, "ftrig1:@", 8);
}

int LLVMFuzzerTestOneInput(uint8_t const *data, size_t size)
{
    struct stat st;
    char path[640];
    int reached = 0;
    n = 0;
    signal(SIGPIPE, SIG_IGN);
    mkdirat(fuzz_dir(), "event", 0700);
    fuzz_put("victim", "", 0);
    fuzz_lines(data, size, line);
    for (size_t i = 0; i < n; i++)
        reached += is_listener(one[i].name) && one[i].kind == 'r';
    HOLDS(fifodir_notify(fuzz_dir(), "event", "uU", 2) == reached);
    HOLDS(!fifodir_clean(fuzz_dir(), "event"));
    for (size_t i = 0; i < n; i++) {
        char got[4];
        snprintf(path, sizeof path, "event/%s", one[i].name);
        int is_there = !fstatat(fuzz_dir(), path, &st, AT_SYMLINK_NOFOLLOW);
        HOLDS(is_there == !(is_listener(one[i].name) && one[i].kind == 'f'));
        if (one[i].fd >= 0) {
            ssize_t r = read(one[i].fd, got, sizeof got);
            HOLDS(is_listener(one[i].name) ? r == 2 && !memcmp(got, "uU", 2) : r <= 0);
            close(one[i].fd);
        }
        if (is_there)
            unlinkat(fuzz_dir(), path, S_ISDIR(st.st_mode) ? AT_REMOVEDIR : 0);
    }
    HOLDS(!fstatat(fuzz_dir(), "victim", &st, 0) && !st.st_size);
    return 0;
}
