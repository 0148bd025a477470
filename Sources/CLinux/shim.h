// Linux calls that the Glibc module of the toolchain does not carry.
#ifndef LINLI_CLINUX_SHIM_H
#define LINLI_CLINUX_SHIM_H

#include <fcntl.h>
#include <spawn.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>

// glibc declares these only under _GNU_SOURCE, which the module above is not built with.
extern int accept4(int, struct sockaddr *, socklen_t *, int);
extern int pipe2(int[2], int);
extern int posix_spawn_file_actions_addclosefrom_np(posix_spawn_file_actions_t *, int);

// Accepts a connection as a non-blocking socket that child processes do not inherit; -1 and errno
// when there is none.
static inline int linli_accept(int listener) {
  return accept4(listener, 0, 0, SOCK_NONBLOCK | SOCK_CLOEXEC);
}

// Makes a pipe that child processes do not inherit; -1 and errno when there is none.
static inline int linli_pipe(int ends[2]) { return pipe2(ends, O_CLOEXEC); }

// Makes a child that is spawned close what it inherited from this number up; an errno or 0.
static inline int linli_close_from(posix_spawn_file_actions_t *actions, int lowest) {
  return posix_spawn_file_actions_addclosefrom_np(actions, lowest);
}

#endif
