import CHiredis

/// Builds Swift values directly from hiredis's parser, which calls back once for each value, parents before children.
///
/// hiredis's own reply objects are never created. It still expects an object for each value: it gets a marker that it
/// neither reads nor frees.
final class RESPAssembler {
  /// How many leading elements of a list are remembered, and up to which length: the kind and the channel of pushed
  /// messages repeat, and then cost a comparison and no allocation.
  private static let rememberedCount = 2
  private static let rememberedLength = 128

  private struct List {
    var remaining: Int
    var values: [RESPValue]
  }

  private let maximumByteCount: Int
  private var byteCount = 0
  private var lists: [List] = []
  private var reply: RESPValue?
  private var remembered = [[UInt8]](repeating: [], count: rememberedCount)

  /// True once a reply exceeded the limit; hiredis then stops.
  private(set) var isTooLarge = false

  init(maximumByteCount: Int) {
    self.maximumByteCount = maximumByteCount
  }

  /// The completed reply.
  func takeReply() -> RESPValue? {
    defer { reply = nil }
    return reply
  }

  fileprivate func addString(type: Int32, _ bytes: UnsafeRawBufferPointer) -> Bool {
    guard charge(bytes.count) else { return false }
    switch type {
    case REDIS_REPLY_STATUS: add(.simpleString(unsafe String(decoding: bytes, as: UTF8.self)))
    case REDIS_REPLY_ERROR: add(.error(unsafe String(decoding: bytes, as: UTF8.self)))
    default: add(.bulk(unsafe copy(bytes)))
    }
    return true
  }

  fileprivate func addInteger(_ value: Int64) -> Bool {
    guard charge(0) else { return false }
    add(.integer(value))
    return true
  }

  fileprivate func addNil(type: Int32) -> Bool {
    guard charge(0) else { return false }
    add(type == REDIS_REPLY_ARRAY ? .array(nil) : .bulk(nil))
    return true
  }

  fileprivate func openList(count: Int) -> Bool {
    // The count is the peer's claim; memory is allocated only for elements that arrive.
    guard charge(0), count <= maximumByteCount / MemoryLayout<RESPValue>.stride else {
      isTooLarge = true
      return false
    }
    guard count > 0 else {
      add(.array([]))
      return true
    }
    var values: [RESPValue] = []
    values.reserveCapacity(min(count, 1024))
    lists.append(List(remaining: count, values: values))
    return true
  }

  private func charge(_ contentCount: Int) -> Bool {
    byteCount += contentCount + MemoryLayout<RESPValue>.stride
    if byteCount > maximumByteCount { isTooLarge = true }
    return !isTooLarge
  }

  private func copy(_ bytes: UnsafeRawBufferPointer) -> [UInt8] {
    let index = lists.count == 1 ? lists[0].values.count : Self.rememberedCount
    guard index < Self.rememberedCount, bytes.count <= Self.rememberedLength else {
      return unsafe Array(bytes)
    }
    let isRepeated = unsafe remembered[index].count == bytes.count && remembered[index].elementsEqual(bytes)
    if !isRepeated {
      remembered[index] = unsafe Array(bytes)
    }
    return remembered[index]
  }

  /// Puts a value in its place, and closes the lists that it completes.
  private func add(_ value: RESPValue) {
    var value = value
    while true {
      let last = lists.count - 1
      guard last >= 0 else { break }
      lists[last].values.append(value)
      lists[last].remaining -= 1
      guard lists[last].remaining == 0 else { return }
      value = .array(lists.removeLast().values)
    }
    reply = value
    byteCount = 0
  }
}

extension RESPAssembler {
  /// hiredis's table of callbacks; created once, never freed.
  nonisolated(unsafe) static let functions: UnsafeMutablePointer<redisReplyObjectFunctions> = {
    let functions = UnsafeMutablePointer<redisReplyObjectFunctions>.allocate(capacity: 1)
    unsafe functions.initialize(
      to: redisReplyObjectFunctions(
        createString: { task, start, count in
          unsafe build(task) { assembler, type in
            unsafe assembler.addString(type: type, UnsafeRawBufferPointer(start: start, count: count))
          }
        },
        createArray: { task, count in
          unsafe build(task) { assembler, _ in assembler.openList(count: Int(count)) }
        },
        createInteger: { task, value in
          unsafe build(task) { assembler, _ in assembler.addInteger(value) }
        },
        createNil: { task in
          unsafe build(task) { assembler, type in assembler.addNil(type: type) }
        },
        freeObject: nil))
    return unsafe functions
  }()

  /// Adds a value to the assembler of a task; nil makes hiredis stop with an error.
  private static func build(
    _ task: UnsafePointer<redisReadTask>?, _ add: (RESPAssembler, Int32) -> Bool
  ) -> UnsafeMutableRawPointer? {
    guard let task = unsafe task, let context = unsafe task.pointee.privdata else { return nil }
    let assembler = unsafe Unmanaged<RESPAssembler>.fromOpaque(context).takeUnretainedValue()
    return unsafe add(assembler, task.pointee.type) ? context : nil
  }
}
