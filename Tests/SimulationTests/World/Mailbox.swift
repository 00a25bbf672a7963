import Primitives

/// Passes messages between threads of a process: in order, after a short while, several at a time.
final class Mailbox<Message> {
  private let world: World
  private var messages: [Message] = []
  private var isScheduled = false
  var handler: (([Message]) -> Void)?

  init(world: World) {
    self.world = world
  }

  func post(_ message: Message) {
    messages.append(message)
    guard !isScheduled else { return }
    isScheduled = true
    world.scheduler.after(.microseconds(Int.random(in: 5...500, using: &world.random))) { [weak self] in
      guard let self else { return }
      isScheduled = false
      let received = messages
      messages = []
      handler?(received)
    }
  }
}
