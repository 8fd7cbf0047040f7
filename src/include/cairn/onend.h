/* onend: cleaning up when a signal ends the process. It changes the process, hence one use in it.
 */

#ifndef CAIRN_ONEND_H
#define CAIRN_ONEND_H

/* Makes SIGHUP, SIGINT and SIGTERM (unless they are ignored) call clean(arg), which must be
   async-signal-safe, before they do what they did. */
extern void onend_call(void (*clean)(void *), void *arg);

/* Holds these signals back while something is made that has to be cleaned up. */
extern void onend_hold(void);
extern void onend_release(void);

#endif
