import HTTP
import Primitives
import Wire

extension EdgeRegistry.Record {
  /// The entry that the predecessors' tools read from Redis for an edge: `node`, `status`, `reported_at` (in seconds
  /// since 1970) and `connections`. The latter are counted by stream, because a list of many thousands would be
  /// useless.
  package func nodeStatusJSON(unixSeconds: Int64) -> [UInt8] {
    var json = JSONWriter()
    json.object { json in
      json.member("node", node.description)
      json.member("status", report?[.isDraining] == 1 ? "DRAINING" : "OK")
      json.member("reported_at", unixSeconds)
      json.member("connections") { json in
        json.array { json in
          for (namespace, field) in Self.streams {
            guard let count = report?[field], count > 0 else { continue }
            json.object { json in
              json.member("request_path", "/subscribe\(namespace)")
              json.member("namespace", namespace)
              json.member("count", count)
            }
          }
        }
      }
    }
    return json.bytes
  }

  private static let streams: [(namespace: String, field: ReportField)] = [
    ("/raw", .clientsRaw), ("/eps", .clientsEPS), ("/details/*", .clientsDetails),
    ("/details", .clientsAllDetails), ("/kiosk_interaction", .clientsInteraction),
  ]
}
