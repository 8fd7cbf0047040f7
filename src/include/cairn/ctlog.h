/* ctlog: the messages of consul-template: to standard error or a file, and to syslog. */

#ifndef CAIRN_CTLOG_H
#define CAIRN_CTLOG_H

/* In the order of their weight. */
enum ctlog_level { CTLOG_TRACE, CTLOG_DEBUG, CTLOG_INFO, CTLOG_WARN, CTLOG_ERR };

/* The level of that name, or -1. */
extern int ctlog_level_of(char const *name);

/* What is below level is not said. fd: where it goes. */
extern void ctlog_set(enum ctlog_level level, int fd);

/* From now on it goes to syslog too, under that name (which must stay) and facility ("LOCAL0").
   Returns 0 for a facility that there is not. */
extern int ctlog_syslog(char const *name, char const *facility);

/* One line "2026/11/26 20:15:00.123456 [WARN] ...", or an object (say.h), in one write. */
__attribute__((format(printf, 2, 3))) extern void ctlog(enum ctlog_level level, char const *format,
                                                        ...);

#endif
