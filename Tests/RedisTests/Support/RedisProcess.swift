import Glibc
import Redis
import Testing

/// A private redis-server on a unix socket in a temporary folder, without persistence; it ends with this object.
final class RedisProcess {
  let socketPath: String
  private let folder: String
  private var process: pid_t = 0

  /// - Parameter commands: commands that this server does not know.
  init(renaming commands: [String] = []) throws {
    folder = "\(P_tmpdir)/redis-tests-\(getpid())-\(UInt32.random(in: .min ... .max))"
    socketPath = "\(folder)/s"
    let status = unsafe mkdir(folder, 0o700)
    try #require(status == 0)
    try spawn(
      [
        "redis-server", "--port", "0", "--unixsocket", socketPath, "--save", "", "--appendonly", "no",
        "--dir",
        folder,
        "--loglevel", "warning",
      ] + commands.flatMap { ["--rename-command", $0, ""] })
  }

  deinit {
    // SIGKILL, because a process started from a test's thread inherits a mask that blocks SIGTERM.
    kill(process, SIGKILL)
    waitpid(process, nil, 0)
    _ = unsafe unlink(socketPath)
    _ = unsafe rmdir(folder)
  }

  /// A new connection, as soon as the server answers; within five seconds.
  func connect() throws -> BlockingConnection {
    for _ in 0..<500 {
      if let connection = BlockingConnection(path: socketPath) { return connection }
      usleep(10_000)
    }
    return try #require(BlockingConnection(path: socketPath), "redis-server did not start")
  }

  private func spawn(_ arguments: [String]) throws {
    var pointers = unsafe arguments.map { unsafe strdup($0) } + [nil]
    let status = unsafe posix_spawnp(&process, "redis-server", nil, nil, &pointers, environ)
    unsafe pointers.forEach { unsafe free($0) }
    try #require(status == 0, "redis-server is not installed")
  }
}
