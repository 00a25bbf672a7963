import HTTP
import HubCore
import Logging

/// A request to the admin API, for the log.
struct AdminAudit {
  /// The most bytes of a body that are logged.
  private static let bodyMaximum = 256

  /// Whether the request was meant to change something.
  let isDeed: Bool
  /// Whether the caller was let in.
  let isAllowed: Bool
  /// The caller and the request.
  let metadata: Logger.Metadata

  init(_ head: RequestHead, _ body: [UInt8], _ peer: AdminPeer, _ decision: AdminAPI.Decision) {
    isDeed = decision.isDeed
    isAllowed = decision.caller != nil
    var metadata: Logger.Metadata = [
      "address": "\(peer.address)", "method": "\("\(head.method)".uppercased())",
      "path": "\(head.target.path)",
    ]
    if let caller = decision.caller {
      metadata["role"] = "\(caller.role.rawValue)"
      metadata["who"] = "\(caller.name)"
      if !body.isEmpty {
        metadata["body"] = "\(String(decoding: body.prefix(Self.bodyMaximum), as: UTF8.self))"
      }
    }
    self.metadata = metadata
  }

  /// Logs the same with its result.
  func metadata(with response: Response) -> Logger.Metadata {
    var metadata = metadata
    metadata["status"] = "\(response.status.rawValue)"
    if let bytes = response.content?.bytes, let message = JSONValue(parsing: bytes)?["message"]?.text {
      metadata["result"] = "\(message)"
    }
    return metadata
  }
}
