#include <string.h>

#include <cairn/gobool.h>

int gobool_parse(char const *s, size_t n, int *b)
{
    static char const *const words[] = {"1", "t", "T", "TRUE",  "true",  "True",
                                        "0", "f", "F", "FALSE", "false", "False"};
    for (unsigned int i = 0; i < sizeof words / sizeof *words; i++)
        if (strlen(words[i]) == n && !memcmp(words[i], s, n)) {
            *b = i < 6;
            return 1;
        }
    return 0;
}
