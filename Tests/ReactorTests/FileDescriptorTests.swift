import Glibc
import Reactor
import Testing

@Suite("An owned descriptor")
struct FileDescriptorTests {
  private func ends() throws -> (near: Int32, far: Int32) {
    var numbers: [Int32] = [-1, -1]
    let type = Int32(SOCK_STREAM.rawValue | SOCK_NONBLOCK.rawValue | SOCK_CLOEXEC.rawValue)
    try #require(unsafe socketpair(AF_UNIX, type, 0, &numbers) == 0)
    return (numbers[0], numbers[1])
  }

  @Test("It is open while it is owned, and closed with its owner")
  func closes() throws {
    let (near, far) = try ends()
    let other = FileDescriptor(owning: far)
    var owned: FileDescriptor? = FileDescriptor(owning: near)
    #expect(received(from: other.number).end == .wouldBlock)
    #expect(owned?.number == near)
    owned = nil
    #expect(received(from: other.number).end == .ended)
  }

  @Test("Given away, it stays open until its new owner closes it")
  func release() throws {
    let (near, far) = try ends()
    let other = FileDescriptor(owning: far)
    let number = FileDescriptor(owning: near).release()
    #expect(number == near)
    #expect(received(from: other.number).end == .wouldBlock)
    #expect(close(number) == 0)
    #expect(received(from: other.number).end == .ended)
  }
}
