import Primitives

/// One end of a connection: sent data arrives at the other end, in order, after a while.
///
/// At most a window is in transit at a time; the rest is the backlog. A connection ends like one of TCP: by a close
/// that arrives after the data, by a reset, or silently, so that a side notices only by a timeout.
final class End<Item: Cargo> {
  private enum Parcel {
    case cargo(Item)
    case end
  }

  /// The reason of ``onClose`` when the other side closed the connection.
  static var peerClosed: String { "closed by the peer" }

  let node: String
  let peer: String
  /// The connection's number, the same at both ends.
  let number: Int
  private unowned let network: Network
  private let window: Int
  /// The other end. Retained, because data in transit arrives even if the sender is gone; see ``Network/dissolve()``.
  var other: End<Item>?
  var onOpen: (() -> Void)?
  var onReceive: ((Item) -> Void)?
  var onProgress: (() -> Void)?
  var onClose: ((String) -> Void)?

  var isOpen = false
  private(set) var isClosed = false
  /// Nothing sent from here arrives, and neither side is notified.
  private(set) var isSevered = false
  private var isFinishing = false
  private var waiting: [Item] = []
  private var transit = RingBuffer<(parcel: Parcel, at: Instant)>()
  private var transitSize = 0
  private var isDelivering = false

  /// Whether this side reads arriving data. Data beyond the window then stays with the sender.
  var isReading = true {
    didSet { if isReading, !oldValue { other?.schedule() } }
  }

  init(node: String, peer: String, number: Int, window: Int, network: Network) {
    self.number = number
    self.node = node
    self.peer = peer
    self.window = window
    self.network = network
  }

  /// How much waits to be sent.
  var backlog: Int { waiting.reduce(0) { $0 + $1.size } }
  /// How much could be sent at once.
  var room: Int { max(0, window - transitSize) }

  // MARK: Sending

  /// Sends all data, as soon as there is room.
  func send(_ item: Item) {
    guard !isClosed, !isFinishing else { return }
    waiting.append(item)
    pump()
  }

  private func pump() {
    while let first = waiting.first, room > 0 {
      var rest = first
      // Divided anywhere: decoders must not rely on it.
      let limit =
        network.world.chance(5)
        ? Int.random(in: 1...max(1, min(room, 40)), using: &network.world.random) : room
      let piece = rest.takeFirst(limit)
      if piece.size < first.size { waiting[0] = rest } else { waiting.removeFirst() }
      dispatch(.cargo(piece), size: piece.size)
    }
    if isFinishing && waiting.isEmpty { shut() }
  }

  private func dispatch(_ parcel: Parcel, size: Int) {
    guard !isSevered else { return }
    let last = transit.last?.at ?? network.world.now
    transit.append((parcel, max(last, network.world.now.advanced(by: network.delay()))))
    transitSize += size
    schedule()
  }

  // MARK: Arriving

  private func schedule() {
    guard !isDelivering, let first = transit.first else { return }
    isDelivering = true
    network.world.scheduler.at(first.at) { [self] in
      isDelivering = false
      deliver()
    }
  }

  private func deliver() {
    guard let first = transit.first, !isSevered else { return }
    if let cutEnd = network.cutEnd(from: node, to: peer) {
      isDelivering = true
      return network.world.scheduler.at(cutEnd.advanced(by: network.delay())) { [self] in
        isDelivering = false
        deliver()
      }
    }
    guard let other, !other.isClosed else { return reset() }
    switch first.parcel {
    case .cargo(let item):
      guard other.isReading else { return }
      transit.popFirst()
      transitSize -= item.size
      other.onReceive?(item)
      if !isClosed {
        pump()
        onProgress?()
      }
      schedule()
    case .end:
      transit.popFirst()
      other.lose(because: Self.peerClosed)
    }
  }

  /// Data arrived at an end without a process.
  private func reset() {
    transit.removeAll()
    transitSize = 0
    network.world.scheduler.after(network.delay()) { [weak self] in self?.lose(because: "reset by the peer") }
  }

  // MARK: Ending

  func opened() {
    guard !isClosed else { return }
    isOpen = true
    onOpen?()
  }

  /// Ends this side; the other one learns of it after all data in transit.
  func close() {
    guard !isClosed else { return }
    waiting = []
    shut()
  }

  /// Ends this side once the backlog is sent.
  func finish() {
    guard !isClosed, !isFinishing else { return }
    isFinishing = true
    onReceive = nil
    onClose = nil
    onProgress = nil
    if waiting.isEmpty { return shut() }
    network.world.scheduler.after(.seconds(2)) { [self] in close() }
  }

  private func shut() {
    guard !isClosed else { return }
    isClosed = true
    dispatch(.end, size: 0)
    dropHandlers()
  }

  /// This side learns that the connection is lost.
  func lose(because reason: String) {
    guard !isClosed else { return }
    isClosed = true
    waiting = []
    transit.removeAll()
    transitSize = 0
    let handler = onClose
    dropHandlers()
    handler?(reason)
  }

  /// The process at this end is gone, and the connection with it.
  func vanish() {
    guard !isClosed else { return }
    isClosed = true
    waiting = []
    // The reset may overtake some of the sent data.
    if network.world.chance(50) {
      transit.removeAll()
      transitSize = 0
    }
    dispatch(.end, size: 0)
    dropHandlers()
  }

  /// The connection is cut for good. Each side learns of it after a given time, or never.
  func sever(tellingUs ours: Duration?, tellingThem theirs: Duration?) {
    for (end, delay) in [(self, ours), (other, theirs)] {
      guard let end, !end.isClosed else { continue }
      end.isSevered = true
      end.transit.removeAll()
      guard let delay else { continue }
      network.world.scheduler.after(delay) { [weak end] in end?.lose(because: "the line is broken") }
    }
  }

  private func dropHandlers() {
    onOpen = nil
    onReceive = nil
    onProgress = nil
    onClose = nil
  }
}

extension End where Item == [UInt8] {
  /// Sends as much as fits now, as a socket does.
  ///
  /// - Returns: how many bytes were accepted.
  func offer(_ bytes: [UInt8], from start: Int) -> Int {
    let count = min(room, bytes.count - start)
    guard count > 0, !isClosed else { return 0 }
    dispatch(.cargo(Array(bytes[start..<start + count])), size: count)
    return count
  }
}
