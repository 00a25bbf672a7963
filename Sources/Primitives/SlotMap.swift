/// Identifies an element of a ``SlotMap``: its slot, and its number among the elements of that slot. The id outlives
/// its element, and never identifies the next one.
///
/// `Subject` distinguishes the ids of different tables.
@frozen package struct SlotID<Subject>: Hashable, Sendable {
  /// The slot, which is reused.
  package let slot: Int32
  /// Changes whenever the slot is taken or freed.
  package let generation: UInt32

  /// An id from its parts.
  @inlinable package init(slot: Int32, generation: UInt32) {
    self.slot = slot
    self.generation = generation
  }
}

/// Elements in slots that are reused, each with an id that no other element ever gets.
///
/// The generation of a slot is odd while the slot is taken: taking and freeing add one each. It takes 4 bytes for
/// each slot, and wraps around after two billion elements.
package struct SlotMap<Subject, Element> {
  /// The id of an element.
  package typealias ID = SlotID<Subject>

  @usableFromInline var elements: [Element] = []
  @usableFromInline var generations: [UInt32] = []
  @usableFromInline var free: [Int32] = []
  /// The content of free slots, which keeps nothing alive.
  @usableFromInline let vacant: Element

  /// A table without elements.
  ///
  /// - Parameter vacant: the content of free slots.
  package init(vacant: Element) {
    self.vacant = vacant
  }

  /// How many elements there are.
  @inlinable package var count: Int { elements.count - free.count }

  /// The ids of all elements, in the order of their slots.
  @inlinable package var ids: [ID] { generations.indices.compactMap { id(at: Int32($0)) } }

  /// Whether an element is still in the table.
  @inlinable package func contains(_ id: ID) -> Bool { self.id(at: id.slot) == id }

  /// The id of the element in a slot; nil if the slot is free.
  @inlinable package func id(at slot: Int32) -> ID? {
    guard generations.indices.contains(Int(slot)), generations[Int(slot)] & 1 == 1 else { return nil }
    return ID(slot: slot, generation: generations[Int(slot)])
  }

  /// The element in a slot, which must be taken.
  @inlinable package subscript(slot: Int32) -> Element {
    _read { yield elements[Int(slot)] }
    _modify { yield &elements[Int(slot)] }
  }

  /// An element by its id; nil if it is gone.
  @inlinable package subscript(id: ID) -> Element? { contains(id) ? elements[Int(id.slot)] : nil }

  /// Puts an element into the slot that was freed last.
  @inlinable package mutating func insert(_ element: Element) -> ID {
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
  @inlinable package mutating func remove(_ id: ID) -> Element? {
    guard contains(id) else { return nil }
    let element = elements[Int(id.slot)]
    elements[Int(id.slot)] = vacant
    generations[Int(id.slot)] &+= 1
    free.append(id.slot)
    return element
  }
}

extension SlotMap: Sendable where Element: Sendable {}
