#define _GNU_SOURCE
#include "CLinux.h"

#include <errno.h>
#include <linux/filter.h>
#include <malloc.h>
#include <stddef.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <pthread.h>
#include <sched.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/timex.h>
#include <unistd.h>

const uint32_t clinux_epollin = EPOLLIN;
const uint32_t clinux_epollout = EPOLLOUT;
const uint32_t clinux_epollrdhup = EPOLLRDHUP;
const uint32_t clinux_epollhup = EPOLLHUP;
const uint32_t clinux_epollerr = EPOLLERR;
const uint32_t clinux_epollet = EPOLLET;

int clinux_epoll_create(void) { return epoll_create1(EPOLL_CLOEXEC); }

int clinux_epoll_add(int epoll, int descriptor, uint32_t flags, uint64_t token) {
  struct epoll_event event = {.events = flags, .data.u64 = token};
  return epoll_ctl(epoll, EPOLL_CTL_ADD, descriptor, &event);
}

int clinux_epoll_modify(int epoll, int descriptor, uint32_t flags, uint64_t token) {
  struct epoll_event event = {.events = flags, .data.u64 = token};
  return epoll_ctl(epoll, EPOLL_CTL_MOD, descriptor, &event);
}

int clinux_epoll_remove(int epoll, int descriptor) {
  return epoll_ctl(epoll, EPOLL_CTL_DEL, descriptor, NULL);
}

int clinux_epoll_wait(int epoll, struct clinux_ready *ready, int count, int timeout_milliseconds) {
  struct epoll_event events[256];
  if (count < 1 || count > 256) {
    errno = EINVAL;
    return -1;
  }
  int found = epoll_wait(epoll, events, count, timeout_milliseconds);
  for (int index = 0; index < found; index++) {
    ready[index].flags = events[index].events;
    ready[index].token = events[index].data.u64;
  }
  return found;
}

int clinux_eventfd(void) { return eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC); }

int clinux_accept(int listener, void *storage, uint32_t *size) {
  socklen_t length = *size;
  int descriptor = accept4(listener, storage, &length, SOCK_NONBLOCK | SOCK_CLOEXEC);
  *size = length;
  return descriptor;
}

ssize_t clinux_send(int descriptor, const void *bytes, size_t count) {
  return syscall(SYS_sendto, descriptor, bytes, count, MSG_NOSIGNAL, NULL, 0);
}

int clinux_set_user_timeout(int descriptor, unsigned int milliseconds) {
  return setsockopt(descriptor, IPPROTO_TCP, TCP_USER_TIMEOUT, &milliseconds, sizeof milliseconds);
}

int clinux_drop_new_syns(int listener) {
  // The kernel shows the filter a segment from its TCP header on; the flags are in byte 13 (RFC 9293, section 3.1).
  struct sock_filter code[] = {
      BPF_STMT(BPF_LD | BPF_B | BPF_ABS, 13),
      BPF_JUMP(BPF_JMP | BPF_JSET | BPF_K, 0x02, 0, 1),
      BPF_STMT(BPF_RET | BPF_K, 0),
      BPF_STMT(BPF_RET | BPF_K, 0xffffffff),
  };
  struct sock_fprog program = {.len = sizeof code / sizeof code[0], .filter = code};
  return setsockopt(listener, SOL_SOCKET, SO_ATTACH_FILTER, &program, sizeof program);
}

int clinux_admit_beginners(int listener) {
  int unused = 0;
  return setsockopt(listener, SOL_SOCKET, SO_DETACH_FILTER, &unused, sizeof unused);
}

int clinux_unshare_files(void) { return unshare(CLONE_FILES); }

int clinux_clock_is_synchronized(void) {
  struct timex state = {.modes = 0};
  int result = adjtimex(&state);
  return result == -1 ? -1 : result != TIME_ERROR;
}

void clinux_name_thread(const char *name) { (void)pthread_setname_np(pthread_self(), name); }

void clinux_trim_heap(void) { malloc_trim(0); }
