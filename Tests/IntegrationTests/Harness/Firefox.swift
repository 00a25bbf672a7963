import Foundation
import Primitives
import Reactor
import Testing

/// Firefox without a window, controlled by Marionette, its own protocol: JSON messages with their length in front,
/// over TCP.
final class Firefox {
  static let isMissing: Comment = "firefox-esr is not installed: Scripts/clients.sh gets it"
  static var isThere: Bool { FileManager.default.isExecutableFile(atPath: "/usr/bin/firefox-esr") }

  private let process: ChildProcess
  private let socket: BlockingSocket
  private var received: [UInt8] = []
  private var lastCommand = 0

  /// Starts the browser with an empty page.
  ///
  /// - Parameter trustsEverybody: whether any certificate is accepted.
  init(in folder: URL, trustsEverybody: Bool = false) throws {
    let port = try TestRun.freePort()
    let home = folder.appending(path: "firefox")
    try FileManager.default.createDirectory(at: home, withIntermediateDirectories: true)
    let preferences = [
      "marionette.port": "\(port)",
      // It must request nothing but our own pages.
      "network.captive-portal-service.enabled": "false", "network.connectivity-service.enabled": "false",
      "app.normandy.enabled": "false", "services.settings.server": "\"data:,\"",
      "toolkit.telemetry.server": "\"\"",
      "browser.safebrowsing.malware.enabled": "false", "browser.safebrowsing.phishing.enabled": "false",
      "network.proxy.type": "0",
    ]
    let lines = preferences.map { "user_pref(\"\($0)\", \($1));\n" }.joined()
    try Data(lines.utf8).write(to: home.appending(path: "user.js"))
    let process = try ChildProcess(
      "firefox", "/usr/bin/firefox-esr",
      ["--headless", "--marionette", "--no-remote", "--profile", home.path, "about:blank"],
      environment: ["HOME": home.path, "MOZ_DISABLE_CONTENT_SANDBOX": "1"],
      log: folder.appending(path: "firefox.log").path, blocksSignals: false)
    self.process = process
    let address = try SocketAddress.loopback(port)
    socket = try wait(for: "Firefox", within: .seconds(60)) {
      if process.poll() != nil { throw TimedOut(description: process.log) }
      return try? BlockingSocket(address)
    }
    _ = try nextMessage()
    try command("WebDriver:NewSession", ["acceptInsecureCerts": trustsEverybody])
  }

  /// The tab that gets the commands. Setting another one brings it to the front.
  var tab: String {
    get throws {
      guard let tab = try command("WebDriver:GetWindowHandle") as? String else {
        throw TimedOut(description: "Firefox names no tab")
      }
      return tab
    }
  }

  func select(_ tab: String) throws { try command("WebDriver:SwitchToWindow", ["handle": tab]) }

  /// Opens a tab in front. Further commands go to it.
  @discardableResult
  func openTab(_ url: String) throws -> String {
    let made = try command("WebDriver:NewWindow", ["type": "tab"]) as? [String: Any]
    let tab = try #require(made?["handle"] as? String)
    try select(tab)
    try navigate(to: url)
    return tab
  }

  func navigate(to url: String) throws { try command("WebDriver:Navigate", ["url": url]) }

  func goBack() throws { try command("WebDriver:Back") }

  /// The value of an expression in the page.
  func value<Value: Decodable>(of expression: String) throws -> Value {
    // With `eval`, because otherwise a function could not see the page's `let`s.
    let script = "return JSON.stringify(window.eval(arguments[0]))"
    let value = try command(
      "WebDriver:ExecuteScript", ["script": script, "args": ["(\(expression))"], "sandbox": NSNull()])
    guard let text = value as? String else {
      throw TimedOut(description: "'\(expression)' gave \(value ?? "nothing")")
    }
    return try JSONDecoder().decode(Value.self, from: Data(text.utf8))
  }

  @discardableResult
  private func command(_ name: String, _ parameters: [String: Any] = [:]) throws -> Any? {
    lastCommand += 1
    let message = try JSONSerialization.data(withJSONObject: [0, lastCommand, name, parameters] as [Any])
    try socket.send(Array("\(message.count):".utf8) + message)
    while true {
      guard let answer = try nextMessage() as? [Any], answer.count == 4 else { continue }
      guard answer[1] as? Int == lastCommand else { continue }
      if let error = answer[2] as? [String: Any] { throw TimedOut(description: "\(name): \(error)") }
      let result = answer[3] as? [String: Any]
      // A single value is wrapped in an object.
      return result?.count == 1 ? result?["value"] ?? result : result
    }
  }

  private func nextMessage() throws -> Any {
    while true {
      if let colon = received.firstIndex(of: UInt8(ascii: ":")),
        let length = Int(String(decoding: received[..<colon], as: UTF8.self)),
        received.count > colon + length
      {
        let body = Data(received[(colon + 1)...(colon + length)])
        received.removeFirst(colon + 1 + length)
        return try JSONSerialization.jsonObject(with: body)
      }
      let bytes = try socket.receive(within: .seconds(60))
      guard !bytes.isEmpty else { throw TimedOut(description: "Firefox ended: \(process.log.suffix(2_000))") }
      received += bytes
    }
  }
}
