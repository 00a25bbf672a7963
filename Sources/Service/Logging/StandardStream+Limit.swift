import Reactor

extension StandardStream {
  /// Writes a text, but waits no longer than the limit until the stream takes it.
  static func write(_ text: String, to descriptor: Int32, within limit: Duration) {
    let writer = LogWriter(to: descriptor) { _ in "" }
    writer.append(text)
    writer.flush(within: limit)
  }
}
