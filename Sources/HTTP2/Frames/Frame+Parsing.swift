extension Frame {
  /// Parses a payload whose header has been checked.
  ///
  /// - Parameter payload: the part of the payload that is kept.
  init(_ header: FrameHeader, _ payload: ArraySlice<UInt8>) throws(FrameError) {
    switch FrameType(rawValue: header.type) {
    case .data: self = try Self.data(header, payload)
    case .headers: self = .headers(stream: header.stream, try HeadersFrame(header, payload))
    case .continuation:
      self = .continuation(
        stream: header.stream, fragment: Array(payload), isEnd: header.has(.endHeaders))
    case .priority: self = try Self.priority(header, payload)
    case .resetStream: self = .resetStream(stream: header.stream, code: UInt32(bigEndian: payload))
    case .settings: self = try Self.settings(header, payload)
    case .ping: self = header.has(.acknowledgement) ? .pingAcknowledged : .ping(Array(payload))
    case .windowUpdate: self = try Self.windowUpdate(header, payload)
    case .goAway, .pushPromise, nil: self = .ignored(stream: header.stream)
    }
  }

  private static func data(_ header: FrameHeader, _ payload: ArraySlice<UInt8>) throws(FrameError) -> Frame {
    var content = header.length
    if header.has(.padded) {
      guard let padding = payload.first, Int(padding) < header.length else {
        throw .connection(.protocolError)
      }
      content -= 1 + Int(padding)
    }
    return .data(
      stream: header.stream, count: header.length, content: content, isEnd: header.has(.endStream))
  }

  private static func priority(
    _ header: FrameHeader, _ payload: ArraySlice<UInt8>
  ) throws(FrameError) -> Frame {
    guard header.length == 5 else { throw .stream(header.stream, .frameSizeError) }
    guard UInt32(bigEndian: payload) & 0x7fff_ffff != header.stream else {
      throw .stream(header.stream, .protocolError)
    }
    return .ignored(stream: header.stream)
  }

  private static func settings(
    _ header: FrameHeader, _ payload: ArraySlice<UInt8>
  ) throws(FrameError) -> Frame {
    if header.has(.acknowledgement) { return .settingsAcknowledged }
    var settings: [HTTP2Setting] = []
    var rest = payload
    while !rest.isEmpty {
      let identifier = UInt16(rest[rest.startIndex]) << 8 | UInt16(rest[rest.startIndex + 1])
      settings.append(
        try HTTP2Setting(identifier: identifier, value: UInt32(bigEndian: rest.dropFirst(2))))
      rest = rest.dropFirst(6)
    }
    return .settings(settings)
  }

  private static func windowUpdate(
    _ header: FrameHeader, _ payload: ArraySlice<UInt8>
  ) throws(FrameError) -> Frame {
    let increment = UInt32(bigEndian: payload) & 0x7fff_ffff
    guard increment > 0 else {
      if header.stream == 0 { throw .connection(.protocolError) }
      throw .stream(header.stream, .protocolError)
    }
    return .windowUpdate(stream: header.stream, increment: Int(increment))
  }
}

extension HeadersFrame {
  fileprivate init(_ header: FrameHeader, _ payload: ArraySlice<UInt8>) throws(FrameError) {
    var rest = payload
    var padding = 0
    if header.has(.padded) {
      guard let first = rest.popFirst() else { throw .connection(.frameSizeError) }
      padding = Int(first)
    }
    var dependency: UInt32?
    if header.has(.priority) {
      guard rest.count >= 5 else { throw .connection(.frameSizeError) }
      dependency = UInt32(bigEndian: rest) & 0x7fff_ffff
      rest = rest.dropFirst(5)
    }
    guard padding <= rest.count else { throw .connection(.protocolError) }
    fragment = Array(rest.dropLast(padding))
    endsBlock = header.has(.endHeaders)
    endsStream = header.has(.endStream)
    dependsOnItself = dependency == header.stream
  }
}
