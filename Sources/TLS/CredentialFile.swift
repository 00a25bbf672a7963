import Glibc

import func COpenSSL.OPENSSL_cleanse

/// A certificate, key or authority file, read once and completely; its bytes are wiped when they are no longer
/// needed.
///
/// Owner and mode are checked on the descriptor that is read: the file cannot be exchanged in between.
@safe
struct CredentialFile: ~Copyable {
  /// The greatest length that is read, in bytes: enough for some five hundred certificates.
  static let maximumCount = 1 << 20

  /// The path as it was given.
  let path: String

  /// The content of the file.
  let bytes: UnsafeMutableRawBufferPointer

  deinit {
    unsafe OPENSSL_cleanse(bytes.baseAddress, bytes.count)
    unsafe bytes.deallocate()
  }

  /// Reads a file; a secret file only if other users cannot read it.
  static func read(_ path: String, isSecret: Bool) throws(CredentialError) -> CredentialFile {
    // O_NONBLOCK: a pipe at this path must not hang the process before it is refused.
    let descriptor = unsafe open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
    guard descriptor >= 0 else {
      let problem = errno == ENOENT ? .missing : CredentialError.Problem.unreadable(text(of: errno))
      throw CredentialError(file: path, problem: problem)
    }
    defer { close(descriptor) }
    var status = stat()
    guard unsafe fstat(descriptor, &status) == 0 else {
      throw CredentialError(file: path, problem: .unreadable(text(of: errno)))
    }
    if let problem = problem(in: status, isSecret: isSecret) {
      throw CredentialError(file: path, problem: problem)
    }
    let file = CredentialFile(path: path, count: Int(status.st_size))
    try file.fill(from: descriptor)
    return file
  }

  private init(path: String, count: Int) {
    self.path = path
    unsafe bytes = UnsafeMutableRawBufferPointer.allocate(byteCount: count, alignment: 1)
  }

  private borrowing func fill(from descriptor: Int32) throws(CredentialError) {
    var filled = 0
    while unsafe filled < bytes.count {
      let rest = unsafe UnsafeMutableRawBufferPointer(rebasing: bytes[filled...])
      let count = unsafe Glibc.read(descriptor, rest.baseAddress, rest.count)
      if count < 0 && errno == EINTR { continue }
      guard count > 0 else {
        let reason = count < 0 ? Self.text(of: errno) : "it became shorter while it was read"
        throw CredentialError(file: path, problem: .unreadable(reason))
      }
      filled += count
    }
  }

  private static func problem(in status: stat, isSecret: Bool) -> CredentialError.Problem? {
    guard status.st_mode & S_IFMT == S_IFREG else { return .unreadable("it is not a plain file") }
    guard status.st_size <= maximumCount else { return .tooLarge(limit: maximumCount) }
    guard isSecret else { return nil }
    // As in PostgreSQL: the file is owned by this user and closed to everyone else, or owned by root, who may open it
    // to one group.
    guard status.st_uid == geteuid() || status.st_uid == 0 else {
      return .exposed("belongs to another user (\(status.st_uid))")
    }
    let others: mode_t = status.st_uid == 0 ? 0o037 : 0o077
    guard status.st_mode & others == 0 else {
      return .exposed("can be read by others (mode 0\(String(status.st_mode & 0o7777, radix: 8)))")
    }
    return nil
  }

  private static func text(of number: Int32) -> String {
    unsafe strerror(number).map { unsafe String(cString: $0) } ?? "error \(number)"
  }
}
