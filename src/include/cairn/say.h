/* say: the messages of our programs, as text or as JSON.

   This module defines what the strerr_* macros of skalibs call (strerr_warnv, strerr_warnvsys,
   strerr_diev, strerr_dievsys), so every program that links libcairn.a before skalibs has it. A
   message is one write. With CAIRN_LOG=json in the environment it is one JSON object on a line of
   its own, see doc/formats.md; else it is what skalibs would write. */

#ifndef CAIRN_SAY_H
#define CAIRN_SAY_H

#include <stddef.h>
#include <time.h>

#define SAY_VARIABLE "CAIRN_LOG"
#define SAY_MAX      4096 /* bytes of an object with its newline: what is longer is cut */
#define SAY_LEAST    512  /* room that say_json must have */

enum say_level { SAY_INFO, SAY_WARNING, SAY_FATAL };

/* Does the environment ask for JSON? */
extern int say_is_json(void);

/* Does value, which CAIRN_LOG has or would have (NULL: unset), mean something? */
extern int say_is_known(char const *value);

/* Writes the line text of len bytes, said at now by process pid of the program prog, to buf as an
   object and a newline, cutting it where it does not fit into size bytes (SAY_LEAST at least).
   "prog: " and "warning: ", "fatal: ", "info: " behind it are taken off the text; they and "usage:
   " decide the level, else it is the one given. Blanks at the end are taken off too. Returns its
   length. */
extern size_t say_json(char *buf, size_t size, struct timespec const *now, char const *prog,
                       unsigned int pid, enum say_level, char const *text, size_t len);

/* The same, said now by this program (PROG). */
extern size_t say_json_now(char *buf, size_t size, enum say_level, char const *text, size_t len);

#endif
