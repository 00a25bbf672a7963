import EdgeCore
import Primitives

/// A page in a browser: several clients with one address and one key.
struct SimulatedPage: Equatable {
  private static let addressCount = 2
  private static let keyCount = 4

  let address: NetworkAddress?
  let key: ClientKey?

  init(address: NetworkAddress?, key: ClientKey?) {
    self.address = address
    self.key = key
  }

  /// The page of a client. Pages at one address have different keys, and pages with one key different addresses.
  ///
  /// - Parameter origin: who opens its connections.
  init(of client: String, at origin: String) {
    address = Self.address(of: origin)
    key = ClientKey(
      Array("the-key-of-page-\(Self.number(of: client) / Self.addressCount % Self.keyCount)".utf8))
  }

  static func address(of client: String) -> NetworkAddress? {
    try? NetworkAddress(parsing: "192.0.2.\(number(of: client) % addressCount)")
  }

  /// A number that is the same in every run, unlike a hash value.
  private static func number(of client: String) -> Int {
    client.utf8.reduce(0) { $0 &* 31 &+ Int($1) } & 0xffff
  }

  /// The target of a request, with the page's key.
  func target(_ path: String) -> String {
    path + (path.contains("?") ? "&" : "?") + "client=\(key?.text ?? "")"
  }
}
