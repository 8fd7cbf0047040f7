/* hookstage: the boot and stop stages that run all scripts of a directory: fix-attrs, cont-init,
   cont-finish.

   Entries in byte order, dotfiles skipped, one after the other, with /dev/null as standard input,
   each in a process group of its own. */

#ifndef CAIRN_HOOKSTAGE_H
#define CAIRN_HOOKSTAGE_H

#include <skalibs/genalloc.h>
#include <skalibs/stralloc.h>

#include <cairn/timerec.h>
#include <cairn/transcript.h>

struct hookstage {
    char const *name;    /* the program, and what the directory is named for */
    char const *dir;     /* "cont-init.d" */
    char const *title;   /* "executing container initialization scripts..." */
    char const *doing;   /* "executing" */
    unsigned int is_fix; /* entries are no scripts but arguments of the program fix-attrs */
};

extern struct hookstage const hookstage_fixattrs;
extern struct hookstage const hookstage_continit;
extern struct hookstage const hookstage_contfinish;

struct hookstage_options {
    char const *path;   /* of the directory, which the scripts are started under */
    char const *runner; /* is_fix only: the program that gets each file */
    unsigned int
        behaviour;        /* S6_BEHAVIOUR_IF_STAGE2_FAILS: 0, 1 warn, 2 stop at the first failure */
    unsigned int maxtime; /* ms for each script, then KILL to its process group; 0: no bound */
    char *const *envp;
    struct timerec timeline; /* where the scripts' times go */
};

/* How many entries the directory has: 0, 1 (or more), or -1 with errno (ENOENT: there is no such
 * directory). */
extern int hookstage_probe(char const *path);

/* Lists them: the names as consecutive strings in names, their offsets (size_t) in the order in
   which they are run. Both are the caller's to free. Returns 0, or -1 with errno. */
extern int hookstage_list(char const *path, stralloc *names, genalloc *offsets);

/* The first and last line of a stage. */
extern void hookstage_begin(struct hookstage const *, struct transcript *);
extern void hookstage_end(struct hookstage const *, struct transcript *);

/* Runs the stage in this process, which blocks all signals, does not ignore CHLD any more, and
   handles TERM (passed on to the script that runs; no other is started then). Messages go to
   standard error. The transcript's lines are flushed. Returns 0, or the code to end with: with
   behaviour 2 that of the script that failed (126 and 127: it could not be started; 99: it took too
   long) or 111 for a directory that cannot be read; with any, 111 when the system has nothing to
   run the stage with, 143 when it was told to end. */
extern int hookstage_run(struct hookstage const *, struct hookstage_options const *,
                         struct transcript *);

#endif
