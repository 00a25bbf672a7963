import Foundation
import Logging
import Primitives
import Testing

@testable import Service

/// Settings of every kind.
private struct Declared: SettingsDeclaration {
  static let command = "emojitrack-test"
  static let purpose = "Tests settings."

  let listen = Setting("listen", "Where.", .listenAddresses, default: ":8001", aliases: [.port()])
  let linkBacklog = Setting("link.backlog", "How much.", .byteCount(1...1 << 30), default: "4MiB")
  let verbose = SharedSettings.logLevel()
  let redisURL = SharedSettings.redisURL { $0 }
  let detailsAllEnabled = Setting("details.all.enabled", "Whether.", .boolean, default: "false")
  let name = Setting("name", "Who.", SettingFormat.host.optional, default: nil, meaning: "nobody")
}

@Suite struct SettingsTests {
  private func resolve(_ arguments: [String], _ environment: [String: String] = [:]) throws -> Settings<
    Declared
  > {
    try Settings<Declared>.resolve(arguments: arguments, environment: environment)
  }

  private func exit(_ arguments: [String], _ environment: [String: String] = [:]) throws -> SettingsExit {
    try #require(throws: SettingsExit.self) { try resolve(arguments, environment) }
  }

  @Test("Without any source, defaults apply")
  func defaults() throws {
    let settings = try resolve([])
    #expect(settings.listen == [.tcp(host: nil, port: 8001)])
    #expect(settings.linkBacklog == 4 << 20)
    #expect(settings.name == nil)
  }

  @Test("Flags beat the environment, which beats its aliases, which beat the file, which beats defaults")
  func strength() throws {
    let file = try TemporaryFile(#"{"listen": "127.0.0.1:1"}"#)
    let config = ["--config", file.path]
    #expect(try resolve(config).listen == [.tcp(host: "127.0.0.1", port: 1)])
    #expect(try resolve(config, ["PORT": "2"]).listen == [.tcp(host: nil, port: 2)])
    let both = ["PORT": "2", "EMOJITRACK_LISTEN": ":3"]
    #expect(try resolve(config, both).listen == [.tcp(host: nil, port: 3)])
    #expect(try resolve(config + ["--listen", ":4"], both).listen == [.tcp(host: nil, port: 4)])
  }

  @Test("A key with several words has its variable and its flag")
  func names() throws {
    #expect(try resolve([], ["EMOJITRACK_LINK_BACKLOG": "1KiB"]).linkBacklog == 1_024)
    #expect(try resolve(["--link-backlog=2KiB"]).linkBacklog == 2_048)
    #expect(try resolve([], ["EMOJITRACK_DETAILS_ALL_ENABLED": "true"]).detailsAllEnabled)
  }

  @Test("An empty variable is one that is not set")
  func emptyVariable() throws {
    #expect(try resolve([], ["PORT": "", "EMOJITRACK_LISTEN": ""]).listen == [.tcp(host: nil, port: 8001)])
  }

  @Test("VERBOSE stands for the level debug")
  func verbose() throws {
    #expect(try resolve([], ["VERBOSE": "true"]).verbose == .debug)
    #expect(try resolve([], ["VERBOSE": "false"]).verbose == .info)
    #expect(try resolve([], ["VERBOSE": "true", "EMOJITRACK_LOG_LEVEL": "error"]).verbose == .error)
  }

  @Test("A bad flag is a usage error that names key, flag, value and what is allowed")
  func badFlag() throws {
    #expect(
      try exit(["--link-backlog", "lots"])
        == SettingsExit(
          status: 64,
          text: #"emojitrack-test: link.backlog: "lots" from flag --link-backlog is not a size; "#
            + "allowed is a size from 1B to 1GiB in KiB, MiB or GiB; a plain number is bytes"))
  }

  @Test("A bad variable is a configuration error that names the variable")
  func badVariable() throws {
    let exit = try exit([], ["EMOJITRACK_LISTEN": "nowhere"])
    #expect(exit.status == 78)
    #expect(
      exit.text.hasPrefix(
        #"emojitrack-test: listen: "nowhere" from environment variable EMOJITRACK_LISTEN has no port"#))
  }

  @Test("An error in an alias is reported in its own terms", arguments: ["70000", "-1", "http"])
  func badAlias(text: String) throws {
    #expect(
      try exit([], ["PORT": text])
        == SettingsExit(
          status: 78,
          text: "emojitrack-test: listen: \"\(text)\" from environment variable PORT is not understood; "
            + "allowed is a port from 0 to 65535"))
  }

  @Test("A bad value that is overridden does not matter")
  func overridden() throws {
    #expect(try resolve(["--listen", ":4"], ["PORT": "http"]).listen == [.tcp(host: nil, port: 4)])
  }

