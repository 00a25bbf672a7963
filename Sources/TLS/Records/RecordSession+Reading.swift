import Glibc

extension RecordSession {
  /// Reads the data of at most one record.
  ///
  /// - Parameter buffer: not empty. Bytes beyond the returned count may have been overwritten.
  package func read(into buffer: UnsafeMutableRawBufferPointer) -> TLSSession.ReadResult {
    if let failure { return .failed(failure) }
    if isPeerClosed { return .closed }
    if wasUsed {
      wasUsed = false
      opener.connectionWasUsed()
    }
    defer { ciphers.forgetKeys() }
    while true {
      while let event = unsafe opener.next(into: buffer, with: ciphers) {
        if let result = handle(event) { return result }
      }
      let count = unsafe SessionSocket.receive(into: buffer, from: descriptor)
      switch count {
      case 0: return .failed(fail(.cutOff))
      case 1...: unsafe opener.received(UnsafeRawBufferPointer(rebasing: buffer[..<count]))
      default:
        let number = errno
        return number == EAGAIN ? .wantsRead : .failed(fail(.system(number)))
      }
    }
  }

  /// Reads the data of at most one record into the beginning of an array.
  ///
  /// - Parameter buffer: not empty. Its bytes beyond the count of the answer may have been overwritten.
  package func read(into buffer: inout [UInt8]) -> TLSSession.ReadResult {
    unsafe buffer.withUnsafeMutableBytes { unsafe read(into: $0) }
  }

  /// - Returns: nil if there is nothing to report.
  private func handle(_ event: RecordOpener.Event) -> TLSSession.ReadResult? {
    switch event {
    case .data(let count): return .bytes(count)
    case .keyUpdate(let isAnswerRequested):
      if isAnswerRequested { keyUpdateRequested() }
      return failure.map { .failed($0) }
    case .closeNotify:
      isPeerClosed = true
      return .closed
    case .alert(let number): return .failed(fail(.peerAlert(number)))
    case .violation(let alert): return .failed(fail(.violation(alert), telling: alert))
    }
  }
}

extension TLSFailure {
  fileprivate static let cutOff = TLSFailure(
    .reset, "the peer closed the connection without a close_notify alert")

  fileprivate static func peerAlert(_ number: UInt8) -> TLSFailure {
    TLSFailure(.peerAlert, "the peer refused us: \(TLSAlert.name(of: number)) (TLS alert \(number))")
  }

  fileprivate static func violation(_ alert: TLSAlert) -> TLSFailure {
    TLSFailure(.notTLS, "what the peer sent is not TLS: \(TLSAlert.name(of: alert.rawValue))")
  }
}
