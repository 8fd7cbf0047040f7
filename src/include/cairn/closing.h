/* closing: close on the way out of a failure. */

#ifndef CAIRN_CLOSING_H
#define CAIRN_CLOSING_H

/* Closes fd and leaves errno as it was. */
extern void close_keeping_errno(int fd);

#endif
