import EdgeCore
import HTTP
import Primitives
import Reactor
import TLS

/// One client of a worker.
struct Client {
  /// The socket; -1 for none.
  var descriptor: Int32 = -1
  var registration: EventLoop.Registration?
  /// The session, for a client within TLS.
  var tls: TLSSession?
  /// Whether it came for the edge's state.
  var isForStatus = false
  /// Whether its handshake waits for its turn.
  var awaitsHandshake = false
  /// Whether it has been answered once, and holds the memory of a handshake.
  var isShakingHands = false
  var session = ClientSession()
  /// What it subscribed to.
  var stream: StreamKind?
  /// How the body of its stream is framed.
  var framing = BodyFraming.untilClose
  /// The head of its stream, while what follows it is found out; empty if it has that already.
  var awaitedOpening: [UInt8]?
  /// A response that its socket has not taken whole yet.
  var outbound: [UInt8] = []
  var outboundSent = 0
  /// What came behind a request whose answer is still being written; at most one read.
  var unread: [UInt8] = []
  /// Whether the answer to its last request is still being made.
  var awaits: PendingPage?
  /// Bumped whenever a deadline is set or over: a deadline of an earlier phase does nothing.
  var deadlineNumber: UInt32 = 0
  /// Who is at the other end, or who a PROXY header says it is; nil on a unix socket.
  var address: NetworkAddress?
  /// The PROXY header that is awaited; nil where none is, or it has come.
  var proxyHeader: ProxyHeaderParser?
  /// The TLS that begins behind it.
  var context: TLSContext?
  /// What it calls itself.
  var key: ClientKey?
  /// Under whose address it is counted while it streams.
  var countedAddress: NetworkAddress?
  /// What the edge tells of it on request, once it streams.
  var status: ConnectionStatus?
}

/// An answer that is being put together from all workers.
struct PendingPage {
  enum Content {
    case page(Page)
    /// How many streams were closed.
    case cleanup
  }

  let content: Content
  let form: ResponseForm
}

/// All clients of a worker; the table owns their sockets.
struct ClientTable {
  private var clients = SlotMap<ClientSession, Client>(vacant: Client())

  /// How many clients there are.
  var count: Int { clients.count }

  /// All clients.
  var ids: [ClientID] { clients.ids }

  /// Whether a client is still here.
  func contains(_ id: ClientID) -> Bool { clients.contains(id) }

  /// The client in a slot; nil if there is none.
  func id(at slot: Int32) -> ClientID? { clients.id(at: slot) }

  subscript(slot: Int32) -> Client {
    _read { yield clients[slot] }
    _modify { yield &clients[slot] }
  }

  /// Reads into the buffer from its beginning.
  func receive(_ slot: Int32, into buffer: inout [UInt8]) -> TransferResult {
    let client = clients[slot]
    if let tls = client.tls { return tls.receive(into: &buffer) }
    return unsafe buffer.withUnsafeMutableBytes { unsafe Socket.receive(client.descriptor, into: $0) }
  }

  /// Writes what fits of the response that is under way.
  func sendOutbound(of slot: Int32) -> TransferResult {
    let client = clients[slot]
    if let tls = client.tls { return tls.send(client.outbound, from: client.outboundSent) }
    return client.descriptor.send(client.outbound, from: client.outboundSent)
  }

  /// Takes a socket over.
  mutating func insert(_ descriptor: consuming FileDescriptor, from address: SocketAddress?) -> Int32 {
    var client = Client()
    client.descriptor = descriptor.release()
    client.address = address?.networkBytes.flatMap { NetworkAddress(networkOrder: $0) }
    return clients.insert(client).slot
  }

  /// Frees a slot and closes its socket.
  mutating func remove(_ slot: Int32) {
    guard let id = clients.id(at: slot), let client = clients.remove(id) else { return }
    client.tls?.shutdown()
    _ = FileDescriptor(owning: client.descriptor)
  }
}
