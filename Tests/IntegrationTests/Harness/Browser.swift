import Foundation
import Primitives
import Reactor

/// Chromium without a window, with one page, told what to do over its DevTools protocol: JSON with a NUL behind it, through
/// two pipes.
final class Browser {
  /// Something that a page's console would show in red.
  struct PageError: Equatable, CustomStringConvertible {
    /// `network` for a request that failed; else who has complained.
    let source: String
    let text: String
    var description: String { "\(source): \(text)" }
  }

  private let process: ChildProcess
  private let toBrowser: FileHandle
  private let fromBrowser: FileHandle
  private var received: [UInt8] = []
  private var lastCommand = 0
  /// Of the tab that is told what to do.
  var session: String?
  private var noticed: [PageError] = []

  /// Starts it, and shows it a page.
  ///
  /// - Parameter trustsEverybody: whether it takes any certificate for a good one.
  init(_ url: String, in folder: URL, trustsEverybody: Bool = false) throws {
    let commands = try Self.makePipe()
    let answers = try Self.makePipe()
    let home = folder.appending(path: "browser-\(UInt32.random(in: 0 ... .max))")
    try FileManager.default.createDirectory(at: home, withIntermediateDirectories: true)
    let flags = [
      "--headless=new", "--remote-debugging-pipe", "--user-data-dir=\(home.path)", "--no-first-run",
      // It sees nothing but our own pages, and in a container there is no sandbox to be had.
      "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--disable-background-networking",
      "--no-proxy-server",
    ]
    let trust = trustsEverybody ? ["--ignore-certificate-errors"] : []
    process = try ChildProcess(
      "browser", Self.program(), flags + trust + ["about:blank"], environment: ["HOME": home.path],
      log: home.appending(path: "browser.log").path,
      // The numbers that Chromium expects them at.
      descriptors: [3: commands.reading.fileDescriptor, 4: answers.writing.fileDescriptor])
    toBrowser = commands.writing
    fromBrowser = answers.reading
    try openTab(url)
  }

  /// The value of an expression in the page.
  func value<Value: Decodable>(of expression: String) throws -> Value {
    let result = try command("Runtime.evaluate", ["expression": "JSON.stringify(\(expression))"])
    guard let value = (result["result"] as? [String: Any])?["value"] as? String else {
      throw TimedOut(description: "'\(expression)' gave \(result)")
    }
    return try JSONDecoder().decode(Value.self, from: Data(value.utf8))
  }

  /// The text of the first element that a selector finds; empty if there is none.
  func text(of selector: String) throws -> String {
    try value(of: "document.querySelector('\(selector)')?.textContent ?? ''")
  }

  /// The number that such a text shows, its separators left out.
  func number(of selector: String) throws -> UInt64? {
    UInt64(try text(of: selector).replacing(",", with: ""))
  }

  /// Types a text into the first element that a selector finds, behind what is there.
  func type(_ text: String, into selector: String) throws {
    let _: Bool = try value(of: "document.querySelector('\(selector)').focus() ?? true")
    try command("Input.insertText", ["text": text])
  }

  /// Shows the page anew.
  func reload() throws {
    try waitForNewPage { try command("Page.reload") }
  }

  /// Does what has the page shown anew, and waits until it is.
  func waitForNewPage(_ deed: () throws -> Void) throws {
    let _: Bool = try value(of: "(window.isOld = true)")
    try deed()
    // In between there is nobody to ask.
    try wait(for: "the page anew") {
      (try? value(of: "window.isOld !== true && document.readyState === 'complete'")) == true
    }
  }

  /// Clicks at the first element that a selector finds.
  func click(_ selector: String) throws {
    let _: Bool = try value(of: "document.querySelector('\(selector)').click() ?? true")
  }

  /// Presses a key as a person does.
  ///
  /// - Parameters:
  ///   - key: its name in the standard for UI events, such as `ArrowRight`.
  ///   - code: its number in the older ones.
  func press(_ key: String, _ code: Int) throws {
    let common: [String: Any] = ["key": key, "code": key, "windowsVirtualKeyCode": code]
    let text = key == "Enter" ? ["text": "\r"] : [:]
    try command("Input.dispatchKeyEvent", common.merging(text) { $1 }.merging(["type": "keyDown"]) { $1 })
    try command("Input.dispatchKeyEvent", common.merging(["type": "keyUp"]) { $1 })
  }

  /// What the page's user likes: `prefers-reduced-motion`, say.
  func prefer(_ feature: String, _ value: String) throws {
    try command("Emulation.setEmulatedMedia", ["features": [["name": feature, "value": value]]])
  }

