#include <string.h>

#include <cairn/join.h>

size_t join_strings(char *buf, size_t size, char const *const *strings)
{
    size_t wanted = 0;
    for (; *strings; strings++) {
        size_t len = strlen(*strings);
        if (wanted < size - 1) {
            size_t room = size - 1 - wanted;
            memcpy(buf + wanted, *strings, len < room ? len : room);
        }
        wanted += len;
    }
    buf[wanted < size ? wanted : size - 1] = 0;
    return wanted;
}
