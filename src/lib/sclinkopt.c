#include <skalibs/sgetopt.h>
#include <skalibs/types.h>

#include <cairn/sclinkopt.h>
#include <cairn/svwatch.h>

int sclinkopt(struct sclink *s, int argc, char const *const *argv, char const *set)
{
    unsigned int timeout = 0;
    subgetopt l = SUBGETOPT_ZERO;
    for (int opt; (opt = subgetopt_r(argc, argv, set, &l)) != -1;)
        switch (opt) {
        case 'd':
            s->down = SCLINK_DOWN;
            break;
        case 'D':
            s->down = SCLINK_STAY_DOWN;
            break;
        case 'f':
            s->force = 1;
            break;
        case 'P':
            s->public_events = 1;
            break;
        case 'X':
            s->hasty = 1;
            break;
        case 't':
            if (!uint0_scan(l.arg, &timeout))
                return -1;
            break;
        default:
            return -1;
        }
    s->deadline = svwatch_deadline(timeout);
    return argc - l.ind < 2 ? -1 : l.ind;
}
