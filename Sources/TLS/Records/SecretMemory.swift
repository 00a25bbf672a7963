import COpenSSL
import Glibc
import Synchronization

/// Memory for the keys of one direction of a connection. It is left out of core dumps, and wiped when it is given up.
///
/// It comes from pages of its own: keys never lie between other data, and a page serves hundreds of connections. The
/// pages are kept for later connections.
@safe
struct SecretMemory: ~Copyable {
  /// The size, in bytes.
  static let count = 104

  /// The first byte; aligned for 64-bit numbers.
  let start: UnsafeMutableRawPointer

  /// Memory full of zeros; nil if the system has none.
  init?() {
    let address = Self.free.withLock { free in
      if free.isEmpty { free = Self.newPages() }
      return free.popLast()
    }
    guard let address, let start = unsafe UnsafeMutableRawPointer(bitPattern: address) else { return nil }
    unsafe self.start = start
  }

  deinit {
    unsafe OPENSSL_cleanse(start, Self.count)
    let address = unsafe UInt(bitPattern: start)
    Self.free.withLock { $0.append(address) }
  }

  /// The addresses of the memory that is not in use.
  private static let free = Mutex<[UInt]>([])

  private static let pagesSize = 64 * 1024

  /// The addresses that new pages offer; none if the system refuses them.
  private static func newPages() -> [UInt] {
    let pages = unsafe mmap(nil, pagesSize, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0)
    guard unsafe pages != MAP_FAILED else { return [] }
    guard unsafe madvise(pages, pagesSize, MADV_DONTDUMP) == 0 else {
      unsafe munmap(pages, pagesSize)
      return []
    }
    let first = UInt(bitPattern: pages)
    return (0..<UInt(pagesSize / count)).reversed().map { first + $0 * UInt(count) }
  }
}
