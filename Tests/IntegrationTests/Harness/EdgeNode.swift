import Foundation
import Reactor
import TLS

/// An edge of a test.
final class EdgeNode {
  /// The edge's name, which is also that of its certificate.
  let name: String
  private let port: UInt16
  private let folder: URL
  private let passed: ListeningSocket?
  private let arguments: [String]
  private let descriptorLimit: Int?
  private let preamble: [UInt8]
  private let environment: [String: String]
  private let host: TestHost?
  private let memory: MemoryGroup?
  private let launcher: [String]
  /// The port for TLS clients, if TLS is on.
  private let securePort: UInt16
  private(set) var process: ChildProcess?

  /// - Parameters:
  ///   - port: the port for plain clients; nil for a free one.
  ///   - passed: a listening socket that the edge inherits instead of opening the port.
  ///   - certificates: the folder of the edge's certificate; nil for that of the hub's deployment.
  ///   - secure: the folder of the `hub.pem` that it shows to TLS clients; nil without TLS.
  ///   - descriptorLimit: the most files that it may open; nil for the system's limit.
  ///   - preamble: the bytes that its plain clients must send first.
  ///   - environment: its environment variables.
  ///   - host: the host where it runs; nil for this machine.
  ///   - memory: the control group that limits its memory; nil for that of the tests.
  ///   - launcher: a command that starts it, whose command follows.
  init(
    _ name: String, in folder: URL, hubPorts: [UInt16], port: UInt16? = nil, passed: ListeningSocket? = nil,
    listen: [String] = [], certificates: URL? = nil,
    secure: URL? = nil, descriptorLimit: Int? = nil, preamble: [UInt8] = [],
    environment: [String: String] = [:], on host: TestHost? = nil,
    memory: MemoryGroup? = nil, launcher: [String] = [], flags: [String] = []
  ) throws {
    self.host = host
    self.memory = memory
    self.launcher = launcher
    self.environment = environment
    self.name = name
    self.port = try passed?.address.port ?? port ?? TestRun.freePort()
    self.passed = passed
    securePort = try TestRun.freePort()
    self.folder = folder
    self.descriptorLimit = descriptorLimit
    self.preamble = preamble
    let secureFlags =
      secure.map { [securePort] folder in
        [
          "--https-listen", "127.0.0.1:\(securePort)",
          "--https-certificate", folder.appending(path: "hub.pem").path,
          "--https-key", folder.appending(path: "hub.key").path,
        ]
      } ?? []
    let ours = try TestRun.shared().ours
    let own = certificates ?? ours
    arguments =
      [
        "--listen", (["127.0.0.1:\(self.port)"] + listen).joined(separator: ","),
        "--tls-certificate", own.appending(path: "\(name).pem").path,
        "--tls-key", own.appending(path: "\(name).key").path,
        "--tls-authority", ours.appending(path: "ca.pem").path,
      ] + hubPorts.flatMap { ["--hub", "127.0.0.1:\($0)"] } + secureFlags + Self.atOnce(flags) + flags
  }

  /// Tests do not wait for load balancers unless they say so.
  private static func atOnce(_ flags: [String]) -> [String] {
    flags.contains("--drain-announce") ? [] : ["--drain-announce", "0s"]
  }

  /// - Parameter standardError: its standard error; nil for a file.
  func start(standardError: Int32? = nil) throws {
    let limiting = descriptorLimit.map { ["prlimit", "--nofile=\($0)"] } ?? []
    // LISTEN_PID must name the process that gets the socket, so a shell that knows its own id sets it and becomes the
    // edge.
    let passing = passed == nil ? [] : ["sh", "-c", #"LISTEN_PID=$$ LISTEN_FDS=1 exec "$0" "$@""#]
    let command =
      try (host?.launcher ?? []) + (memory?.launcher ?? []) + launcher + passing + limiting + [
        TestRun.binary("emojitrack-edge")
      ] + arguments
    process = try ChildProcess(
      name, command[0], Array(command.dropFirst()), environment: environment,
      log: folder.appending(path: "\(name).log").path,
      descriptors: [STDERR_FILENO: standardError, 3: passed?.number].compactMapValues(\.self))
  }

  var address: SocketAddress { get throws { try .loopback(port) } }

  /// How a plain client connects.
  var plain: Approach { get throws { Approach(address: try address, preamble: preamble) } }

  /// How a TLS client connects.
  ///
  /// - Parameters:
  ///   - authority: the folder of the authority that it trusts; nil for the deployment's own.
  ///   - version: its newest version of TLS.
  ///   - protocols: those that it offers by ALPN.
  func secure(
    trusting authority: URL? = nil, upTo version: TLSPolicy.Version = .tls13,
    protocols: [String] = []
  ) throws -> Approach {
    var policy = TLSPolicy.client()
    policy.maximumVersion = version
    policy.applicationProtocols = protocols
    let folder = try authority ?? TestRun.shared().ours
    let context = try TLSContext(
      policy: policy, identity: nil, authority: .file(folder.appending(path: "ca.pem").path))
    return Approach(address: try .loopback(securePort), secure: context)
  }

  var log: String { process?.log ?? "" }

  var isReady: Bool { (try? HTTPClient.request("GET", "/readyz", by: plain).status) == 200 }

  func waitUntilReady() throws {
    try wait(for: name) {
      if let end = process?.poll() { throw TimedOut(description: "\(name) \(end)") }
      return isReady
    }
  }

  func metrics() throws -> [String: Double] {
    HTTPClient.samples(try HTTPClient.request("GET", "/metrics", by: plain).text)
  }

  /// A client of one of its streams.
  func client(_ path: String, receiveBufferSize: Int32? = nil) throws -> SSEClient {
    try SSEClient(path, at: address, receiveBufferSize: receiveBufferSize)
  }

  func kill() { process?.kill() }
}
