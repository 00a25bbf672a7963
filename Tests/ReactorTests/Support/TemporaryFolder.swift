import Glibc
import Reactor
import Testing

/// A folder for one test, removed with this object; it may contain only sockets and empty files.
final class TemporaryFolder {
  let path: String
  private var names: Set<String> = []

  init() throws {
    var template = Array("/tmp/reactor-tests-XXXXXX".utf8CString)
    try #require(unsafe mkdtemp(&template) != nil)
    path = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
  }

  deinit {
    for name in names { _ = unsafe unlink("\(path)/\(name)") }
    _ = unsafe rmdir(path)
  }

  /// The address of a unix socket in the folder.
  func address(_ name: String) throws -> SocketAddress {
    names.insert(name)
    return try #require(SocketAddress(unixPath: "\(path)/\(name)"))
  }
}
