/// Names an element of a ``SlotMap``: its slot, and which of the elements that had the slot it is. A name outlives its element,
/// and never names the next one.
///
/// `Subject` keeps names of different tables apart.
@frozen public struct SlotID<Subject>: Hashable, Sendable {
  /// The slot, which is used again.
  public let slot: Int32
  /// Changes whenever the slot is taken or freed.
  public let generation: UInt32

  /// A name, put together from its parts.
  @inlinable public init(slot: Int32, generation: UInt32) {
    self.slot = slot
    self.generation = generation
  }
}

/// Elements in slots that are used again, each with a name that no other element ever gets.
///
/// The generation of a slot is odd while the slot is taken: taking and freeing add one each. It costs 4 bytes for each slot, and
/// wraps around after two thousand million elements.
public struct SlotMap<Subject, Element> {
  /// What an element is named by.
  public typealias ID = SlotID<Subject>

  @usableFromInline var elements: [Element] = []
  @usableFromInline var generations: [UInt32] = []
  @usableFromInline var free: [Int32] = []
  /// What a free slot holds, so that it keeps nothing alive.
  @usableFromInline let vacant: Element

  /// A table without elements.
  ///
  /// - Parameter vacant: what free slots hold.
  public init(vacant: Element) {
    self.vacant = vacant
  }

  /// How many elements there are.
  @inlinable public var count: Int { elements.count - free.count }

  /// The names of all elements, in the order of their slots.
  @inlinable public var ids: [ID] { generations.indices.compactMap { id(at: Int32($0)) } }

  /// Whether an element is still here.
  @inlinable public func contains(_ id: ID) -> Bool { self.id(at: id.slot) == id }

  /// The name of the element in a slot; nil if the slot is free.
  @inlinable public func id(at slot: Int32) -> ID? {
    guard generations.indices.contains(Int(slot)), generations[Int(slot)] & 1 == 1 else { return nil }
    return ID(slot: slot, generation: generations[Int(slot)])
  }

  /// The element in a slot that is taken.
  @inlinable public subscript(slot: Int32) -> Element {
    _read { yield elements[Int(slot)] }
    _modify { yield &elements[Int(slot)] }
  }

  /// An element by its name; nil if it is gone.
  @inlinable public subscript(id: ID) -> Element? { contains(id) ? elements[Int(id.slot)] : nil }

  /// Puts an element into a free slot, the one that was freed last.
  @inlinable public mutating func insert(_ element: Element) -> ID {
    let slot: Int32
    if let last = free.popLast() {
      slot = last
      elements[Int(slot)] = element
      generations[Int(slot)] &+= 1
    } else {
      slot = Int32(elements.count)
      elements.append(element)
      generations.append(1)
    }
    return ID(slot: slot, generation: generations[Int(slot)])
  }

  /// Takes an element out; nil if it is gone.
  @discardableResult
  @inlinable public mutating func remove(_ id: ID) -> Element? {
    guard contains(id) else { return nil }
    let element = elements[Int(id.slot)]
    elements[Int(id.slot)] = vacant
    generations[Int(id.slot)] &+= 1
    free.append(id.slot)
    return element
  }
}

extension SlotMap: Sendable where Element: Sendable {}
