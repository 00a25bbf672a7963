import COpenSSL

/// The errors that OpenSSL noted on this thread, the first cause first.
///
/// OpenSSL keeps them in a queue per thread and judges a call by what is in it. So it is cleared before each
/// call, and drained after each that failed: one session's errors never spoil another's.
struct ErrorQueue {
  /// One noted error.
  struct Entry {
    /// The part of OpenSSL that noted it: `ERR_LIB_SSL` and so on.
    let library: Int32

    /// The cause, in that part's numbers: `SSL_R_…`, `PEM_R_…` and so on.
    let reason: Int32

    /// The cause in OpenSSL's words.
    let text: String
  }

  /// What was in the queue.
  let entries: [Entry]

  /// Takes everything out of this thread's queue.
  static func drained() -> ErrorQueue {
    var entries: [Entry] = []
    while case let code = ERR_get_error(), code != 0 {
      let text = unsafe ERR_reason_error_string(code).map { unsafe String(cString: $0) }
      entries.append(
        Entry(
          library: ERR_GET_LIB(code), reason: ERR_GET_REASON(code), text: text ?? "OpenSSL error \(code)"))
    }
    return ErrorQueue(entries: entries)
  }

  /// Forgets what an earlier call left behind.
  static func clear() { ERR_clear_error() }

  /// The first cause in OpenSSL's words.
  var text: String { entries.first?.text ?? "OpenSSL gave no reason" }

  /// True if that part of OpenSSL noted that cause.
  func contains(library: Int32, reason: Int32) -> Bool {
    entries.contains { $0.library == library && $0.reason == reason }
  }
}
