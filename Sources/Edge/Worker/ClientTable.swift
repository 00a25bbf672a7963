import EdgeCore
import HTTP
import Primitives
import Reactor
import TLS

/// One client's place in the table.
struct Client {
  /// The socket; -1 while the place is free.
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
  /// Counts the clients that had this place, so that a late answer never reaches the wrong one.
  var generation: UInt32 = 0
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

/// All clients of a worker, in places that are used again; the table owns their sockets.
struct ClientTable {
  private(set) var clients: [Client] = []
  private var free: [Int32] = []

  /// How many places are in use.
  var count: Int { clients.count - free.count }

  /// Every place that is in use.
  var slots: [Int32] { clients.indices.filter { clients[$0].descriptor >= 0 }.map(Int32.init) }

  subscript(slot: Int32) -> Client {
    _read { yield clients[Int(slot)] }
    _modify { yield &clients[Int(slot)] }
  }

  /// Reads into the buffer from its beginning.
  func receive(_ slot: Int32, into buffer: inout [UInt8]) -> TransferResult {
    let client = clients[Int(slot)]
    if let tls = client.tls { return tls.receive(into: &buffer) }
    return Socket.receive(client.descriptor, into: &buffer)
  }

  /// Writes what fits of the response that is under way.
  func sendOutbound(of slot: Int32) -> TransferResult {
    let client = clients[Int(slot)]
    if let tls = client.tls { return tls.send(client.outbound, from: client.outboundSent) }
    return client.descriptor.send(client.outbound, from: client.outboundSent)
  }

  /// Takes a socket over.
  mutating func insert(_ descriptor: consuming FileDescriptor, from address: SocketAddress?) -> Int32 {
    let slot: Int32
    if let last = free.popLast() {
      slot = last
    } else {
      slot = Int32(clients.count)
      clients.append(Client())
    }
    clients[Int(slot)].descriptor = descriptor.release()
    clients[Int(slot)].address = address?.networkBytes.flatMap { NetworkAddress(networkOrder: $0) }
    return slot
  }

  /// Frees a place and closes its socket.
  mutating func remove(_ slot: Int32) {
    let descriptor = clients[Int(slot)].descriptor
    clients[Int(slot)].tls?.shutdown()
    clients[Int(slot)] = Client(generation: clients[Int(slot)].generation &+ 1)
    free.append(slot)
    _ = FileDescriptor(owning: descriptor)
  }
}
