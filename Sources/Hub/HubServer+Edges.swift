import HubCore
import Logging
import Primitives
import Reactor
import Service
import TLS
import Transport
import Wire

// Who the events go to.
extension HubServer: EdgeLinkDelegate {
  func edgeAccepted(_ descriptor: consuming FileDescriptor, from address: SocketAddress?) {
    // Those that have not said who they are count too: a flood of them must not take all descriptors.
    guard links.count < settings.edgesMaximum * 2 else { return }
    lastLinkNumber += 1
    links[lastLinkNumber] = EdgeLinkDriver(
      number: lastLinkNumber, terms: terms, accepted: descriptor, from: address, on: network,
      security: .tlsServer(linkFiles.value), delegate: self)
  }

  func edgeLink(_ link: EdgeLinkDriver, greetedBy hello: Hello, welcome: Welcome) {
    switch registry.linkEstablished(link.number, by: hello, from: link.address, now: loop.now) {
    case .refused: return link.displace(.tooManyEdges)
    case .replaced(let number): links[number]?.displace(.replaced)
    case .admitted: break
    }
    if hello.lastLineage == stream.table.lineage, hello.lastPosition > stream.table.position {
      logger.warning(
        "an edge was told more than Redis holds: Redis was set back, or its feeder sends two commands; the edge finds out",
        metadata: [
          "edge": "\(hello.node)", "told": "\(hello.lastPosition)", "held": "\(stream.table.position)",
        ])
    }
    counters.linkWelcomed()
    link.send(.welcome(welcome))
    publishSnapshot(to: [link])
    link.send(.feed(stream.feedStatus))
    logger.info(
      "an edge has joined",
      metadata: [
        "edge": "\(hello.node)", "address": "\(link.address)", "version": "\(hello.softwareVersion)",
      ])
  }

  func edgeLink(_ link: EdgeLinkDriver, changed interest: Interest) {
    do throws(InterestError) {
      try self.interest.apply(interest, of: link.number)
    } catch {
      link.refuseInterest(error)
    }
  }

  func edgeLink(_ link: EdgeLinkDriver, reported report: Report) {
    guard let node = link.node else { return }
    registry.reportReceived(
      report, of: node, by: link.number, at: stream.table.flushedPosition, now: loop.now)
  }

  func edgeLinkNeedsSnapshot(_ link: EdgeLinkDriver) {
    publishSnapshot(to: [link])
  }

  func edgeLink(_ link: EdgeLinkDriver, _ machine: EdgeLink, ended reason: EdgeLinkEnd, detail: String) {
    links[link.number] = nil
    giveUpOrders(of: link.number)
    interest.remove(link.number)
    counters.linkEnded(machine, reason)
    var metadata: Logger.Metadata = ["address": "\(link.address)", "reason": "\(reason)"]
    if !detail.isEmpty { metadata["detail"] = "\(detail)" }
    if let node = registry.linkEnded(link.number, reason, now: loop.now) {
      tellNodeStatuses()
      metadata["edge"] = "\(node)"
    }
    logger.log(level: reason == .edgeShutDown ? .info : .warning, "an edge's link ended", metadata: metadata)
  }

  func edgeLink(_ link: EdgeLinkDriver, sent frameCount: Int, byteCount: Int) {
    counters.framesQueued(frameCount, bytes: byteCount)
  }

  func edgeLink(_ link: EdgeLinkDriver, received byteCount: Int) {
    counters.bytesReceived(byteCount)
  }

  func edgeLinkRefused(_ link: EdgeLinkDriver, because reason: DisconnectReason) {
    links[link.number] = nil
    counters.handshakeFailed()
    let peer = link.address.split(separator: ":").dropLast().joined(separator: ":")
    refusalLog.log("\(reason) from \(peer)", at: loop.now) { suffix in
      logger.warning(
        "an edge was refused\(suffix)", metadata: ["address": "\(link.address)", "reason": "\(reason)"])
    }
  }
}
