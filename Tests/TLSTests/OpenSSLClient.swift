import Foundation
import TLS
import Testing

/// A connection of OpenSSL's own client (`openssl s_client`) to a context, over a unix socket.
struct OpenSSLClient {
  /// The result of the server's handshake.
  let result: TLSSession.HandshakeResult

  /// The server's session.
  let session: TLSSession

  let output: String

  /// Connects the client, and ends once it has its response: a byte after the handshake, or the answer to its input.
  ///
  /// - Parameters:
  ///   - arguments: for the client, in addition to the address and the authority.
  ///   - input: the client's standard input once it is connected.
  init(visiting context: TLSContext, _ arguments: [String], typing input: String? = nil) throws {
    let certificates = try CertificateFolder.shared()
    let path = certificates.root.appending(path: "socket-\(UInt32.random(in: 0 ... .max))").path
    let listener = try Self.listen(at: path)
    defer { close(listener) }

    let client = Process()
    let keyboard = Pipe()
    let screen = Pipe()
    client.executableURL = URL(filePath: "/usr/bin/env")
    client.arguments =
      [
        "openssl", "s_client", "-unix", path, "-CAfile", certificates.publicAuthorities,
        "-verify_return_error",
      ]
      + (input == nil ? ["-ign_eof"] : []) + arguments
    client.standardInput = keyboard
    client.standardOutput = screen
    client.standardError = screen
    try client.run()
    defer { client.waitUntilExit() }
    if let input { keyboard.fileHandleForWriting.write(Data(input.utf8)) }

    try Self.wait(for: listener)
    let descriptor = accept(listener, nil, nil)
    try #require(descriptor >= 0)
    defer { close(descriptor) }
    _ = fcntl(descriptor, F_SETFL, O_NONBLOCK)
    session = try TLSSession(accepting: descriptor, context: context)
    result = try Self.serve(session, at: descriptor, untilClientLeaves: input != nil)
    session.output.shutdown()
    shutdown(descriptor, Int32(SHUT_WR))
    output = String(decoding: screen.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
  }

  private static func listen(at path: String) throws -> Int32 {
    let listener = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
    var address = sockaddr_un()
    address.sun_family = sa_family_t(AF_UNIX)
    try #require(path.utf8.count < MemoryLayout.size(ofValue: address.sun_path))
    unsafe withUnsafeMutableBytes(of: &address.sun_path) { unsafe $0.copyBytes(from: path.utf8) }
    let size = socklen_t(MemoryLayout<sockaddr_un>.size)
    let isBound = unsafe withUnsafePointer(to: &address) { pointer in
      unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        unsafe bind(listener, $0, size) == 0
      }
    }
    try #require(isBound && Glibc.listen(listener, 1) == 0)
    return listener
  }

  private static func serve(
    _ session: TLSSession, at descriptor: Int32, untilClientLeaves: Bool
  ) throws -> TLSSession.HandshakeResult {
    while true {
      switch session.handshake() {
      case .wantsRead, .wantsWrite: try wait(for: descriptor)
      case .failed(let failure): return .failed(failure)
      case .complete:
        if untilClientLeaves {
          while session.receive().result == .wantsRead { try wait(for: descriptor) }
        } else {
          try #require(session.send([UInt8(ascii: "!")]) == .wrote(1))
        }
        return .complete
      }
    }
  }

  /// Waits until the descriptor is readable; ten seconds count as a hang.
  private static func wait(for descriptor: Int32) throws {
    var request = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
    try #require(unsafe poll(&request, 1, 10_000) == 1)
  }
}
