#include <cairn/argblock.h>

int argblock_size(char const *const *argv, size_t *n)
{
    for (size_t i = 0; argv[i]; i++)
        if (!argv[i][0]) {
            *n = i;
            return 0;
        }
    return -1;
}

char const *argblock_word(char const *arg)
{
    return arg + (arg[0] == ' ');
}
