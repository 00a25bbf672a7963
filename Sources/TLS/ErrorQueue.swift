import COpenSSL

/// The errors that OpenSSL recorded on this thread, the first cause first.
///
/// OpenSSL keeps a queue per thread and judges a call by its content. So the queue is cleared before each call, and
/// drained after each failed one: errors of one session never affect another.
struct ErrorQueue {
  /// A recorded error.
  struct Entry {
    /// The part of OpenSSL that recorded it: `ERR_LIB_SSL` and so on.
    let library: Int32

    /// The cause, in the numbers of that part: `SSL_R_…`, `PEM_R_…` and so on.
    let reason: Int32

    /// The cause in OpenSSL's words.
    let text: String
  }

  /// The content of the queue.
  let entries: [Entry]

  /// Takes all errors out of this thread's queue.
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

  /// Discards errors of earlier calls.
  static func clear() { ERR_clear_error() }

  /// The first cause in OpenSSL's words.
  var text: String { entries.first?.text ?? "OpenSSL gave no reason" }

  /// True if this part of OpenSSL recorded this cause.
  func contains(library: Int32, reason: Int32) -> Bool {
    entries.contains { $0.library == library && $0.reason == reason }
  }
}
