import CHiredis

/// Why a ``RESPReader`` rejected a connection's bytes. The connection must be closed.
package enum RESPError: Error, Equatable, Sendable, CustomStringConvertible {
  /// One reply, or its buffered part, exceeds the limit, in bytes.
  case tooLarge(limit: Int)
  /// The bytes violate the protocol, or lists are nested deeper than 7; in hiredis's words.
  case malformed(String)

  /// A sentence for a log.
  package var description: String {
    switch self {
    case .tooLarge(let limit): "Redis sent a reply of more than \(limit) bytes"
    case .malformed(let reason): "Redis sent bytes that are not its protocol: \(reason)"
    }
  }
}

/// Turns the bytes of one connection into replies, however they are divided: hiredis's reader, without its sockets.
///
/// Call ``feed(_:)`` with the bytes of a read (64 KiB at a time is a good size: hiredis moves the unread rest of its
/// buffer now and then), then ``next()`` until it returns nil. After an error the reader stays failed.
///
/// Memory: hiredis's buffer and the reply under construction are each kept below one limit. hiredis's own `maxbuf` is
/// not such a limit; it is the size up to which an *empty* buffer is kept for the next read.
@safe
package struct RESPReader: ~Copyable {
  /// The default limit: enough for `ZRANGE … WITHSCORES` of several hundred thousand ids.
  package static let defaultMaximumByteCount = 64 << 20

  private static let keptBufferSize = 1 << 20

  private let reader: UnsafeMutablePointer<redisReader>
  private let assembler: RESPAssembler
  private let maximumByteCount: Int
  private var failure: RESPError?

  /// A reader for a new connection.
  ///
  /// - Parameter maximumByteCount: the limit of the buffer, and of one reply in memory, in bytes (each value counts
  ///   with its content and the 16 to 24 bytes that it takes in a list).
  package init(maximumByteCount: Int = defaultMaximumByteCount) {
    precondition(maximumByteCount > 0)
    guard let reader = unsafe redisReaderCreateWithFunctions(RESPAssembler.functions) else {
      preconditionFailure("out of memory")
    }
    let assembler = RESPAssembler(maximumByteCount: maximumByteCount)
    unsafe reader.pointee.maxbuf = Self.keptBufferSize
    // The reader does not outlive the assembler: `self` owns both.
    unsafe reader.pointee.privdata = Unmanaged.passUnretained(assembler).toOpaque()
    unsafe self.reader = reader
    self.assembler = assembler
    self.maximumByteCount = maximumByteCount
  }

  deinit {
    unsafe redisReaderFree(reader)
  }

  /// Appends received bytes, as a copy.
  package mutating func feed(_ bytes: Span<UInt8>) throws(RESPError) {
    if let failure { throw failure }
    guard bytes.count <= maximumByteCount - (unsafe reader.pointee.len - reader.pointee.pos) else {
      throw fail(.tooLarge(limit: maximumByteCount))
    }
    let status = unsafe bytes.withUnsafeBytes { buffer in
      unsafe redisReaderFeed(reader, buffer.baseAddress?.assumingMemoryBound(to: CChar.self), buffer.count)
    }
    guard status == REDIS_OK else { throw fail(.malformed(message)) }
  }

  /// Appends received bytes from an array, as a copy.
  package mutating func feed(_ bytes: [UInt8]) throws(RESPError) {
    try feed(bytes.span)
  }

  /// The next complete reply; nil until more bytes are fed.
  package mutating func next() throws(RESPError) -> RESPValue? {
    if let failure { throw failure }
    guard unsafe redisReaderGetReply(reader, nil) == REDIS_OK else {
      throw fail(assembler.isTooLarge ? .tooLarge(limit: maximumByteCount) : .malformed(message))
    }
    return assembler.takeReply()
  }

  private var message: String {
    unsafe withUnsafeBytes(of: reader.pointee.errstr) { bytes in
      unsafe String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
    }
  }

  private mutating func fail(_ error: RESPError) -> RESPError {
    failure = error
    return error
  }
}
