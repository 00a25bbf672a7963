import Foundation
import Primitives
import Reactor

/// Chromium without a window, controlled by its DevTools protocol: JSON messages that end in NUL, over two pipes.
final class Browser {
  /// An error that a page's console would show.
  struct PageError: Equatable, CustomStringConvertible {
    /// `network` for a request that failed; otherwise the source that the browser reports.
    let source: String
    let text: String
    var description: String { "\(source): \(text)" }
  }

  private let process: ChildProcess
  private let toBrowser: FileHandle
  private let fromBrowser: FileHandle
  private var received: [UInt8] = []
  private var lastCommand = 0
  /// The session of the tab that gets the commands.
  var session: String?
  private var noticed: [PageError] = []

  /// Starts the browser and opens a page.
  ///
  /// - Parameter trustsEverybody: whether any certificate is accepted.
  init(_ url: String, in folder: URL, trustsEverybody: Bool = false) throws {
    let commands = try Self.makePipe()
    let answers = try Self.makePipe()
    let home = folder.appending(path: "browser-\(UInt32.random(in: 0 ... .max))")
    try FileManager.default.createDirectory(at: home, withIntermediateDirectories: true)
    let flags = [
      "--headless=new", "--remote-debugging-pipe", "--user-data-dir=\(home.path)", "--no-first-run",
      // It shows only our own pages, and a container provides no sandbox.
      "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--disable-background-networking",
      "--no-proxy-server",
    ]
    let trust = trustsEverybody ? ["--ignore-certificate-errors"] : []
    process = try ChildProcess(
      "browser", Self.program(), flags + trust + ["about:blank"], environment: ["HOME": home.path],
      log: home.appending(path: "browser.log").path,
      // The descriptor numbers that Chromium expects.
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

  /// The number in such a text, without separators.
  func number(of selector: String) throws -> UInt64? {
    UInt64(try text(of: selector).replacing(",", with: ""))
  }

  /// Types a text into the first element that a selector finds, after the present text.
  func type(_ text: String, into selector: String) throws {
    let _: Bool = try value(of: "document.querySelector('\(selector)').focus() ?? true")
    try command("Input.insertText", ["text": text])
  }

  /// Reloads the page.
  func reload() throws {
    try waitForNewPage { try command("Page.reload") }
  }

  /// Does something that reloads the page, and waits until it is loaded.
  func waitForNewPage(_ deed: () throws -> Void) throws {
    let _: Bool = try value(of: "(window.isOld = true)")
    try deed()
    // In between there is no page to ask.
    try wait(for: "the reloaded page") {
      (try? value(of: "window.isOld !== true && document.readyState === 'complete'")) == true
    }
  }

  /// Clicks on the first element that a selector finds.
  func click(_ selector: String) throws {
    let _: Bool = try value(of: "document.querySelector('\(selector)').click() ?? true")
  }

  /// Presses a key.
  ///
  /// - Parameters:
  ///   - key: the name of the key in the UI Events standard, such as `ArrowRight`.
  ///   - code: the key's older numeric code.
  func press(_ key: String, _ code: Int) throws {
    let common: [String: Any] = ["key": key, "code": key, "windowsVirtualKeyCode": code]
    let text = key == "Enter" ? ["text": "\r"] : [:]
    try command("Input.dispatchKeyEvent", common.merging(text) { $1 }.merging(["type": "keyDown"]) { $1 })
    try command("Input.dispatchKeyEvent", common.merging(["type": "keyUp"]) { $1 })
  }

  /// Sets a preference of the page's user, such as `prefers-reduced-motion`.
  func prefer(_ feature: String, _ value: String) throws {
    try command("Emulation.setEmulatedMedia", ["features": [["name": feature, "value": value]]])
  }

  /// Saves pictures of the page in the folder that `EMOJITRACK_SCREENSHOTS` names: wide and as narrow as a phone,
  /// light and dark.
  func keepPictures(_ name: String) throws {
    guard let folder = ProcessInfo.processInfo.environment["EMOJITRACK_SCREENSHOTS"] else { return }
    for (size, width, height) in [("wide", 1_280, 800), ("narrow", 375, 812)] {
      try command(
        "Emulation.setDeviceMetricsOverride",
        ["width": width, "height": height, "deviceScaleFactor": 1, "mobile": size == "narrow"])
      for scheme in ["light", "dark"] {
        try prefer("prefers-color-scheme", scheme)
        // A frame or two, so that the new layout is drawn.
        letPass(.milliseconds(300))
        let data = try text(command("Page.captureScreenshot", ["format": "png"])["data"])
        let file = URL(filePath: folder).appending(path: "\(name)-\(size)-\(scheme).png")
        try Data(base64Encoded: data)?.write(to: file)
      }
    }
    try command("Emulation.clearDeviceMetricsOverride")
    try prefer("prefers-color-scheme", "light")
  }

  /// Whether the page is wider than a phone's screen.
  func isTooWideForTelephones() throws -> Bool {
    try command(
      "Emulation.setDeviceMetricsOverride",
      ["width": 375, "height": 812, "deviceScaleFactor": 1, "mobile": true])
    let isTooWide: Bool = try value(of: "document.documentElement.scrollWidth > 375")
    try command("Emulation.clearDeviceMetricsOverride")
    return isTooWide
  }

  /// All errors of the page so far.
  var errors: [PageError] {
    get throws {
      // Events before the answer to this command have been delivered before it.
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
    throw TimedOut(description: "there is no Chromium: Scripts/install.sh --with-browser installs it")
  }

  /// A pipe that other child processes do not inherit.
  private static func makePipe() throws -> (reading: FileHandle, writing: FileHandle) {
    var ends: [Int32] = [-1, -1]
    guard unsafe pipe(&ends) == 0 else { throw TimedOut(description: "no pipe could be made") }
    let handles = ends.map { end in
      // Its numbers must not be those that it gets in the browser.
      let number = fcntl(end, F_DUPFD_CLOEXEC, 10)
      close(end)
      return FileHandle(fileDescriptor: number, closeOnDealloc: true)
    }
    return (handles[0], handles[1])
  }
}
