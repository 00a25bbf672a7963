import CLinux
import Glibc

/// Resources of the process, and their use.
package enum ProcessResources {
  /// Raises the limit of open descriptors as far as an unprivileged process may.
  ///
  /// - Returns: the limit in force afterwards.
  package static func raiseDescriptorLimit() -> Int {
    var limit = rlimit()
    let resource = __rlimit_resource_t(RLIMIT_NOFILE.rawValue)
    guard unsafe getrlimit(resource, &limit) == 0 else { return 1024 }
    limit.rlim_cur = limit.rlim_max
    _ = unsafe setrlimit(resource, &limit)
    _ = unsafe getrlimit(resource, &limit)
    return Int(clamping: limit.rlim_cur)
  }

  /// The CPU time of all threads of the process.
  package static func processorTime() -> Duration { MonotonicClock.processorTime() }

  /// Whether the machine's clock is kept synchronized (NTP or the like), according to the kernel; nil if it does not
  /// say.
  package static func clockIsSynchronized() -> Bool? {
    let answer = clinux_clock_is_synchronized()
    return answer == -1 ? nil : answer == 1
  }

  /// The number of open descriptors in this thread's table, which is the process's unless the thread has its own; nil
  /// if the kernel does not say (before Linux 6.2): counting them one by one is slow where there are many.
  package static func openDescriptorCount() -> Int? {
    var status = stat()
    guard unsafe stat("/proc/thread-self/fd", &status) == 0, status.st_size > 0 else { return nil }
    return Int(status.st_size)
  }

  /// Returns free memory within the heap to the system. It takes milliseconds where there is much.
  package static func trimHeap() { clinux_trim_heap() }

  /// The resident memory of the process, in bytes; 0 if the kernel does not say.
  package static func residentBytes() -> UInt64 {
    let descriptor = unsafe open("/proc/self/statm", O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else { return 0 }
    let file = FileDescriptor(owning: descriptor)
    var text = [UInt8](repeating: 0, count: 128)
    let count = unsafe read(file.number, &text, text.count)
    let fields = text.prefix(max(0, count)).split(separator: UInt8(ascii: " "))
    guard fields.count > 1, let pages = UInt64(String(decoding: fields[1], as: UTF8.self)) else { return 0 }
    return pages * UInt64(sysconf(Int32(_SC_PAGESIZE)))
  }
}
