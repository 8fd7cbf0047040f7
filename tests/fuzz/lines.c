/* Any bytes as a text file that is read line by line, the first two being how often they are
   repeated, so that lines can be too long: the lines are those that a simple reader finds. */

#include <cairn/lines.h>

#include "fuzzfile.h"

int LLVMFuzzerTestOneInput(uint8_t const *data, size_t size)
{
    struct lines l;
    char path[300];
    char *line;
    int r;
    if (size < 2)
        return 0;
    size_t times = 1 + data[0] % 8 * (data[1] % 8);
    size_t n = (size - 2) * times;
    char *text = malloc(n + 1);
    HOLDS(text);
    for (size_t i = 0; i < times; i++)
        memcpy(text + i * (size - 2), data + 2, size - 2);
    fuzz_put("lines", text, n);
    snprintf(path, sizeof path, "%s/lines", fuzz_path);
    HOLDS(!lines_open(&l, path));
    unsigned int number = 0, skipped = 0;
    for (size_t at = 0; at < n;) {
        char *newline = memchr(text + at, '\n', n - at);
        size_t len = newline ? (size_t)(newline - text) - at : n - at;
        number++;
        if (len > LINES_MAX) {
            skipped++;
        } else {
            HOLDS(lines_next(&l, &line) == 1 && l.number == number);
            HOLDS(!memcmp(line, text + at, len) && !line[len]);
            for (char *word; (word = lines_word(&line));)
                HOLDS(*word && !strpbrk(word, " \t"));
        }
        at += len + 1;
    }
    HOLDS((r = lines_next(&l, &line)) == 0 && l.skipped == skipped);
    lines_close(&l);
    free(text);
    return 0;
}