  @Test("All errors are reported at once, and the command line decides the status")
  func severalProblems() throws {
    let exit = try exit(["--link-backlog", "lots"], ["PORT": "http", "VERBOSE": "maybe"])
    #expect(exit.status == 64)
    #expect(exit.text.split(separator: "\n").count == 3)
  }

  @Test("Control characters in a value do not reach the terminal")
  func controls() throws {
    let exit = try exit(["--listen", "\u{1b}[2J"])
    #expect(!exit.text.contains("\u{1b}"))
  }

  @Test("An unknown flag is a usage error", arguments: [["--lisen", ":1"], ["extra"], ["--listen"]])
  func unknownFlag(arguments: [String]) throws {
    #expect(try exit(arguments).status == 64)
  }

  @Test("The error for a missing setting lists the ways to give it")
  func required() throws {
    struct Demanding: SettingsDeclaration {
      static let command = "demanding"
      static let purpose = "Demands."
      let key = SharedSettings.privateKey
    }
    #expect(
      throws: SettingsExit(
        status: 78,
        text:
          "demanding: tls.key is not set: give --tls-key, EMOJITRACK_TLS_KEY, or tls.key in the --config file"
      )
    ) {
      try Settings<Demanding>.resolve(arguments: [], environment: [:])
    }
  }

  @Test("The version is printed on request")
  func version() throws {
    #expect(try exit(["--version"]) == SettingsExit(status: 0, text: "emojitrack-test 0.1.0"))
  }

  @Test("The configuration is printed with its sources and without secrets")
  func printed() throws {
    let exit = try exit(
      ["--print-config", "--listen", "8002"],
      ["REDIS_URL": "redis://me:hunter2@example.org/3", "VERBOSE": "1"])
    #expect(exit.status == 0)
    #expect(
      exit.text == """
        listen               8002                          flag --listen
        link.backlog         4MiB                          default
        log.level            debug                         environment variable VERBOSE
        redis.url            redis://me:***@example.org/3  environment variable REDIS_URL
        details.all.enabled  false                         default
        name                 nobody                        default
        """)
  }

  @Test("A password is refused on the command line, unread")
  func passwordInFlag() throws {
    let exit = try exit(["--redis-url", "redis://me:hunter2@example.org"])
    #expect(exit.status == 64)
    #expect(exit.text.contains("REDIS_URL"))
    #expect(!exit.text.contains("hunter2"))
  }

  @Test("A password is refused in a world-readable file, and accepted from any other")
  func passwordInFile() throws {
    let text = #"{"redis.url": "redis://me:hunter2@example.org"}"#
    let open = try TemporaryFile(text, permissions: 0o644)
    let exit = try exit(["--config", open.path])
    #expect(exit.status == 78)
    #expect(
      exit.text.hasSuffix(
        "\(open.path) holds a password, and every user of the machine can read it; chmod 600 it"))
    let closed = try TemporaryFile(text, permissions: 0o640)
    #expect(try resolve(["--config", closed.path]).redisURL == "redis://me:hunter2@example.org")
  }

  @Test("An unknown key in the file is an error that names the nearest known key")
  func unknownKey() throws {
    let file = try TemporaryFile(#"{"link": {"backlg": 5}, "colour": "red"}"#)
    #expect(
      try exit(["--config", file.path])
        == SettingsExit(
          status: 78,
          text: """
            emojitrack-test: \(file.path): there is no setting "colour"
            emojitrack-test: \(file.path): there is no setting "link.backlg"; did you mean link.backlog?
            """))
  }

  @Test("A missing or malformed file is a configuration error that says so")
  func badFiles() throws {
    let missing = try exit(["--config", "/nonexistent/file.json"])
    #expect(missing.status == 78)
    #expect(missing.text.contains("/nonexistent/file.json cannot be read: there is no such file"))
    let file = try TemporaryFile("{\"listen\": \n  oops}")
    let malformed = try exit(["--config", file.path])
    #expect(malformed.status == 78)
    #expect(
      malformed.text == "emojitrack-test: \(file.path) cannot be used: line 2: "
        + "a text in quotes, a number, true or false is expected")
  }
}

/// A file that is deleted with this object.
final class TemporaryFile {
  let path: String

  init(_ text: String, permissions: Int = 0o600) throws {
    let name = "emojitrack-\(UUID().uuidString).json"
    path = FileManager.default.temporaryDirectory.appending(path: name).path
    try text.write(toFile: path, atomically: true, encoding: .utf8)
    try FileManager.default.setAttributes([.posixPermissions: permissions], ofItemAtPath: path)
  }

  deinit { try? FileManager.default.removeItem(atPath: path) }
}
