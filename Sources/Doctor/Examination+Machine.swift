import Glibc
public import Primitives
import Reactor
public import Service
import Transport

extension Examination {
  /// Whether each address of a setting can be listened on now.
  public mutating func ports(_ subject: String, _ listen: [ListenAddress]) {
    for address in listen {
      let remedy = "choose another address"
      guard let addresses = attempt(subject, remedy: remedy, { try SocketAddress.all(of: address) }) else {
        continue
      }
      for address in addresses {
        do throws(ListenError) {
          _ = try ListeningSocket(on: address)
          ok(subject, "\(address) is free")
        } catch {
          let isTaken = error.cause.code == EADDRINUSE
          fail(
            subject, "\(error)",
            remedy: isTaken
              ? "stop whoever listens there, or choose another address; if it is this service itself, all is well"
              : error.cause.code == EACCES
                ? "grant CAP_NET_BIND_SERVICE, or choose a port above 1023" : remedy)
        }
      }
    }
  }

  /// Whether enough files can be opened.
  ///
  /// - Parameter needed: how many the process will want.
  public mutating func descriptors(needed: Int) {
    let limit = ProcessResources.raiseDescriptorLimit()
    let text = "\(limit) files may be open"
    guard limit < needed else { return ok("descriptors", text) }
    warn(
      "descriptors", "\(text), and \(needed) may be needed",
      remedy: "raise LimitNOFILE= of the unit, or ulimit -n")
  }

  /// Whether the clock can be believed: certificates and figures of latency depend on it.
  ///
  /// - Parameter reference: what another machine's clock says, in seconds since 1970, and who that is; nil if nobody was
  ///   asked.
  public mutating func clock(reference: (unixSeconds: Int64, name: String)? = nil) {
    let remedy = "set it, and have it kept right by NTP"
    let now = MonotonicClock.wallSeconds()
    // 2025-01-01: before this was written.
    guard now > 1_735_689_600 else { return fail("clock", "is years behind", remedy: remedy) }
    if let reference, abs(reference.unixSeconds - now) > 2 {
      return warn(
        "clock", "differs by \(abs(reference.unixSeconds - now)) s from that of \(reference.name)",
        remedy: remedy)
    }
    if ProcessResources.clockIsSynchronized() == false {
      return warn("clock", "nothing keeps it right, as far as the kernel was told", remedy: remedy)
    }
    ok("clock", "looks right")
  }
}
