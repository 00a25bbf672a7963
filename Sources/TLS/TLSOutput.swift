/// What writes the bytes of a TLS connection: OpenSSL's half of a session, or a session that was handed over.
package protocol TLSOutput: AnyObject {
  /// Writes at most one record of an array's bytes from an index on. After a result that waits, the same bytes must
  /// come first.
  func write(_ bytes: [UInt8], from start: Int) -> TLSWriteHalf.WriteResult
}

extension TLSWriteHalf: TLSOutput {}
extension RecordSession: TLSOutput {}
