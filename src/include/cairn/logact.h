/* logact: what becomes of one line: which actions of a script are taken, and what they write. */

#ifndef CAIRN_LOGACT_H
#define CAIRN_LOGACT_H

#include <stddef.h>

#include <cairn/logscript.h>
#include <cairn/logsink.h>
#include <cairn/logstamp.h>

#define LOGACT_ALERT "svlog: alert: "

/* The lines that go to standard output before the script sees them. */
struct logact_announce {
    char const *name;      /* NULL: none */
    char const *json_name; /* the same as the inside of a JSON string */
    int json;
};

struct logact {
    struct logscript const *script;
    struct logsink *sinks;
    unsigned int const *sink_of; /* of an action of the script */
    struct logsink *out;         /* where lines are announced; NULL: nowhere */
    struct logact_announce announce;
    struct logstamp stamp;
    size_t fixed;  /* bytes that one action adds to a line, at most */
    size_t weight; /* how often a line goes to one sink, at most, in all forms */
};

/* Computes fixed and weight from the rest. */
extern void logact_measure(struct logact *);

/* Bytes that each sink has to have room for before a line of len bytes is acted on. */
#define logact_need(a, len) (((len) + (a)->fixed) * (a)->weight)

/* Puts the line, which is followed by a newline and may be changed in between, into the buffers of
   the sinks that it goes to. */
extern void logact_line(struct logact *, char *line, size_t len);

#endif
