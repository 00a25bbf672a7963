// The Linux calls that Swift's Glibc module leaves out. Only the target Reactor imports this.
#ifndef CLINUX_H
#define CLINUX_H

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

// The epoll flags, as plain integers: Swift cannot use the C enum in an OptionSet.
extern const uint32_t clinux_epollin;
extern const uint32_t clinux_epollout;
extern const uint32_t clinux_epollrdhup;
extern const uint32_t clinux_epollhup;
extern const uint32_t clinux_epollerr;
extern const uint32_t clinux_epollet;

// One ready descriptor: struct epoll_event is packed on x86-64 alone, so it is not shown to Swift.
struct clinux_ready {
  uint32_t flags;
  uint64_t token;
};

// Each returns -1 and sets errno on failure, as the calls that they wrap.
int clinux_epoll_create(void);
int clinux_epoll_add(int epoll, int descriptor, uint32_t flags, uint64_t token);
int clinux_epoll_modify(int epoll, int descriptor, uint32_t flags, uint64_t token);
int clinux_epoll_remove(int epoll, int descriptor);
// Waits for up to timeout_milliseconds (-1: without end) and fills at most count (1...256) entries.
int clinux_epoll_wait(int epoll, struct clinux_ready *ready, int count, int timeout_milliseconds);

// A counter that wakes an epoll loop, non-blocking and closed on exec.
int clinux_eventfd(void);

// accept4 with SOCK_NONBLOCK | SOCK_CLOEXEC; the peer's address goes to storage, its size to *size.
int clinux_accept(int listener, void *storage, uint32_t *size);

// send with MSG_NOSIGNAL, as a bare system call. glibc's own makes each call a cancellation point in a process with
// several threads, which costs two atomic operations; nobody here cancels threads.
ssize_t clinux_send(int descriptor, const void *bytes, size_t count);

// TCP_USER_TIMEOUT: how long sent data may stay unacknowledged before the connection is reset.
int clinux_set_user_timeout(int descriptor, unsigned int milliseconds);

// A filter on a listening TCP socket that drops new connections (SYN), and lets handshakes in progress finish
// (SO_ATTACH_FILTER, classic BPF; needs no privilege). The peer's kernel tries again after a second. A connection that is
// accepted meanwhile inherits the filter, which never matters to it.
int clinux_drop_new_syns(int listener);
// Takes the filter away again.
int clinux_admit_beginners(int listener);

// Gives the calling thread a table of descriptors of its own, a copy of the one that it shared (unshare, CLONE_FILES).
int clinux_unshare_files(void);

// Whether the kernel was told that the clock is kept right: 1 or 0 (adjtimex, which changes nothing here).
int clinux_clock_is_synchronized(void);

// Returns free memory within the heap to the system (malloc_trim, which Swift's module for glibc lacks).
void clinux_trim_heap(void);

// Names the calling thread for debuggers and top; at most 15 bytes.
void clinux_name_thread(const char *name);

#endif
