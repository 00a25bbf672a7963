// The thread sanitizer sees how a `Mutex` of Swift 6.3 is taken when it is free, because that is compiled into our code. When
// it is not, the Swift library waits for it, which the sanitizer does not see: it reports a race for whatever the lock
// protects. So `Scripts/sanitize.sh` preloads this in place of the library's function. It waits too, and says so.

#include <sched.h>
#include <stdatomic.h>

// In programs with the sanitizer; absent in others, which inherit the preloaded library.
extern void __tsan_acquire(void *address) __attribute__((weak));

// Synchronization._MutexHandle._lockSlow(UInt32): the number of the thread, and the address of the word that holds the owner's.
__attribute__((swiftcall)) void lock_slow(unsigned thread, __attribute__((swift_context)) _Atomic unsigned *owner)
    __asm__("$s15Synchronization12_MutexHandleV9_lockSlowyys6UInt32VF");

__attribute__((swiftcall)) void lock_slow(unsigned thread, __attribute__((swift_context)) _Atomic unsigned *owner) {
  unsigned free = 0;
  while (!atomic_compare_exchange_weak(owner, &free, thread)) {
    free = 0;
    sched_yield();
  }
  if (__tsan_acquire) __tsan_acquire(owner);
}
