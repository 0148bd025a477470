// Linux calls that the Glibc module of the toolchain does not carry.
#ifndef LINLI_CLINUX_SHIM_H
#define LINLI_CLINUX_SHIM_H

#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>

// glibc declares accept4 only under _GNU_SOURCE, which the module above is not built with.
extern int accept4(int, struct sockaddr *, socklen_t *, int);

// Accepts a connection as a non-blocking socket that child processes do not inherit; -1 and errno
// when there is none.
static inline int linli_accept(int listener) {
  return accept4(listener, 0, 0, SOCK_NONBLOCK | SOCK_CLOEXEC);
}

#endif
