/* Any bytes as the lines of a file of fix-attrs.d, understood and not applied: what is refused is
   told, on one line. */

#include <cairn/fixattrs.h>

#include "fuzz.h"

static unsigned int told;
static unsigned int number;

static void tell(void *data, enum fixattrs_kind kind, char const *line)
{
    (void)data;
    HOLDS(kind == FIXATTRS_WARNING && !strncmp(line, "f: line ", 8));
    told++;
}

static struct fixattrs fa = {.check_only = 1, .tell = tell};

static void line(char *s)
{
    unsigned int before = told;
    int r = fixattrs_line(&fa, "f", ++number, s);
    HOLDS(r == (told != before));
}

int LLVMFuzzerTestOneInput(uint8_t const *data, size_t size)
{
    told = number = 0;
    fuzz_lines(data, size, line);
    return 0;
}
