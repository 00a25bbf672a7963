/// A page with all that it is made of, and nothing of the other one.
public enum WebSite: Sendable, CaseIterable {
  /// What an edge shows to everybody: the emoji, as they are used.
  case viewer
  /// What a hub shows to those who run it: the fleet.
  case dashboard

  /// The file at a path; nil if there is none. The page itself is at `/`, the rest of it beside it, under its name.
  ///
  /// - Parameter segments: those of the path (`RequestTarget.segments`).
  public func file(at segments: [[UInt8]]) -> WebFile? {
    guard segments.count == 1 else { return nil }
    if segments[0].isEmpty { return page }
    return parts.first { $0.rawValue.utf8.elementsEqual(segments[0]) }
  }

  /// What is at `/`.
  public var page: WebFile {
    switch self {
    case .viewer: .viewer
    case .dashboard: .dashboard
    }
  }

  /// The other files.
  public var parts: [WebFile] {
    switch self {
    case .viewer:
      [.viewerStyle, .viewerScript, .gridScript, .detailsScript, .emojiScript, .theme, .liveScript, .icon]
    case .dashboard:
      [
        .dashboardStyle, .dashboardScript, .accessScript, .edgeScript, .deedsScript, .figuresScript, .theme,
        .liveScript,
        .icon,
      ]
    }
  }
}
