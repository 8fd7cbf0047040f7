#include <cairn/timerheap.h>

size_t timerheap_size(uint32_t max)
{
    return max * (sizeof(struct timerheap_entry) + sizeof(uint32_t));
}

void timerheap_init(struct timerheap *h, void *mem, uint32_t max)
{
    h->heap = mem;
    h->place = (void *)(h->heap + max);
    h->n = 0;
}

static void put(struct timerheap *h, uint32_t at, struct timerheap_entry e)
{
    h->heap[at] = e;
    h->place[e.id] = at + 1;
}

/* Finds the place of e, beginning at the hole at, and puts it there. */
static void settle(struct timerheap *h, uint32_t at, struct timerheap_entry e)
{
    for (; at && h->heap[(at - 1) / 2].due > e.due; at = (at - 1) / 2)
        put(h, at, h->heap[(at - 1) / 2]);
    for (;;) {
        uint32_t child = 2 * at + 1;
        if (child + 1 < h->n && h->heap[child + 1].due < h->heap[child].due)
            child++;
        if (child >= h->n || h->heap[child].due >= e.due)
            break;
        put(h, at, h->heap[child]);
        at = child;
    }
    put(h, at, e);
}

static void disarm(struct timerheap *h, uint32_t at)
{
    struct timerheap_entry last = h->heap[--h->n];
    h->place[h->heap[at].id] = 0;
    if (at < h->n)
        settle(h, at, last);
}

void timerheap_set(struct timerheap *h, uint32_t id, uint64_t due)
{
    uint32_t place = h->place[id];
    if (due == TIMERHEAP_NEVER) {
        if (place)
            disarm(h, place - 1);
        return;
    }
    if (place && h->heap[place - 1].due == due)
        return;
    settle(h, place ? place - 1 : h->n++, (struct timerheap_entry){due, id});
}

uint64_t timerheap_next(struct timerheap const *h, uint32_t *id)
{
    if (!h->n)
        return TIMERHEAP_NEVER;
    *id = h->heap[0].id;
    return h->heap[0].due;
}
