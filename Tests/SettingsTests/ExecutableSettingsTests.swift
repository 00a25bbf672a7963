import Foundation
import Primitives
import Service
import Testing

@testable import Edge
@testable import Feeder
@testable import Hub

@Suite struct ExecutableSettingsTests {
  private let link = ["--tls-certificate", "a.pem", "--tls-key", "a.key", "--tls-authority", "ca.pem"]

  @Test("A hub needs only its three files")
  func hubDefaults() throws {
    let settings = try HubSettings.resolve(arguments: link, environment: [:])
    #expect(settings.linkListen == [.tcp(host: "127.0.0.1", port: 8010)])
    #expect(settings.adminListen == [.tcp(host: "127.0.0.1", port: 8000)])
    #expect(settings.tick == .milliseconds(17))
    #expect(settings.linkBacklog == 4 << 20)
    #expect(settings.edgesMaximum == 4_096)
    #expect(settings.certificate == "a.pem")
    #expect(!settings.interactionEnabled)
  }

  @Test("An edge needs only its three files")
  func edgeDefaults() throws {
    let settings = try EdgeSettings.resolve(arguments: link, environment: [:])
    #expect(settings.listen == [.tcp(host: nil, port: 8001)])
    #expect(settings.hubs == [try HostPort(parsing: "127.0.0.1:8010")])
    #expect(settings.hubNames == nil)
    #expect(settings.workers >= 1)
    #expect(settings.clientsMaximum == nil)
    #expect(settings.retry == .seconds(3))
    #expect(settings.lagMaximum == .seconds(60))
    #expect(settings.corsOrigin == "*")
  }

  @Test("A feeder needs no settings")
  func feederDefaults() throws {
    let settings = try FeederSettings.resolve(arguments: [], environment: [:])
    #expect(settings.rate == 250)
    #expect(settings.seed == nil)
    #expect(settings.count == 0)
    #expect(settings.exponent == 1)
  }

  @Test("PORT keeps a hub's admin on loopback, and opens an edge to all addresses")
  func port() throws {
    let hub = try HubSettings.resolve(arguments: link, environment: ["PORT": "9000"])
    #expect(hub.adminListen == [.tcp(host: "127.0.0.1", port: 9000)])
    let edge = try EdgeSettings.resolve(arguments: link, environment: ["PORT": "9000"])
    #expect(edge.listen == [.tcp(host: nil, port: 9000)])
  }

  @Test("Several hubs are given one by one, or in one list", arguments: [["a:1,b:2"], ["a:1", "b:2"]])
  func severalHubs(texts: [String]) throws {
    let flags = texts.flatMap { ["--hub", $0] }
    let settings = try EdgeSettings.resolve(
      arguments: link + flags + ["--hub-name", "x", "--hub-name", "y"], environment: [:])
    #expect(settings.hubs == [try HostPort(parsing: "a:1"), try HostPort(parsing: "b:2")])
    #expect(settings.hubNames == ["x", "y"])
  }

  @Test("For a single value the last flag counts")
  func lastFlagCounts() throws {
    let settings = try EdgeSettings.resolve(
      arguments: link + ["--retry", "5s", "--retry", "7s"], environment: [:])
    #expect(settings.retry == .seconds(7))
  }

  @Test(
    "A repeated hub, too many hubs, and a list with an empty item are refused",
    arguments: ["a:1,a:1", (1...9).map { "a:\($0)" }.joined(separator: ","), "a:1,,b:2"])
  func wrongHubs(text: String) throws {
    let exit = try #require(throws: SettingsExit.self) {
      try EdgeSettings.resolve(arguments: link + ["--hub", text], environment: [:])
    }
    #expect(exit.status == 64)
  }

  @Test(
    "An origin cannot smuggle a header",
    arguments: ["a\r\nX: y", "https://a b", "https://", "ftp://a", "null"])
  func origin(text: String) throws {
    let exit = try #require(throws: SettingsExit.self) {
      try EdgeSettings.resolve(arguments: link + ["--cors-origin", text], environment: [:])
    }
    #expect(exit.status == 64)
    #expect(!exit.text.contains("\r"))
  }

  @Test("The example files are valid configurations, and complete")
  func examples() throws {
    let deploy = Repository.root.appending(path: "Deploy")
    let hub = ["--config", deploy.appending(path: "hub.example.json").path]
    _ = try HubSettings.resolve(arguments: hub, environment: [:])
    let edge = ["--config", deploy.appending(path: "edge.example.json").path]
    _ = try EdgeSettings.resolve(arguments: edge, environment: [:])
  }

  @Test("Help names each setting with its flag, variable and default")
  func help() throws {
    try expectHelp(of: HubDeclaration.self)
    try expectHelp(of: EdgeDeclaration.self)
    try expectHelp(of: FeederDeclaration.self)
  }

  private func expectHelp<Declaration: SettingsDeclaration>(of type: Declaration.Type) throws {
    let exit = try #require(throws: SettingsExit.self) {
      try Settings<Declaration>.resolve(arguments: ["--help"], environment: [:])
    }
    #expect(exit.status == 0)
    // The help is wrapped to the width of the terminal.
    let text = exit.text.split(whereSeparator: \.isWhitespace).joined(separator: " ")
    for setting in Declaration().settings {
      #expect(text.contains("\(setting.flag) <\(setting.valueName)> \(setting.purpose)"))
      let names = ([setting.environment] + setting.aliases.map(\.name)).joined(separator: ", ")
      let standard = setting.defaultText ?? "none, it must be set"
      #expect(text.contains("(default: \(standard); environment: \(names))"))
    }
  }
}
