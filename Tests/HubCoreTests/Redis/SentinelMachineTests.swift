import Primitives
import Testing

@testable import HubCore

@Suite("SentinelMachine")
struct SentinelMachineTests {
  private var machine: SentinelMachine
  private var now = Instant(nanoseconds: 1_000_000_000_000)
  private let first: HostPort
  private let second: HostPort

  init() throws {
    first = try HostPort(parsing: "10.0.0.1:6379")
    second = try HostPort(parsing: "10.0.0.2:6380")
    machine = SentinelMachine(
      sentinels: try ["s1:26379", "s2:26379", "s3:26379"].map { try HostPort(parsing: $0) }, master: "main")
  }

  private static func address(_ host: String, _ port: String) -> FeedReply {
    .list([.text(Array(host.utf8)), .text(Array(port.utf8))])
  }

  private mutating func advance(_ duration: Duration) -> [SentinelMachine.Action] {
    now = now.advanced(by: duration)
    return machine.timerTriggered(now: now)
  }

  private mutating func message(_ payload: String) -> [SentinelMachine.Action] {
    machine.messageReceived(channel: Array("+switch-master".utf8), payload: Array(payload.utf8), now: now)
  }

  /// Requests the master, and lets the sentinel answer.
  private mutating func findFirst() {
    _ = machine.resolve(now: now)
    _ = machine.connectionEstablished(now: now)
    let found = machine.replyReceived(Self.address("10.0.0.1", "6379"), now: now)
    #expect(found == [.found(first)])
    let subscribed = machine.replyReceived(.list([]), now: now)
    #expect(subscribed == [])
  }

  @Test("The machine asks a sentinel and subscribes in one go")
  mutating func asks() throws {
    let connecting = machine.resolve(now: now)
    #expect(connecting == [.connect(0)])
    guard case .send(let commands) = machine.connectionEstablished(now: now).first else {
      Issue.record("nothing was sent")
      return
    }
    let words = commands.map {
      $0.arguments.map { String(decoding: $0, as: UTF8.self) }.joined(separator: " ")
    }
    #expect(words == ["SENTINEL GET-MASTER-ADDR-BY-NAME main", "SUBSCRIBE +switch-master"])
    let found = machine.replyReceived(Self.address("::1", "6379"), now: now)
    #expect(try found == [.found(HostPort(parsing: "[::1]:6379"))])
  }

  @Test("The machine logs in, and its description shows no password")
  mutating func login() throws {
    machine = SentinelMachine(
      sentinels: [try HostPort(parsing: "s:1")], master: "main", user: "u", password: "s3cret")
    _ = machine.resolve(now: now)
    let actions = machine.connectionEstablished(now: now)
    guard case .send(let commands) = actions.first else {
      Issue.record("nothing was sent")
      return
    }
    #expect(commands.first?.arguments == [Array("AUTH".utf8), Array("u".utf8), Array("s3cret".utf8)])
    var text = "\(actions)"
    dump(machine, to: &text)
    #expect(!text.contains("s3cret"))
    let refused = machine.replyReceived(.failure("WRONGPASS x"), now: now)
    let reason = "no sentinel names the master 'main'; the last one, s:1: it refused AUTH: WRONGPASS x"
    #expect(refused == [.disconnect, .failed(reason: reason)])
  }

  @Test("Each sentinel is asked once before the machine gives up, whatever is wrong with them")
  mutating func round() {
    _ = machine.resolve(now: now)
    let refused = machine.connectionClosed(reason: "refused", now: now)
    #expect(refused == [.connect(1)])
    let early = advance(.milliseconds(999))
    #expect(early == [])
    let silent = advance(.milliseconds(1))
    #expect(silent == [.connect(2)])
    _ = machine.connectionEstablished(now: now)
    let unknown = machine.replyReceived(.list(nil), now: now)
    let reason =
      "no sentinel names the master 'main'; the last one, s3:26379: it knows no master named 'main'"
    #expect(unknown == [.disconnect, .failed(reason: reason)])
    #expect(machine.deadline == nil)
    let again = machine.resolve(now: now)
    #expect(again == [.connect(0)])
  }

  @Test("Another master is reported at once, and its address given to the next request")
  mutating func moved() {
    findFirst()
    #expect(message("other 10.0.0.1 6379 10.0.0.2 6380") == [])
    #expect(message("main 10.0.0.1 6379 10.0.0.2") == [])
    let same = message("main 10.0.0.3 6379 10.0.0.1 6379")
    #expect(same == [])
    let moved = message("main 10.0.0.1 6379 10.0.0.2 6380")
    #expect(moved == [.moved(second)])
    let asked = machine.resolve(now: now)
    #expect(asked == [.found(second)])
    let askedAgain = machine.resolve(now: now)
    #expect(askedAgain == [.connect(1)])
  }

  @Test("Each request asks the next sentinel, because the last one did not help")
  mutating func rotation() {
    findFirst()
    let second = machine.resolve(now: now)
    #expect(second == [.connect(1)])
    let meanwhile = machine.resolve(now: now)
    #expect(meanwhile == [])
  }

  @Test("If a sentinel is lost another one is watched, and reports what was missed")
  mutating func watchAnother() {
    findFirst()
    let gone = machine.connectionClosed(reason: "end", now: now)
    #expect(gone == [.disconnect])
    let next = advance(.seconds(1))
    #expect(next == [.connect(1)])
    _ = machine.connectionEstablished(now: now)
    let missed = machine.replyReceived(Self.address("10.0.0.2", "6380"), now: now)
    #expect(missed == [.moved(second)])
    // A sentinel without news causes no action.
    _ = machine.replyReceived(.list([]), now: now)
    _ = machine.connectionClosed(reason: "end", now: now)
    _ = advance(.seconds(1))
    _ = machine.connectionEstablished(now: now)
    let nothing = machine.replyReceived(Self.address("10.0.0.2", "6380"), now: now)
    #expect(nothing == [])
  }

  @Test("A sentinel that falls silent is noticed")
  mutating func silence() {
    findFirst()
    let ping = advance(.seconds(2))
    #expect(ping == [.send([FeedCommand("PING")])])
    let pong = machine.replyReceived(.list([.text([]), .text([])]), now: now)
    #expect(pong == [])
    _ = advance(.seconds(2))
    let silent = advance(.seconds(1))
    #expect(silent == [.disconnect])
    let next = advance(.seconds(1))
    #expect(next == [.connect(1)])
  }

  @Test("A sentinel that does not answer is skipped, and the reason says whether its name was at fault")
  mutating func unresolved() {
    for (isResolving, reason) in [
      (true, "its name is not resolved yet"), (false, "it did not answer in time"),
    ] {
      var machine = machine
      _ = machine.resolve(now: now)
      for index in 1...3 {
        now = now.advanced(by: .seconds(1))
        let actions = machine.timerTriggered(isResolving: isResolving, now: now)
        if index < 3 {
          #expect(actions == [.connect(index)])
        } else {
          let text = "no sentinel names the master 'main'; the last one, s3:26379: \(reason)"
          #expect(actions == [.disconnect, .failed(reason: text)])
        }
      }
    }
  }

  @Test("Events from a connection that was given up are ignored")
  mutating func stale() {
    findFirst()
    _ = machine.connectionClosed(reason: "end", now: now)
    #expect(machine.replyReceived(.status("OK"), now: now) == [])
    #expect(machine.connectionEstablished(now: now) == [])
    #expect(machine.connectionClosed(reason: "end", now: now) == [])
  }
}