  /// Keeps pictures of the page in the folder that `EMOJITRACK_SCREENSHOTS` names, for people to look at: wide and as narrow as a
  /// telephone, light and dark.
  func keepPictures(_ name: String) throws {
    guard let folder = ProcessInfo.processInfo.environment["EMOJITRACK_SCREENSHOTS"] else { return }
    for (size, width, height) in [("wide", 1_280, 800), ("narrow", 375, 812)] {
      try command(
        "Emulation.setDeviceMetricsOverride",
        ["width": width, "height": height, "deviceScaleFactor": 1, "mobile": size == "narrow"])
      for scheme in ["light", "dark"] {
        try prefer("prefers-color-scheme", scheme)
        // A frame or two, so that what is laid out anew is also drawn.
        letPass(.milliseconds(300))
        let data = try text(command("Page.captureScreenshot", ["format": "png"])["data"])
        let file = URL(filePath: folder).appending(path: "\(name)-\(size)-\(scheme).png")
        try Data(base64Encoded: data)?.write(to: file)
      }
    }
    try command("Emulation.clearDeviceMetricsOverride")
    try prefer("prefers-color-scheme", "light")
  }

  /// True if the page is wider than a telephone shows it.
  func isTooWideForTelephones() throws -> Bool {
    try command(
      "Emulation.setDeviceMetricsOverride",
      ["width": 375, "height": 812, "deviceScaleFactor": 1, "mobile": true])
    let isTooWide: Bool = try value(of: "document.documentElement.scrollWidth > 375")
    try command("Emulation.clearDeviceMetricsOverride")
    return isTooWide
  }

  /// All that has gone wrong in the page so far.
  var errors: [PageError] {
    get throws {
      // What comes before its answer has happened before.
      try command("Runtime.evaluate", ["expression": "0"])
      return noticed
    }
  }

  // MARK: The protocol

  @discardableResult
  func command(_ method: String, _ parameters: [String: Any] = [:]) throws -> [String: Any] {
    lastCommand += 1
    var message: [String: Any] = ["id": lastCommand, "method": method, "params": parameters]
    message["sessionId"] = session
    try toBrowser.write(contentsOf: JSONSerialization.data(withJSONObject: message) + [0])
    let deadline = MonotonicClock.now().advanced(by: .seconds(30))
    while true {
      let message = try nextMessage(until: deadline)
      if message["id"] as? Int == lastCommand {
        guard let result = message["result"] as? [String: Any] else {
          throw TimedOut(description: "\(method): \(message)")
        }
        return result
      }
      if let method = message["method"] as? String {
        notice(method, message["params"] as? [String: Any] ?? [:])
      }
    }
  }

  private func notice(_ event: String, _ parameters: [String: Any]) {
    switch event {
    case "Log.entryAdded":
      guard let entry = parameters["entry"] as? [String: Any], entry["level"] as? String == "error" else {
        return
      }
      noticed.append(
        PageError(
          source: entry["source"] as? String ?? "", text: "\(entry["text"] ?? "") \(entry["url"] ?? "")"))
    case "Runtime.exceptionThrown":
      noticed.append(PageError(source: "exception", text: "\(parameters)"))
    case "Runtime.consoleAPICalled" where ["error", "assert"].contains(parameters["type"] as? String):
      noticed.append(PageError(source: "console", text: "\(parameters)"))
    default: break
    }
  }

  private func nextMessage(until deadline: Instant) throws -> [String: Any] {
    while true {
      if let end = received.firstIndex(of: 0) {
        let message = try JSONSerialization.jsonObject(with: Data(received[..<end]))
        received.removeFirst(end + 1)
        return message as? [String: Any] ?? [:]
      }
      var entry = pollfd(fd: fromBrowser.fileDescriptor, events: Int16(POLLIN), revents: 0)
      let left = MonotonicClock.now().duration(to: deadline).wholeMilliseconds
      guard left > 0, unsafe poll(&entry, 1, Int32(clamping: left)) > 0 else {
        throw TimedOut(description: "the browser does not answer: \(process.log.suffix(2_000))")
      }
      let bytes = fromBrowser.availableData
      guard !bytes.isEmpty else {
        throw TimedOut(description: "the browser ended: \(process.log.suffix(2_000))")
      }
      received += bytes
    }
  }

  func text(_ value: Any?) throws -> String {
    guard let text = value as? String else { throw TimedOut(description: "the browser gave no text") }
    return text
  }

  // MARK: Starting

  private static func program() throws -> String {
    let names = ["chromium", "chromium-browser", "google-chrome"]
    let folders = (ProcessInfo.processInfo.environment["PATH"] ?? "/usr/bin:/bin").split(separator: ":")
    for name in names {
      if folders.contains(where: { FileManager.default.isExecutableFile(atPath: "\($0)/\(name)") }) {
        return name
      }
    }
    throw TimedOut(description: "there is no Chromium: Deploy/install.sh --with-browser installs it")
  }

  /// A pipe of which other processes that are started get nothing.
  private static func makePipe() throws -> (reading: FileHandle, writing: FileHandle) {
    var ends: [Int32] = [-1, -1]
    guard unsafe pipe(&ends) == 0 else { throw TimedOut(description: "no pipe could be made") }
    let handles = ends.map { end in
      // Their numbers must not be those that they are given in the browser.
      let number = fcntl(end, F_DUPFD_CLOEXEC, 10)
      close(end)
      return FileHandle(fileDescriptor: number, closeOnDealloc: true)
    }
    return (handles[0], handles[1])
  }
}
