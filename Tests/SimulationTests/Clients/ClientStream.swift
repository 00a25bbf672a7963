/// A client's stream: a connection of HTTP/1, or a part of one of HTTP/2.
protocol ClientStream: AnyObject {
  /// Its number in the audit, the same at both ends.
  var number: Int { get }
  /// Whether the client reads what arrives.
  var isReading: Bool { get set }
  var isOpen: Bool { get }
  var isClosed: Bool { get }
  /// The client leaves.
  func close()
}

extension End<[UInt8]>: ClientStream {}

/// The number of a stream of a connection in the audit; stream 0 is a connection of HTTP/1 as a whole.
func auditNumber(_ connection: Int, stream: UInt32) -> Int { connection | Int(stream) << 32 }
