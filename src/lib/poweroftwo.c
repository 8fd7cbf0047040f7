#include <cairn/poweroftwo.h>

uint32_t poweroftwo(uint32_t n)
{
    uint32_t p = 1;
    while (p < n)
        p <<= 1;
    return p;
}
