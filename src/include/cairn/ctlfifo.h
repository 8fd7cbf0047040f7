/* ctlfifo: control FIFOs, the ears of supervise (supervise/control) and svscan
   (.s6-svscan/control). */

#ifndef CAIRN_CTLFIFO_H
#define CAIRN_CTLFIFO_H

#include <stddef.h>
#include <sys/types.h>

/* Server side. Makes the FIFO path below dirfd with exactly mode, or takes the existing one as
   it is (mode and owner are kept: images bake them), and opens it non-blocking and close-on-exec,
   for reading, and for writing so that it never shows end of file. unmasked: the caller knows that
   the umask takes nothing from mode, so what was made is not looked at again.
   Returns the descriptor, or -1 with errno (as of open; EEXIST: path exists and is no FIFO). */
extern int ctlfifo_serve(int dirfd, char const *path, mode_t mode, int unmasked);

enum ctlfifo_result {
    CTLFIFO_OK,
    CTLFIFO_NOT_LISTENING, /* no FIFO, or nobody reads it: the supervisor is not running (errno says
                              which) */
    CTLFIFO_BROKEN, /* path exists but is no FIFO, or its directory is no directory (errno) */
    CTLFIFO_ERROR   /* any other error, among them: the directory above path's directory does not
                       exist (errno) */
};

/* Client side. Writes len bytes (0: only asks whether somebody listens) to the FIFO path below
   dirfd in one write. len must be at most PIPE_BUF. SIGPIPE is ignored meanwhile and as it was
   afterwards: a reader that ends before it has read is CTLFIFO_NOT_LISTENING (errno EPIPE). */
extern enum ctlfifo_result ctlfifo_send(int dirfd, char const *path, char const *bytes, size_t len);

#define CTLFIFO_SERVICE "supervise/control"
#define CTLFIFO_SCAN    ".s6-svscan/control"

#endif
