import Glibc

/// A program that this process has started. It ends with its owner: its standard input closes, and it gets SIGTERM.
package final class ChildProcess {
  /// The stream on which it is heard.
  package enum Stream: Sendable {
    /// Standard output; standard error is that of this process.
    case output
    /// Standard error; standard output goes nowhere.
    case error
  }

  /// The id of the process.
  package let id: Int32
  /// Its standard input, which carries nothing: also where this process is killed, its end tells the other one.
  private var input: FileDescriptor?
  private let heard: FileDescriptor

  /// Starts a program.
  ///
  /// - Parameters:
  ///   - command: its path and its arguments.
  ///   - stream: what ``firstWords()`` reads.
  package init(_ command: [String], hearing stream: Stream) throws(SystemError) {
    let toThem = try Pipe()
    let toUs = try Pipe()
    var actions = unsafe posix_spawn_file_actions_t()
    unsafe posix_spawn_file_actions_init(&actions)
    defer { unsafe posix_spawn_file_actions_destroy(&actions) }
    unsafe posix_spawn_file_actions_adddup2(&actions, toThem.theirs.number, STDIN_FILENO)
    switch stream {
    case .output: unsafe posix_spawn_file_actions_adddup2(&actions, toUs.theirs.number, STDOUT_FILENO)
    case .error:
      unsafe posix_spawn_file_actions_addopen(&actions, STDOUT_FILENO, "/dev/null", O_WRONLY, 0)
      unsafe posix_spawn_file_actions_adddup2(&actions, toUs.theirs.number, STDERR_FILENO)
    }
    // A thread of ours may block signals that the program must get.
    var attributes = posix_spawnattr_t()
    unsafe posix_spawnattr_init(&attributes)
    defer { unsafe posix_spawnattr_destroy(&attributes) }
    var none = sigset_t()
    unsafe sigemptyset(&none)
    unsafe posix_spawnattr_setsigmask(&attributes, &none)
    unsafe posix_spawnattr_setflags(&attributes, Int16(POSIX_SPAWN_SETSIGMASK))

    var words = unsafe command.map { unsafe strdup($0) } + [nil]
    defer { unsafe words.forEach { unsafe free($0) } }
    var id: pid_t = 0
    let code = unsafe posix_spawn(&id, command[0], &actions, &attributes, &words, environ)
    guard code == 0 else { throw SystemError(call: "posix_spawn", code: code) }
    self.id = id
    input = toThem.takeOurs()
    heard = toUs.takeOurs()
  }

  deinit {
    input = nil
    kill(id, SIGTERM)
    var status: Int32 = 0
    _ = try? checked("waitpid") { unsafe waitpid(id, &status, 0) }
  }

  /// Waits until it writes something, or ends.
  ///
  /// - Returns: at most 4 KiB; nothing if it has ended.
  package func firstWords() throws(SystemError) -> String {
    var bytes = [UInt8](repeating: 0, count: 4_096)
    let count = try checked("read") {
      Int32(unsafe bytes.withUnsafeMutableBytes { unsafe read(heard.number, $0.baseAddress, $0.count) })
    }
    return String(decoding: bytes.prefix(Int(count)), as: UTF8.self)
  }

  /// A pipe of which programs inherit only what they are given. Glibc's module has no `pipe2`, so it is a pair of sockets.
  private struct Pipe: ~Copyable {
    let ours: FileDescriptor
    let theirs: FileDescriptor

    init() throws(SystemError) {
      var numbers: [Int32] = [-1, -1]
      let type = Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue)
      _ = try checked("socketpair") { unsafe socketpair(AF_UNIX, type, 0, &numbers) }
      ours = FileDescriptor(owning: numbers[0])
      theirs = FileDescriptor(owning: numbers[1])
    }

    consuming func takeOurs() -> FileDescriptor { ours }
  }
}
