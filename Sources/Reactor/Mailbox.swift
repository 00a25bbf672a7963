import CLinux
import Glibc
import Synchronization

/// Carries messages from any thread to one loop.
///
/// Posting takes a short lock and, if the box was empty, wakes the loop through an eventfd. The loop takes all
/// messages out at once. The box is bounded: a loop that takes no messages for that long is broken, and continuing
/// would only hide it.
package final class Mailbox<Message: Sendable>: Sendable {
  private let messages = Mutex<[Message]>([])
  private let event: FileDescriptor
  private let capacity: Int

  /// - Parameter capacity: how many messages may wait; posting more ends the process.
  package init(capacity: Int = 1 << 20) throws(SystemError) {
    event = FileDescriptor(owning: try checked("eventfd") { clinux_eventfd() })
    self.capacity = capacity
  }

  /// Appends a message. Messages of one thread arrive in the order in which it posted them.
  package func post(_ message: Message) {
    let count = messages.withLock { waiting in
      waiting.append(message)
      return waiting.count
    }
    precondition(count <= capacity, "a mailbox overflowed: its loop has stopped turning")
    if count == 1 { signal() }
  }

  private func signal() {
    var one: UInt64 = 1
    // It fails only when the counter is full, and then the loop is awake anyway.
    _ = unsafe write(event.number, &one, 8)
  }

  fileprivate var descriptor: Int32 { event.number }

  fileprivate func take() -> [Message] {
    var count: UInt64 = 0
    _ = unsafe read(event.number, &count, 8)
    return messages.withLock { waiting in
      defer { waiting = [] }
      return waiting
    }
  }
}

extension EventLoop {
  /// Lets this loop take the messages of a mailbox, as long as the loop lives.
  package func receive<Message>(
    from mailbox: Mailbox<Message>, _ receive: @escaping ([Message]) -> Void
  ) throws(SystemError) {
    let receiver = MailboxReceiver(mailbox: mailbox, receive: receive)
    _ = try register(mailbox.descriptor, for: .readable, handler: receiver)
  }
}

private final class MailboxReceiver<Message: Sendable>: ReadinessHandler {
  private let mailbox: Mailbox<Message>
  private let receive: ([Message]) -> Void

  init(mailbox: Mailbox<Message>, receive: @escaping ([Message]) -> Void) {
    self.mailbox = mailbox
    self.receive = receive
  }

  func descriptorReady(_ readiness: Readiness, token: Int) {
    receive(mailbox.take())
  }
}
