import Primitives
import Reactor

/// Closes a socket so that the last bytes sent still arrive.
///
/// Closing a socket while received bytes are unread makes the kernel send a reset, which overtakes the bytes sent
/// before: for example the TLS alert with the reason for a refused peer. So this side is shut down first, and
/// received bytes are dropped until the peer shuts down its side, or a second has passed.
final class LingeringClose: ReadinessHandler {
  private static let limit = Duration.seconds(1)

  private let network: Network
  private var descriptor: FileDescriptor?
  private var registration: EventLoop.Registration?

  private init(_ descriptor: consuming FileDescriptor, on network: Network) {
    self.network = network
    self.descriptor = consume descriptor
  }

  static func close(_ descriptor: consuming FileDescriptor, on network: Network) {
    let number = descriptor.number
    Socket.shutdownWriting(number)
    let closing = LingeringClose(descriptor, on: network)
    closing.registration = try? network.loop.register(number, for: .readable, handler: closing)
    // The timer holds the object, and with it the socket.
    network.loop.schedule(at: network.loop.now.advanced(by: limit)) { closing.finish() }
  }

  func descriptorReady(_ readiness: Readiness, token: Int) {
    guard let number = descriptor?.number else { return }
    for _ in 0..<4 {
      switch unsafe network.readBuffer.withUnsafeMutableBytes({ unsafe Socket.receive(number, into: $0) }) {
      case .moved: continue
      case .wouldBlock: return
      case .ended, .failed: return finish()
      }
    }
  }

  private func finish() {
    if let registration, let number = descriptor?.number {
      network.loop.deregister(registration, of: number)
    }
    registration = nil
    descriptor = nil
  }
}
