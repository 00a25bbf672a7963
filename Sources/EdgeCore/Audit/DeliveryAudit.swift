import Primitives

/// The accounts of a client that reads everything: whether each event brought exactly the growth of the totals.
///
/// A position is the number of increments, and each identified event carries the position it reaches. So the growth
/// in an event must be the distance from the previous id: less is *missing*, more is *doubled*, and both show at that
/// very event, whatever happened to hubs and links meanwhile. It parses the bytes as any client would (WHATWG HTML
/// §9.2), as far as our own server writes them.
package struct DeliveryAudit: Equatable, Sendable {
  /// The longest line, in bytes, whose numbers are trusted.
  static let lineMaximum = 16 << 20

  /// The place reached so far; nil before the first event.
  package private(set) var place: ResumeToken?
  /// Increments received since the start.
  package private(set) var received: UInt64 = 0
  /// Increments that should have arrived and did not, since the start.
  package private(set) var missing: UInt64 = 0
  /// Increments that arrived and should not have, since the start.
  package private(set) var doubled: UInt64 = 0
  /// Lineages that ended or were given up, since the start.
  package private(set) var resets: UInt64 = 0

  /// The effect of an event on the place.
  private enum Effect { case grows, begins, resets }

  private var line: [UInt8] = []
  private var id: ResumeToken?
  private var effect = Effect.grows
  private var sum: UInt64?

  /// The accounts of a new client: they begin at its first event.
  package init() {}

  /// The client read some bytes, divided anywhere.
  package mutating func bytesReceived(_ bytes: Span<UInt8>) {
    for index in bytes.indices {
      if bytes[index] != UInt8(ascii: "\n") {
        if line.count < Self.lineMaximum { line.append(bytes[index]) }
      } else {
        lineEnded()
        line.removeAll(keepingCapacity: true)
      }
    }
  }

  private mutating func lineEnded() {
    if line.isEmpty { return eventEnded() }
    if let value = value(of: "id:") {
      id = ResumeToken(value)
    } else if let value = value(of: "event:") {
      effect = Self.effect(of: value)
    } else if let value = value(of: "data:") {
      sum = Self.sum(of: value)
    }
  }

  /// `position` is a place without growth: it must equal the one that was reached.
  private static func effect(of name: ArraySlice<UInt8>) -> Effect {
    if name.elementsEqual("position".utf8) { return .grows }
    return name.elementsEqual("reset".utf8) ? .resets : .begins
  }

  private func value(of field: StaticString) -> ArraySlice<UInt8>? {
    let name = "\(field)".utf8
    return line.starts(with: name) ? line[name.count...] : nil
  }

  private mutating func eventEnded() {
    defer {
      id = nil
      effect = .grows
      sum = nil
    }
    guard effect == .grows else {
      if effect == .resets { resets += 1 }
      place = id
      return
    }
    guard let id else { return }
    if let place, place.lineage == id.lineage {
      compare(sum ?? 0, with: Int64(clamping: id.position) - Int64(clamping: place.position))
    }
    place = id
  }

  private mutating func compare(_ sum: UInt64, with distance: Int64) {
    received += sum
    let difference = Int64(clamping: sum) - distance
    if difference < 0 { missing += difference.magnitude } else { doubled += difference.magnitude }
  }

  /// The sum of the numbers in a flat JSON object, as `eps` writes it: digits outside of strings.
  private static func sum(of object: ArraySlice<UInt8>) -> UInt64 {
    var sum: UInt64 = 0
    var number: UInt64 = 0
    var isInString = false
    var isEscaped = false
    for byte in object {
      if isInString {
        isInString = isEscaped || byte != UInt8(ascii: "\"")
        isEscaped = !isEscaped && byte == UInt8(ascii: "\\")
      } else if byte.isASCIIDigit {
        number = number &* 10 &+ UInt64(byte - UInt8(ascii: "0"))
      } else {
        sum &+= number
        number = 0
        isInString = byte == UInt8(ascii: "\"")
      }
    }
    return sum &+ number
  }
}
