#include "CUring.h"

#include <errno.h>
#include <liburing.h>
#include <stdlib.h>
#include <sys/socket.h>

struct curing {
  struct io_uring ring;
};

// Only one thread submits, and completions are posted while it is in the kernel for them; a send that fails does not
// hold back those behind it. Linux has all three since 6.1.
static const unsigned flags = IORING_SETUP_SINGLE_ISSUER | IORING_SETUP_DEFER_TASKRUN | IORING_SETUP_SUBMIT_ALL;

int curing_open(unsigned count, struct curing **ring) {
  struct curing *opened = malloc(sizeof *opened);
  if (opened == NULL) return -ENOMEM;
  int result = io_uring_queue_init(count, &opened->ring, flags);
  if (result < 0) {
    free(opened);
    return result;
  }
  *ring = opened;
  return 0;
}

void curing_close(struct curing *ring) {
  io_uring_queue_exit(&ring->ring);
  free(ring);
}

int curing_descriptor(const struct curing *ring) { return ring->ring.ring_fd; }

void curing_add_send(struct curing *ring, int socket, const void *bytes, size_t count, uint64_t token) {
  struct io_uring_sqe *entry = io_uring_get_sqe(&ring->ring);
  if (entry == NULL) abort();
  io_uring_prep_send(entry, socket, bytes, count, MSG_DONTWAIT | MSG_NOSIGNAL);
  entry->user_data = token;
}

int curing_submit(struct curing *ring, unsigned count) { return io_uring_submit_and_wait(&ring->ring, count); }

unsigned curing_unsubmitted(const struct curing *ring) { return io_uring_sq_ready(&ring->ring); }

unsigned curing_take(struct curing *ring, struct curing_completion *completions, unsigned count) {
  struct io_uring_cqe *entry;
  unsigned head, taken = 0;
  io_uring_for_each_cqe(&ring->ring, head, entry) {
    if (taken == count) break;
    completions[taken].token = entry->user_data;
    completions[taken].result = entry->res;
    taken++;
  }
  io_uring_cq_advance(&ring->ring, taken);
  return taken;
}
