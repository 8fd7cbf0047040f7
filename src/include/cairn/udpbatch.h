/* udpbatch: UDP messages read and sent several at a time, one system call for all that wait.

   Nothing is allocated: the messages lie in memory of the caller, of which only as much is touched
   as messages are long. Both structs begin zeroed but for bytes, size, and each. */

#ifndef CAIRN_UDPBATCH_H
#define CAIRN_UDPBATCH_H

#include <stddef.h>
#include <sys/socket.h>
#include <sys/uio.h>

enum {
    UDPBATCH = 32,         /* messages at most */
    UDPBATCH_CONTROL = 96, /* bytes of ancillary data of each: where it came to */
};

struct udpbatch {
    unsigned char *bytes; /* of all messages */
    size_t size;
    size_t used;      /* out: bytes that wait */
    unsigned int n;   /* out: messages that wait */
    unsigned int max; /* in: at most so many, not more than UDPBATCH */
    struct mmsghdr m[UDPBATCH];
    struct iovec v[UDPBATCH];
    struct sockaddr_storage addr[UDPBATCH];
    _Alignas(struct cmsghdr) unsigned char control[UDPBATCH][UDPBATCH_CONTROL];
};

/* Reads what waits at fd, not blocking, into max places of size / max bytes; longer messages are
   cut (MSG_TRUNC). Message i is m[i].msg_len bytes at v[i].iov_base, from addr[i]; m[i].msg_hdr has
   its ancillary data. Returns how many came, or -1 with errno. Less than max: no more waited. */
extern int udpbatch_read(struct udpbatch *, int fd);

/* Takes a message (copied) to be sent by fd to addr. If there is no room, those that wait are sent
   first. Returns its header, whose msg_control (empty, UDPBATCH_CONTROL bytes) may be filled; NULL
   if it is longer than size. */
extern struct msghdr *udpbatch_put(struct udpbatch *, int fd, void const *b, size_t len,
                                   struct sockaddr const *addr, socklen_t addr_len);

/* Sends what waits, if anything does. What cannot be sent is dropped, as the network might. */
extern void udpbatch_send(struct udpbatch *, int fd);

#endif
