/// One of many clients that begin a handshake at once, and ask for nothing after it.
final class Stranger {
  private let end: End<[UInt8]>
  private var handshake: ClientHandshake
  private let staysOn: Bool

  init(_ name: String, at edge: String, network: Network, directory edges: any NodeDirectory) {
    let world = network.world
    handshake = ClientHandshake(world.pick(ClientHandshake.Fate.allCases) ?? .completes, in: world)
    staysOn = world.chance(30)
    end = network.dial(from: name, to: edge, window: 8_192) { [weak edges] in
      edges?.acceptor(of: edge, secure: true)
    }
    // Its connection keeps it alive.
    end.onOpen = { self.advance() }
    end.onReceive = { _ in self.advance() }
  }

  private func advance() {
    switch handshake.next() {
    case .send(let flight): end.send([flight])
    case .complete(let flight):
      end.send([flight])
      if !staysOn { end.finish() }
    case .stall: break
    case .vanish:
      end.sever(tellingUs: nil, tellingThem: nil)
      end.close()
    case .fail: end.send([0])
    }
  }
}
