/* cmdexec: starting the container's command, by the search path that it gets itself. */

#ifndef CAIRN_CMDEXEC_H
#define CAIRN_CMDEXEC_H

#include <stddef.h>

/* Replaces the process by argv[0], searched for in the PATH of envp (BOOTENV_PATH_DEFAULT where it
   has none) unless it has a slash. Returns only on failure, with errno. */
extern void cmdexec_exec(char *const *argv, char *const *envp);

/* Could cmdexec_exec start name? Returns 0, or the errno that it would give. */
extern int cmdexec_startable(char const *name, char *const *envp);

/* Writes to buf, as one line without newline, why cmdexec_exec failed to start name with error e,
   and what to do about it. Looks at the files now. Returns buf. */
extern char *cmdexec_explain(char *buf, size_t size, char const *name, char *const *envp, int e);

#endif
