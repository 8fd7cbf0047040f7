/* Any bytes as the file of a variable that envdir reads, the first one being its options: what the
   variable is set to is the file's first line, or all of it, without a 0. */

#define main envdir_main
extern int envdir_main(int argc, char const *const *argv);
#include "../../src/process/envdir.c"
#undef main

#include "fuzzfile.h"

int LLVMFuzzerTestOneInput(uint8_t const *data, size_t size)
{
    if (!size)
        return 0;
    size_t len = size - 1;
    o.keep = data[0] & 1;
    o.whole = data[0] & 2;
    o.unclamped = data[0] & 4;
    o.nul = data[0] & 8 ? '_' : '\n';
    fuzz_dir();
    mkdirat(fuzz_dir(), "env", 0700);
    fuzz_put("env/FUZZ_X", data + 1, len);
    char dir[300];
    snprintf(dir, sizeof dir, "%s/env", fuzz_path);
    setenv("FUZZ_X", "before", 1);
    read_directory(dir);
    char const *value = getenv("FUZZ_X");
    HOLDS(!value == !len);
    if (value) {
        size_t n = strlen(value);
        HOLDS(n <= len);
        for (size_t i = 0; i < n; i++)
            HOLDS(value[i] == (data[1 + i] ? (char)data[1 + i] : o.nul));
        HOLDS(o.whole || !memchr(data + 1, '\n', n));
    }
    return 0;
}
