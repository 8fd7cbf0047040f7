/* script: starting users' scripts (run, finish, hooks) wherever they lie.

   A script that is a symbolic link is started under its target's path and name, because the live
   service directory lies on a file system that may be noexec. Where the kernel refuses with
   EACCES (mode 0644, noexec mount), the "#!" interpreter is run with the file as argument, as
   the kernel would. An ELF file on a noexec mount stays refused. */

#ifndef CAIRN_SCRIPT_H
#define CAIRN_SCRIPT_H

#include <stddef.h>

/* Replaces the process by file (relative to the working directory), argv[0] being what the
   script sees when it is executed by the kernel. Returns only on failure, with errno: that of
   the first cause (ENOENT may mean the interpreter, also where the script itself may not be
   executed). No allocation, async-signal-safe: callable between fork or vfork and exec. */
extern void script_exec(char const *file, char *const *argv, char *const *envp);

/* Writes to buf, as one line without newline, why starting file failed with error e, and what to
   do about it: which file is missing or not executable, which interpreter is missing and the
   package that has it, which mount is noexec. Looks at the file now. Returns buf. */
extern char *script_explain(char *buf, size_t size, int dirfd, char const *file, int e);

/* The two files that starting file depends on, for a caller that waits until it can be started:
   the last name of the chain of symbolic links, which may not exist, and the interpreter.
   Returns buf, or NULL if there is none (or it is longer than size). */
extern char *script_target(char *buf, size_t size, int dirfd, char const *file);
extern char *script_interpreter(char *buf, size_t size, int dirfd, char const *file);

/* The dynamic loader that the ELF file fd asks for. Returns buf, or NULL if it is no ELF file of
   our word size or needs none. */
extern char *script_loader(char *buf, size_t size, int fd);

/* 127 if starting failed with ENOENT, else 126. */
#define script_exitcode(e) ((e) == ENOENT ? 127 : 126)

#endif
