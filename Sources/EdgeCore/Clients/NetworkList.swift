import Primitives

/// Networks that the operator lists for one purpose, such as trusted proxies.
package struct NetworkList: Equatable, Sendable, CustomStringConvertible {
  /// The most networks in a list. It is searched linearly, once or a few times for each client.
  package static let maximumCount = 256

  private let networks: [IPNetwork]

  /// The list that contains no address.
  package static let empty = NetworkList(networks: [])

  private init(networks: [IPNetwork]) { self.networks = networks }

  /// Reads networks, separated by commas and optional spaces. The word `loopback` stands for 127.0.0.0/8 and ::1. An
  /// empty text is the empty list.
  package init(parsing text: String) throws(MalformedText) {
    let parts = text.split(separator: ",", omittingEmptySubsequences: false).map(Self.trimmed)
    if parts == [""] {
      self = .empty
      return
    }
    var networks: [IPNetwork] = []
    for part in parts {
      do throws(MalformedText) {
        networks += part == "loopback" ? Self.loopback : [try IPNetwork(parsing: part)]
      } catch {
        throw MalformedText("has the entry '\(part)', which \(error)")
      }
    }
    guard networks.count <= Self.maximumCount else {
      throw MalformedText("names \(networks.count) networks: \(Self.maximumCount) are allowed")
    }
    self.networks = networks
  }

  /// Whether one of the networks contains the address.
  package func contains(_ address: NetworkAddress) -> Bool {
    networks.contains { $0.contains(address) }
  }

  /// A text that parses to this value.
  package var description: String { networks.map(\.description).joined(separator: ", ") }

  private static let loopback = [
    IPNetwork(around: NetworkAddress(bits: 0xffff_7f00_0000), prefixCount: 104),
    IPNetwork(around: NetworkAddress(bits: 1), prefixCount: 128),
  ]

  private static func trimmed(_ part: Substring) -> String {
    let end = part.lastIndex { $0 != " " }.map(part.index(after:)) ?? part.startIndex
    return String(part[..<end].drop { $0 == " " })
  }
}
