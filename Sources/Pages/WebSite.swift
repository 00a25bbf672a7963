/// A page with all its parts, and none of the other page.
package enum WebSite: Sendable, CaseIterable {
  /// The page of an edge, for the public: the emoji, as they are used.
  case viewer
  /// The page of a hub, for its operators: the fleet.
  case dashboard

  /// The file at a path; nil if there is none. The page itself is at `/`, its parts are at their names.
  ///
  /// - Parameter segments: the segments of the path (`RequestTarget.segments`).
  package func file(at segments: [[UInt8]]) -> WebFile? {
    guard segments.count == 1 else { return nil }
    if segments[0].isEmpty { return page }
    return parts.first { $0.rawValue.utf8.elementsEqual(segments[0]) }
  }

  /// The file at `/`.
  package var page: WebFile {
    switch self {
    case .viewer: .viewer
    case .dashboard: .dashboard
    }
  }

  /// The other files.
  package var parts: [WebFile] {
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
