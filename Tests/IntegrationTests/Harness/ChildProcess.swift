import Foundation

/// How a process ended.
enum ProcessEnd: Equatable {
  case exited(Int32)
  case killed(by: Int32)
}

/// A process that a test has started. All of its output goes to one file. It is killed at the latest when its object
/// is released.
final class ChildProcess {
  let name: String
  /// The process id.
  let identifier: pid_t
  private let logPath: String
  private let leadsGroup: Bool
  private var end: ProcessEnd?

  /// Starts a program with exactly this environment, and `PATH`.
  ///
  /// - Parameters:
  ///   - descriptors: further descriptors of ours that it inherits, by their numbers there.
  ///   - blocksSignals: whether it inherits the signal mask of the test's thread, which blocks most signals.
  ///   - leadsGroup: whether it and its own child processes are a process group, which is killed with it.
  init(
    _ name: String, _ program: String, _ arguments: [String], environment: [String: String] = [:],
    log: String,
    descriptors: [Int32: Int32] = [:], blocksSignals: Bool = true, leadsGroup: Bool = false
  ) throws {
    self.name = name
    self.leadsGroup = leadsGroup
    logPath = log
    var actions = unsafe posix_spawn_file_actions_t()
    unsafe posix_spawn_file_actions_init(&actions)
    defer { unsafe posix_spawn_file_actions_destroy(&actions) }
    unsafe posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0)
    unsafe posix_spawn_file_actions_addopen(
      &actions, STDOUT_FILENO, log, O_WRONLY | O_CREAT | O_APPEND, 0o600)
    unsafe posix_spawn_file_actions_adddup2(&actions, STDOUT_FILENO, STDERR_FILENO)
    for (theirs, ours) in descriptors { unsafe posix_spawn_file_actions_adddup2(&actions, ours, theirs) }

    var attributes = posix_spawnattr_t()
    unsafe posix_spawnattr_init(&attributes)
    defer { unsafe posix_spawnattr_destroy(&attributes) }
    if !blocksSignals {
      var none = sigset_t()
      unsafe sigemptyset(&none)
      unsafe posix_spawnattr_setsigmask(&attributes, &none)
    }
    unsafe posix_spawnattr_setflags(
      &attributes,
      Int16((blocksSignals ? 0 : POSIX_SPAWN_SETSIGMASK) | (leadsGroup ? POSIX_SPAWN_SETPGROUP : 0)))

    let path = ProcessInfo.processInfo.environment["PATH"] ?? "/usr/bin:/bin"
    let variables = environment.merging(["PATH": path]) { own, _ in own }.map { "\($0)=\($1)" }
    // If the tests crash or are killed, their child processes end too.
    let command = ["setpriv", "--pdeathsig", "KILL", program] + arguments
    var identifier: pid_t = 0
    let code = unsafe Self.withPointers(command) { command in
      unsafe Self.withPointers(variables) { variables in
        unsafe posix_spawnp(&identifier, "setpriv", &actions, &attributes, command, variables)
      }
    }
    guard code == 0 else {
      throw CannotStart(description: "\(program): \(unsafe String(cString: strerror(code)))")
    }
    self.identifier = identifier
  }

  deinit {
    kill()
    // The group may outlive its leader.
    if leadsGroup { Foundation.kill(-identifier, SIGKILL) }
  }

  struct CannotStart: Error, CustomStringConvertible {
    let description: String
  }

  private static func withPointers<Result>(
    _ texts: [String], _ body: (UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>) -> Result
  ) -> Result {
    var pointers = unsafe texts.map { unsafe strdup($0) } + [nil]
    defer { unsafe pointers.forEach { unsafe free($0) } }
    return unsafe body(&pointers)
  }

  /// Whether a program exits with 0. False if there is no such program.
  static func succeeds(_ program: String, _ arguments: [String], environment: [String: String] = [:]) -> Bool
  {
    let log = FileManager.default.temporaryDirectory.appending(path: "emojitrack-\(UUID()).log")
    defer { try? FileManager.default.removeItem(at: log) }
    let run = try? ChildProcess(program, program, arguments, environment: environment, log: log.path)
    return (try? run?.waitForEnd(within: .seconds(30))) == .exited(0)
  }

  /// All output so far.
  var log: String {
    String(decoding: (try? Data(contentsOf: URL(filePath: logPath))) ?? Data(), as: UTF8.self)
  }

  /// The CPU time used so far, in user and system mode; zero once the process has ended.
  var cpuTime: Duration {
    let fields = (try? String(contentsOfFile: "/proc/\(identifier)/stat", encoding: .utf8))?.split(
      separator: " ")
    // proc(5): fields 14 and 15, in ticks of 10 ms. None of our names contains a space.
    guard let fields, fields.count > 14, let user = Int(fields[13]), let system = Int(fields[14]) else {
      return .zero
    }
    return .milliseconds(10 * (user + system))
  }

  /// How the process ended; nil while it runs.
  func poll() -> ProcessEnd? {
    if end == nil {
      var status: Int32 = 0
      guard unsafe waitpid(identifier, &status, WNOHANG) == identifier else { return nil }
      end = status & 0x7f == 0 ? .exited(status >> 8 & 0xff) : .killed(by: status & 0x7f)
    }
    return end
  }

  /// Sends a signal, unless the process has ended.
  func signal(_ number: Int32) {
    if poll() == nil { Foundation.kill(identifier, number) }
  }

  /// Ends the process with kill -9, and waits until it is gone.
  func kill() {
    guard poll() == nil else { return }
    Foundation.kill(identifier, SIGKILL)
    var status: Int32 = 0
    unsafe waitpid(identifier, &status, 0)
    end = .killed(by: SIGKILL)
  }

  /// Waits until the process has ended by itself.
  func waitForEnd(within limit: Duration = .seconds(10)) throws -> ProcessEnd {
    try wait(for: "the end of \(name)", within: limit, some: poll)
  }
}
