/// A double-ended queue in one circular array that grows as needed and is indexed from its oldest element.
package struct RingBuffer<Element> {
  private var storage: [Element?]
  private var head = 0

  /// How many elements there are.
  package private(set) var count = 0

  /// An empty buffer with room for `minimumCapacity` elements.
  package init(minimumCapacity: Int = 0) {
    storage = Array(repeating: nil, count: minimumCapacity == 0 ? 0 : Self.roundedUp(minimumCapacity))
  }

  /// True if there is no element.
  package var isEmpty: Bool { count == 0 }

  /// The oldest element.
  package var first: Element? { isEmpty ? nil : storage[head] }

  /// The newest element.
  package var last: Element? { isEmpty ? nil : storage[slot(of: count - 1)] }

  /// The element at a distance from the oldest one.
  package subscript(index: Int) -> Element {
    get {
      precondition(index >= 0 && index < count, "index outside the ring buffer")
      guard let element = storage[slot(of: index)] else {
        preconditionFailure("an empty slot inside the ring")
      }
      return element
    }
    set {
      precondition(index >= 0 && index < count, "index outside the ring buffer")
      storage[slot(of: index)] = newValue
    }
  }

  /// Appends an element after the newest one.
  package mutating func append(_ element: Element) {
    if count == storage.count { grow() }
    storage[slot(of: count)] = element
    count += 1
  }

  /// Removes and returns the oldest element.
  @discardableResult
  package mutating func popFirst() -> Element? {
    guard count > 0 else { return nil }
    let element = storage[head]
    storage[head] = nil
    head = (head + 1) & (storage.count - 1)
    count -= 1
    return element
  }

  /// Removes all elements and keeps the memory.
  package mutating func removeAll() {
    while popFirst() != nil {}
  }

  private func slot(of index: Int) -> Int { (head + index) & (storage.count - 1) }

  private mutating func grow() {
    var larger: [Element?] = []
    larger.reserveCapacity(Self.roundedUp(count + 1))
    for index in 0..<count { larger.append(storage[slot(of: index)]) }
    while larger.count < Self.roundedUp(count + 1) { larger.append(nil) }
    storage = larger
    head = 0
  }

  /// The next power of two, so that a mask replaces the division.
  private static func roundedUp(_ capacity: Int) -> Int {
    capacity <= 8 ? 8 : 1 << (Int.bitWidth - (capacity - 1).leadingZeroBitCount)
  }
}

extension RingBuffer: Sendable where Element: Sendable {}
