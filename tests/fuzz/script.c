/* Any bytes as a script or program that cannot be started: its interpreter or loader, and why, as
   one line that fits and commands no terminal; links of any text, too. */

#include <errno.h>

#include <cairn/livesd.h>
#include <cairn/script.h>

#include "fuzzfile.h"

static void explain(char const *file, int e)
{
    char big[1024];
    char small[40];
    HOLDS(script_explain(big, sizeof big, fuzz_dir(), file, e) == big);
    size_t n = strnlen(big, sizeof big);
    HOLDS(n && n < sizeof big);
    for (size_t i = 0; i < n; i++)
        HOLDS((unsigned char)big[i] >= ' ' && big[i] != 127);
    script_explain(small, sizeof small, fuzz_dir(), file, e);
    HOLDS(memchr(small, 0, sizeof small) && !strncmp(small, big, strlen(small)));
}

int LLVMFuzzerTestOneInput(uint8_t const *data, size_t size)
{
    static int const errors[] = {ENOENT, EACCES, ENOEXEC, ENOTDIR, ETXTBSY, E2BIG};
    char buf[600];
    char small[8];
    fuzz_put("run", data, size);
    HOLDS(!fchmodat(fuzz_dir(), "run", size & 1 ? 0600 : 0700, 0));
    for (size_t i = 0; i < sizeof errors / sizeof *errors; i++)
        explain("run", errors[i]);
    livesd_startable(fuzz_dir(), "run");
    int fd = openat(fuzz_dir(), "run", O_RDONLY | O_CLOEXEC);
    HOLDS(fd >= 0);
    char *loader = script_loader(buf, sizeof buf, fd);
    HOLDS(!loader || (memchr(buf, 0, sizeof buf) && *buf));
    loader = script_loader(small, sizeof small, fd);
    HOLDS(!loader || memchr(small, 0, sizeof small));
    close(fd);
    char *interpreter = script_interpreter(buf, sizeof buf, fuzz_dir(), "run");
    HOLDS(!interpreter || (*buf && size > 2 && !memcmp(data, "#!", 2) && !strpbrk(buf, " \t\n")));
    /* the same bytes as a link */
    char *text = fuzz_text(data, size);
    if (*text && *text != '/' && !strstr(text, "..") && !symlinkat(text, fuzz_dir(), "link")) {
        explain("link", ENOENT);
        char *target = script_target(buf, sizeof buf, fuzz_dir(), "link");
        HOLDS(!target || (*buf && memchr(buf, 0, sizeof buf)));
        script_interpreter(buf, sizeof buf, fuzz_dir(), "link");
        unlinkat(fuzz_dir(), "link", 0);
    }
    free(text);
    return 0;
}
