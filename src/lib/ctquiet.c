#include <cairn/ctquiet.h>

void ctquiet_change(struct ctquiet *q, int64_t now, int64_t min, int64_t max)
{
    if (q->deadline < 0)
        q->deadline = now + max;
    q->fire = now + min < q->deadline ? now + min : q->deadline;
}

int ctquiet_is_over(struct ctquiet *q, int64_t now)
{
    if (q->fire < 0 || now < q->fire)
        return 0;
    *q = (struct ctquiet)CTQUIET_ZERO;
    return 1;
}
