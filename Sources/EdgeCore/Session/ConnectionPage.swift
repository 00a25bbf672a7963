import HTTP
import Wire

/// A page of the list of streaming clients, as the answer to a hub that asks for it.
package struct ConnectionPage {
  private let total: Int
  private let offset: Int
  private let connections: ArraySlice<ConnectionStatus>

  /// A page of the list.
  ///
  /// - Parameters:
  ///   - connections: all connections, always in the same order.
  ///   - offset: the index of the first connection on the page.
  ///   - limit: the most connections on the page.
  package init(of connections: [ConnectionStatus], offset: Int, limit: Int) {
    total = connections.count
    self.offset = offset
    self.connections = connections.dropFirst(offset).prefix(limit)
  }

  /// The page as JSON. It holds fewer connections than requested if more did not fit into a command's result; the
  /// next page begins after them.
  package var json: [UInt8] {
    var count = connections.count
    while true {
      let bytes = json(of: connections.prefix(count))
      if bytes.count <= CommandResult.maximumTextCount || count == 0 { return bytes }
      // A bit less than in proportion, because connections differ in length.
      count = min(count - 1, count * CommandResult.maximumTextCount / bytes.count)
    }
  }

  private func json(of connections: ArraySlice<ConnectionStatus>) -> [UInt8] {
    var writer = JSONWriter()
    writer.object {
      $0.member("total", total)
      $0.member("offset", offset)
      $0.member("connections") {
        $0.array {
          for connection in connections { connection.write(to: &$0) }
        }
      }
    }
    return writer.bytes
  }
}
