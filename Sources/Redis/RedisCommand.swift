import CHiredis

/// Writes commands in wire format: a list of binary-safe strings.
package enum RedisCommand {
  /// One command; the first argument is its name. Several encoded commands may be sent in a row.
  package static func encode(_ arguments: [[UInt8]]) -> [UInt8] {
    precondition(!arguments.isEmpty, "a command has a name")
    let lengths = arguments.map(\.count)
    // One allocation for all arguments, so that one pointer is valid for all of them. One byte more than needed gives
    // even an empty argument an address.
    var content: [CChar] = []
    content.reserveCapacity(lengths.reduce(1, +))
    for argument in arguments { content.append(contentsOf: argument.lazy.map { CChar(bitPattern: $0) }) }
    content.append(0)

    var command: UnsafeMutablePointer<CChar>?
    let count = unsafe content.withUnsafeBufferPointer { content in
      var starts = unsafe [UnsafePointer<CChar>?]()
      unsafe starts.reserveCapacity(lengths.count)
      var offset = 0
      for length in lengths {
        unsafe starts.append(content.baseAddress.map { unsafe $0 + offset })
        offset += length
      }
      return unsafe redisFormatCommandArgv(&command, Int32(lengths.count), &starts, lengths)
    }
    guard let command = unsafe command, count >= 0 else { preconditionFailure("out of memory") }
    defer { unsafe redisFreeCommand(command) }
    return unsafe Array(UnsafeRawBufferPointer(start: command, count: Int(count)))
  }

  /// One command with text arguments.
  package static func encode(_ arguments: [String]) -> [UInt8] {
    encode(arguments.map { Array($0.utf8) })
  }
}
