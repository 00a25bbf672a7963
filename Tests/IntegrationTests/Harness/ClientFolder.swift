import Foundation
import Testing

/// The folder where `Tests/Clients/install.sh` installs client libraries.
enum ClientFolder {
  /// A program that follows the scores with a library, without the URL.
  struct Command {
    let name: String
    let command: [String]
    var environment: [String: String] = [:]
  }

  static let isMissing: Comment =
    "EMOJITRACK_CLIENT_LIBRARIES names no folder that Tests/Clients/install.sh has filled: Scripts/clients.sh does"
  static let path = ProcessInfo.processInfo.environment["EMOJITRACK_CLIENT_LIBRARIES"]
  static var isThere: Bool { path != nil }

  private static var folder: URL { URL(filePath: path ?? "", relativeTo: TestRun.package) }
  private static var scripts: URL { TestRun.package.appending(path: "Tests/Clients") }

  /// A script of this project with a Python library.
  static func python(_ script: String, _ library: String) -> Command {
    Command(
      name: library, command: ["python3", scripts.appending(path: script).path],
      environment: ["PYTHONPATH": folder.appending(path: library).path])
  }

  static let pythonLibraries = [
    "httpx-sse", "sseclient", "sseclient-py", "aiosseclient", "requests-sse", "aiohttp-sse-client",
    "py-sse-client",
    "launchdarkly-eventsource",
  ]

  /// All installed ones, each used as its documentation shows.
  static var commands: [Command] {
    let script = scripts.appending(path: "follow.js").path
    var commands = pythonLibraries.map { library in
      let command = python("follow.py", library)
      return Command(name: library, command: command.command + [library], environment: command.environment)
    }
    commands += [
      Command(
        name: "deno", command: [folder.appending(path: "deno/bin/deno").path, "run", "--allow-net", script]),
      Command(name: "go-eventsource", command: [folder.appending(path: "go/eventsource").path]),
    ].filter { FileManager.default.isExecutableFile(atPath: $0.command[0]) }
    // Debian's own Node has no EventSource.
    let option = "--experimental-eventsource"
    if ChildProcess.succeeds("node", [option, "-e", "0"]) {
      commands.append(Command(name: "node", command: ["node", option, script]))
      commands.append(Command(name: "node-kept", command: ["node", option, script, "keep"]))
    }
    let packages = ["NODE_PATH": "/usr/share/nodejs"]
    if ChildProcess.succeeds("node", ["-e", "require('eventsource')"], environment: packages) {
      commands.append(Command(name: "node-eventsource", command: ["node", script], environment: packages))
    }
    return commands + [Command(name: "curl", command: ["curl", "--no-progress-meter", "--no-buffer"])]
  }
}
