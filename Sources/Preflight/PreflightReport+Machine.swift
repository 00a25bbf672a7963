import Glibc
import Primitives
import Reactor
import Service
import Transport

extension PreflightReport {
  /// Checks whether each address of a setting is free to listen on.
  package mutating func ports(_ subject: String, _ listen: [ListenAddress]) {
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
              ? "stop the process that listens there, or choose another address; if it is this service itself, all is well"
              : error.cause.code == EACCES
                ? "grant CAP_NET_BIND_SERVICE, or choose a port above 1023" : remedy)
        }
      }
    }
  }

  /// Checks whether enough descriptors can be opened.
  ///
  /// - Parameter needed: how many the process will need.
  package mutating func descriptors(needed: Int) {
    let limit = ProcessResources.raiseDescriptorLimit()
    let text = "\(limit) files may be open"
    guard limit < needed else { return ok("descriptors", text) }
    warn(
      "descriptors", "\(text), and \(needed) may be needed",
      remedy: "raise LimitNOFILE= of the unit, or ulimit -n")
  }

  /// Checks whether the clock is right: certificates and latencies depend on it.
  ///
  /// - Parameter reference: the clock of another machine, in seconds since 1970, and its name; nil if there is none.
  package mutating func clock(reference: (unixSeconds: Int64, name: String)? = nil) {
    let remedy = "set it, and keep it synchronized (NTP)"
    let now = MonotonicClock.wallSeconds()
    // 2025-01-01: older than this program.
    guard now > 1_735_689_600 else { return fail("clock", "is years behind", remedy: remedy) }
    if let reference, abs(reference.unixSeconds - now) > 2 {
      return warn(
        "clock", "differs by \(abs(reference.unixSeconds - now)) s from that of \(reference.name)",
        remedy: remedy)
    }
    if ProcessResources.clockIsSynchronized() == false {
      return warn("clock", "is not synchronized, as far as the kernel knows", remedy: remedy)
    }
    ok("clock", "looks right")
  }
}
