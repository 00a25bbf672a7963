import Foundation
import Reactor

/// An edge of a test.
final class EdgeNode {
  /// Its name, which is also that of its certificate.
  let name: String
  private let port: UInt16
  private let folder: URL
  private let arguments: [String]
  private(set) var process: ChildProcess?

  /// - Parameter certificates: the folder of the edge's certificate; nil is that of the hub's deployment.
  init(
    _ name: String, in folder: URL, hubPort: UInt16, listen: [String] = [], certificates: URL? = nil,
    flags: [String] = []
  ) throws {
    self.name = name
    port = try TestRun.freePort()
    self.folder = folder
    let ours = try TestRun.shared().ours
    let own = certificates ?? ours
    arguments =
      [
        "--listen", (["127.0.0.1:\(port)"] + listen).joined(separator: ","), "--hub", "127.0.0.1:\(hubPort)",
        "--tls-certificate", own.appending(path: "\(name).pem").path,
        "--tls-key", own.appending(path: "\(name).key").path,
        "--tls-authority", ours.appending(path: "ca.pem").path,
      ] + flags
  }

  func start() throws {
    process = try ChildProcess(
      name, TestRun.binary("emojitrack-edge"), arguments, log: folder.appending(path: "\(name).log").path)
  }

  var address: SocketAddress { get throws { try .loopback(port) } }
  var log: String { process?.log ?? "" }

  var isReady: Bool { (try? HTTPClient.request("GET", "/readyz", at: address).status) == 200 }

  func waitUntilReady() throws {
    try wait(for: name) {
      if let end = process?.poll() { throw TimedOut(description: "\(name) \(end)") }
      return isReady
    }
  }

  func metrics() throws -> [String: Double] {
    HTTPClient.samples(try HTTPClient.request("GET", "/metrics", at: address).text)
  }

  /// A client of one of its streams.
  func client(_ path: String, receiveBufferSize: Int32? = nil) throws -> SSEClient {
    try SSEClient(path, at: address, receiveBufferSize: receiveBufferSize)
  }

  func kill() { process?.kill() }
}
