/// A literal implementation of WHATWG HTML §9.2.6, to test the renderer against.
struct ReferenceEventStreamParser {
  struct Event: Equatable {
    var type: [UInt8]
    var data: [UInt8]
    var lastEventID: [UInt8]
  }

  private(set) var events: [Event] = []
  private(set) var retries: [String] = []
  private(set) var unknownFields = 0

  private var data = ""
  private var type = ""
  private var lastEventID = ""

  init(_ bytes: [UInt8]) {
    var scalars = Array(String(decoding: bytes, as: UTF8.self).unicodeScalars)[...]
    if scalars.first == "\u{feff}" { scalars = scalars.dropFirst() }
    while let line = Self.takeLine(from: &scalars) { process(line) }
  }

  /// A line up to CR LF, LF or CR; nil at the end of the stream, where an incomplete line is discarded.
  private static func takeLine(from rest: inout ArraySlice<Unicode.Scalar>) -> String? {
    guard let end = rest.firstIndex(where: { $0 == "\r" || $0 == "\n" }) else { return nil }
    var line = String.UnicodeScalarView()
    line.append(contentsOf: rest[..<end])
    let isPair = rest[end] == "\r" && end + 1 < rest.endIndex && rest[end + 1] == "\n"
    rest = rest[(end + (isPair ? 2 : 1))...]
    return String(line)
  }

  private mutating func process(_ line: String) {
    let scalars = line.unicodeScalars
    if scalars.isEmpty { return dispatch() }
    if scalars.first == ":" { return }
    let name = String(scalars.prefix { $0 != ":" })
    var value = scalars.dropFirst(name.unicodeScalars.count + 1)
    if value.first == " " { value = value.dropFirst() }
    switch name {
    case "event": type = String(value)
    case "data":
      data.unicodeScalars.append(contentsOf: value)
      data.unicodeScalars.append("\n")
    case "id":
      if !value.contains("\0") { lastEventID = String(value) }
    case "retry":
      if value.allSatisfy({ ("0"..."9").contains($0) }) { retries.append(String(value)) }
    default: unknownFields += 1
    }
  }

  private mutating func dispatch() {
    defer { (data, type) = ("", "") }
    guard !data.isEmpty else { return }
    data.unicodeScalars.removeLast()
    events.append(
      Event(
        type: Array((type.isEmpty ? "message" : type).utf8), data: Array(data.utf8),
        lastEventID: Array(lastEventID.utf8)))
  }
}
