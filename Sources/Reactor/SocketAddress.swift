import Glibc

/// A numeric address that a socket binds to, connects to or was accepted from.
package struct SocketAddress: Hashable, Sendable, CustomStringConvertible {
  /// The kinds of socket that the project uses.
  package enum Family: Sendable {
    case ipv4, ipv6, unix
  }

  /// The `sockaddr` as the kernel reads it.
  private(set) var storage: [UInt8]

  /// The kind of socket that it belongs to.
  package let family: Family

  /// Takes the bytes that a system call wrote; nil for an unsupported family.
  init?(storage: [UInt8]) {
    guard storage.count >= 2 else { return nil }
    switch Int32(storage[0]) | Int32(storage[1]) << 8 {
    case AF_INET where storage.count >= MemoryLayout<sockaddr_in>.size: family = .ipv4
    case AF_INET6 where storage.count >= MemoryLayout<sockaddr_in6>.size: family = .ipv6
    case AF_UNIX: family = .unix
    default: return nil
    }
    self.storage = storage
  }

  /// The address of a unix socket; nil if the path is empty or longer than the 107 bytes of `sun_path`.
  package init?(unixPath path: String) {
    let bytes = Array(path.utf8)
    guard (1..<MemoryLayout<sockaddr_un>.size - 2).contains(bytes.count), !bytes.contains(0) else {
      return nil
    }
    storage = [UInt8(AF_UNIX), 0] + bytes + [0]
    family = .unix
  }

  /// The address of a unix socket that has a name instead of a file (`unix(7)`, abstract); nil if the name is empty or
  /// longer than 107 bytes.
  package init?(abstractName name: String) {
    let bytes = Array(name.utf8)
    guard (1..<MemoryLayout<sockaddr_un>.size - 2).contains(bytes.count) else { return nil }
    storage = [UInt8(AF_UNIX), 0, 0] + bytes
    family = .unix
  }

  /// A numeric IPv4 or IPv6 address with a port; nil if the text is a name. Never looks a name up.
  package init?(numericHost host: String, port: UInt16) {
    guard let address = try? SocketAddress.resolve(host: host, port: port, flags: AI_NUMERICHOST).first else {
      return nil
    }
    self = address
  }

  /// All addresses of a host, by `getaddrinfo`, in its order (RFC 6724). Blocks: only a ``Resolver`` calls it
  /// with a name.
  static func resolve(host: String, port: UInt16, flags: Int32) throws(ResolutionError) -> [SocketAddress] {
    var hints = unsafe addrinfo()
    unsafe hints.ai_socktype = Int32(SOCK_STREAM.rawValue)
    unsafe hints.ai_flags = flags | AI_NUMERICSERV
    var list: UnsafeMutablePointer<addrinfo>?
    let code = unsafe getaddrinfo(host, String(port), &hints, &list)
    guard code == 0 else {
      throw ResolutionError(host: host, reason: unsafe String(cString: gai_strerror(code)))
    }
    defer { unsafe freeaddrinfo(list) }
    var addresses: [SocketAddress] = []
    var next = unsafe list
    while let entry = unsafe next {
      let size = Int(unsafe entry.pointee.ai_addrlen)
      let bytes = unsafe Array(UnsafeRawBufferPointer(start: entry.pointee.ai_addr, count: size))
      if let address = SocketAddress(storage: bytes), !addresses.contains(address) {
        addresses.append(address)
      }
      unsafe next = entry.pointee.ai_next
    }
    guard !addresses.isEmpty else { throw ResolutionError(host: host, reason: "no address that can be used") }
    return addresses
  }

  /// The same host with another port; a unix socket unchanged.
  func with(port: UInt16) -> SocketAddress {
    var address = self
    if family != .unix {
      address.storage.replaceSubrange(2..<4, with: [UInt8(port >> 8), UInt8(port & 0xff)])
    }
    return address
  }

  /// The 4 bytes of an IPv4 address or the 16 of an IPv6 address, the most significant first; nil for a unix socket.
  package var networkBytes: ArraySlice<UInt8>? {
    switch family {
    case .ipv4: storage[4..<8]
    case .ipv6: storage[8..<24]
    case .unix: nil
    }
  }

  /// The port; 0 for a unix socket.
  package var port: UInt16 {
    family == .unix ? 0 : UInt16(storage[2]) << 8 | UInt16(storage[3])
  }

  /// The numeric host without the port, or the path of a unix socket (`unix` if it has none).
  package var host: String {
    switch family {
    case .unix:
      let path = storage[2...].prefix { $0 != 0 }
      return path.isEmpty ? "unix" : String(decoding: path, as: UTF8.self)
    case .ipv4:
      return storage[4..<8].map(String.init).joined(separator: ".")
    case .ipv6:
      var text = [CChar](repeating: 0, count: Int(NI_MAXHOST))
      let code = unsafe withSockaddr { address, size in
        unsafe getnameinfo(address, size, &text, socklen_t(text.count), nil, 0, NI_NUMERICHOST)
      }
      let host = String(decoding: text.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
      // An IPv4 client of a dual-stack listener is shown as IPv4.
      return code == 0
        ? (host.hasPrefix("::ffff:") && host.contains(".") ? String(host.dropFirst(7)) : host) : "?"
    }
  }

  /// `127.0.0.1:8001`, `[::1]:8001` or `unix:/path`.
  package var description: String {
    switch family {
    case .ipv4: "\(host):\(port)"
    case .ipv6: host.contains(":") ? "[\(host)]:\(port)" : "\(host):\(port)"
    case .unix: "unix:\(host)"
    }
  }

  func withSockaddr<Result>(_ body: (UnsafePointer<sockaddr>, socklen_t) -> Result) -> Result {
    unsafe storage.withUnsafeBytes { bytes in
      guard let base = bytes.baseAddress else { preconditionFailure("a socket address without bytes") }
      return unsafe body(base.assumingMemoryBound(to: sockaddr.self), socklen_t(bytes.count))
    }
  }
}

/// A name that could not be resolved.
package struct ResolutionError: Error, Equatable, Sendable, CustomStringConvertible {
  /// The host that was looked up.
  package let host: String
  /// The resolver's reason.
  package let reason: String
  /// True if there was no answer within the limit.
  package let isOverdue: Bool

  init(host: String, reason: String, isOverdue: Bool = false) {
    self.host = host
    self.reason = reason
    self.isOverdue = isOverdue
  }

  /// `relay.example: Name or service not known`.
  package var description: String { "\(host): \(reason)" }
}
