import Glibc
import Testing

@testable import Reactor

@Suite("A unix socket to listen on")
struct ListeningSocketUnixTests {
  let folder: TemporaryFolder
  let address: SocketAddress

  init() throws {
    folder = try TemporaryFolder()
    address = try folder.address("socket")
  }

  private var exists: Bool { unsafe access(address.host, F_OK) == 0 }

  @Test("Its file exists while it listens, and is removed afterwards")
  func life() throws {
    var socket: ListeningSocket? = try ListeningSocket(on: address)
    #expect(socket?.address == address)
    #expect(exists)
    socket = nil
    #expect(!exists)
  }

  @Test("A file left by a dead process is replaced")
  func stale() throws {
    // Closing without removing the file leaves the same as a killed process.
    let dead = try Socket.make(for: address)
    try #require(unsafe address.withSockaddr { unsafe bind(dead.number, $0, $1) } == 0)
    try #require(listen(dead.number, 1) == 0)
    _ = consume dead
    #expect(exists)
    let socket = try ListeningSocket(on: address)
    let client = try Socket.make(for: address)
    #expect(throws: Never.self) { try Socket.connect(client.number, to: socket.address) }
  }

  @Test("A file with a listener is left alone, and the newcomer refused")
  func live() throws {
    let socket = try ListeningSocket(on: address)
    let error = #expect(throws: ListenError.self) { try ListeningSocket(on: address) }
    #expect(error?.cause == SystemError(call: "bind", code: EADDRINUSE))
    #expect(exists)
    let client = try Socket.make(for: address)
    #expect(throws: Never.self) { try Socket.connect(client.number, to: socket.address) }
  }

  @Test("A file that is no socket is never removed, whatever the setting says")
  func otherFile() throws {
    let file = unsafe open(address.host, O_CREAT | O_WRONLY | O_CLOEXEC, 0o600)
    try #require(file >= 0)
    close(file)
    let error = #expect(throws: ListenError.self) { try ListeningSocket(on: address) }
    #expect(error?.description == "cannot listen on \(address): bind: Address already in use")
    #expect(exists)
  }

  @Test("Its file goes when the first listener closes; a successor's file at the same place is not touched")
  func successor() throws {
    var socket: ListeningSocket? = try ListeningSocket(on: address)
    let listeners = try (0..<2).map { _ in
      try Listener(#require(socket), on: EventLoop(), accepted: { _, _ in }, acceptFailed: { _ in })
    }
    listeners[0].close()
    #expect(!exists)
    let successor = try ListeningSocket(on: address)
    listeners[1].close()
    socket = nil
    #expect(exists)
    withExtendedLifetime(successor) {}
  }

  @Test("A missing folder is named in the error")
  func missingFolder() throws {
    let address = try folder.address("missing/socket")
    let error = #expect(throws: ListenError.self) { try ListeningSocket(on: address) }
    #expect(error?.description == "cannot listen on \(address): bind: No such file or directory")
  }
}
