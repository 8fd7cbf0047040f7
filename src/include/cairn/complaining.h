/* complaining: may a daemon write to standard error now?

   Standard error may be a pipe to a logger that is dead, and that the daemon has to restart: a
   message that would wait for a reader is dropped instead. */

#ifndef CAIRN_COMPLAINING_H
#define CAIRN_COMPLAINING_H

/* 1 if a short message can be written to descriptor 2 without waiting, else 0. errno is kept. */
extern int can_complain(void);

#endif
