import Redis
import Testing

@Suite("RedisCommand")
struct RedisCommandTests {
  @Test("writes a command as a list of strings")
  func text() {
    #expect(RedisCommand.encode(["GET", "key"]) == Array("*2\r\n$3\r\nGET\r\n$3\r\nkey\r\n".utf8))
  }

  @Test("keeps every byte of its arguments")
  func binary() throws {
    let arguments: [[UInt8]] = [Array("SET".utf8), [], [0, 13, 10, 255], Array(0...255), []]
    #expect(try read([RedisCommand.encode(arguments)]) == [.array(arguments.map { .bulk($0) })])
  }

  @Test("writes a command without content")
  func empty() {
    #expect(RedisCommand.encode([""]) == Array("*1\r\n$0\r\n\r\n".utf8))
  }
}
