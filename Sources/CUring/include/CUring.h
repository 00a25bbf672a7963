// A ring of io_uring(7) for sends, by liburing. Only the target Uring imports this. It is C, and not a map of liburing's header,
// because that brings its own copy of the kernel's <linux/io_uring.h>: another package's module has the system's, and a
// program that imports both does not compile.
#ifndef CURING_H
#define CURING_H

#include <stddef.h>
#include <stdint.h>

struct curing;

// One send that has ended: its token, and how many bytes were sent, or an errno, negated.
struct curing_completion {
  uint64_t token;
  int32_t result;
};

// A ring for up to count sends at once, of the thread that calls this. Returns 0, or an errno, negated.
int curing_open(unsigned count, struct curing **ring);
void curing_close(struct curing *ring);
int curing_descriptor(const struct curing *ring);

// Adds a send that does not wait. The ring must have room, and the bytes must stay until it has ended.
void curing_add_send(struct curing *ring, int socket, const void *bytes, size_t count, uint64_t token);
// Hands the sends over that were added, and waits until count of them have ended. Returns an errno, negated, or else 0 or more.
int curing_submit(struct curing *ring, unsigned count);
// How many sends the kernel has not taken over.
unsigned curing_unsubmitted(const struct curing *ring);
// Takes up to count of the sends that have ended, and returns how many.
unsigned curing_take(struct curing *ring, struct curing_completion *completions, unsigned count);

#endif
