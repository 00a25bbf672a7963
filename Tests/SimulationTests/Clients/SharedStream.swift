/// A client's side of a stream of HTTP/2.
final class SharedStream: ClientStream {
  let id: UInt32
  private unowned let connection: SharedConnection
  /// How many bytes the server may send.
  private var granted: Int
  /// How many bytes were read, and not granted again.
  private var consumed = 0
  private(set) var isOpen = false
  private(set) var isClosed = false
  /// Called with content, once with none as the response begins.
  var onReceive: (([UInt8]) -> Void)?
  /// Called once, if the client has not left by itself.
  var onClose: ((SharedConnection.StreamEnd) -> Void)?

  init(_ id: UInt32, of connection: SharedConnection, window: Int) {
    self.id = id
    self.connection = connection
    granted = window
  }

  var number: Int { auditNumber(connection.end.number, stream: id) }

  /// A client that does not read grants no window.
  var isReading = true {
    didSet { if isReading { grant() } }
  }

  func began() { isOpen = true }

  /// Takes content; false if it is more than was granted.
  func received(_ bytes: [UInt8]) -> Bool {
    granted -= bytes.count
    consumed += bytes.count
    guard granted >= 0 else { return false }
    onReceive?(bytes)
    if isReading, consumed > granted { grant() }
    return true
  }

  private func grant() {
    guard consumed > 0, !isClosed else { return }
    connection.grant(consumed, on: id)
    granted += consumed
    consumed = 0
  }

  func ended(_ end: SharedConnection.StreamEnd) {
    guard !isClosed else { return }
    isClosed = true
    let handler = onClose
    forget()
    handler?(end)
  }

  func close() {
    guard !isClosed else { return }
    isClosed = true
    forget()
    connection.cancel(id)
  }

  private func forget() {
    onReceive = nil
    onClose = nil
  }
}
