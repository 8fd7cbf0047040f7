#include <errno.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cairn/udpbatch.h>

int udpbatch_read(struct udpbatch *u, int fd)
{
    size_t each = u->size / u->max;
    for (unsigned int i = 0; i < u->max; i++) {
        u->v[i] = (struct iovec){.iov_base = u->bytes + i * each, .iov_len = each};
        u->m[i].msg_hdr = (struct msghdr){.msg_name = u->addr + i,
                                          .msg_namelen = sizeof u->addr[i],
                                          .msg_iov = u->v + i,
                                          .msg_iovlen = 1,
                                          .msg_control = u->control[i],
                                          .msg_controllen = UDPBATCH_CONTROL};
    }
    return recvmmsg(fd, u->m, u->max, MSG_DONTWAIT, NULL);
}

/* The system call itself: musl's sendmmsg is a loop of sendmsg, since it declares with 32 bits and
   padding what the kernel takes for lengths of 64 (cmsg_len; of a msghdr the padding has a name,
   and is 0 where it was initialized). */
static int send_all(int fd, struct mmsghdr *m, unsigned int n)
{
#ifdef SYS_sendmmsg
    for (unsigned int i = 0; i < n; i++)
        for (struct cmsghdr *c = CMSG_FIRSTHDR(&m[i].msg_hdr); c; c = CMSG_NXTHDR(&m[i].msg_hdr, c))
            memcpy(c, &(size_t){c->cmsg_len}, sizeof(size_t));
    long r = syscall(SYS_sendmmsg, fd, m, n, MSG_NOSIGNAL | MSG_DONTWAIT);
    if (r >= 0 || errno != ENOSYS)
        return (int)r;
#endif
    return sendmmsg(fd, m, n, MSG_NOSIGNAL | MSG_DONTWAIT);
}

void udpbatch_send(struct udpbatch *u, int fd)
{
    unsigned int done = 0;
    while (done < u->n) {
        int r = send_all(fd, u->m + done, u->n - done);
        if (r < 0 && errno == EINTR)
            continue;
        done += r > 0 ? (unsigned int)r : 1; /* an error is the first one's */
    }
    u->n = 0;
    u->used = 0;
}

struct msghdr *udpbatch_put(struct udpbatch *u, int fd, void const *b, size_t len,
                            struct sockaddr const *addr, socklen_t addr_len)
{
    if (len > u->size || addr_len > sizeof *u->addr)
        return NULL;
    if (u->n == UDPBATCH || len > u->size - u->used)
        udpbatch_send(u, fd);
    unsigned int i = u->n++;
    u->v[i] = (struct iovec){.iov_base = u->bytes + u->used, .iov_len = len};
    memcpy(u->bytes + u->used, b, len);
    u->used += len;
    memcpy(u->addr + i, addr, addr_len);
    u->m[i].msg_hdr = (struct msghdr){.msg_name = u->addr + i,
                                      .msg_namelen = addr_len,
                                      .msg_iov = u->v + i,
                                      .msg_iovlen = 1,
                                      .msg_control = u->control[i]};
    return &u->m[i].msg_hdr;
}
