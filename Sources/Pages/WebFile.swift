import HTTP

/// A file for browsers. All files are compiled into the program, so nothing has to be installed beside it.
package enum WebFile: String, Equatable, Sendable, CaseIterable {
  /// The page of an edge.
  case viewer = "viewer.html"
  case viewerStyle = "viewer.css"
  case viewerScript = "viewer.js"
  case gridScript = "grid.js"
  case detailsScript = "details.js"
  case emojiScript = "emoji.js"

  /// The page of a hub.
  case dashboard = "dashboard.html"
  case dashboardStyle = "dashboard.css"
  case dashboardScript = "dashboard.js"
  case edgeScript = "edge.js"
  case deedsScript = "deeds.js"
  case accessScript = "access.js"
  case figuresScript = "figures.js"

  /// The style sheet of both pages.
  case theme = "theme.css"
  case liveScript = "live.js"
  case icon = "icon.svg"

  /// The response with the file. Caches must revalidate it: after an update the parts of a page must fit each other.
  package var response: Response {
    Response(
      .ok,
      fields: [
        ResponseField("Cache-Control", "no-cache"),
        ResponseField("Content-Security-Policy", Self.policy),
        ResponseField("X-Content-Type-Options", "nosniff"),
        ResponseField("X-Frame-Options", "DENY"),
        ResponseField("Referrer-Policy", "no-referrer"),
      ],
      content: .init(type: mediaType, bytes: bytes))
  }

  /// Allows only content of the same server, no inline code, and no embedding in frames (CSP Level 3).
  private static let policy: FieldValue = """
    default-src 'self'; object-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'
    """

  private var mediaType: FieldValue {
    switch self {
    case .viewer, .dashboard: "text/html; charset=utf-8"
    case .viewerStyle, .dashboardStyle, .theme: "text/css; charset=utf-8"
    case .viewerScript, .gridScript, .detailsScript, .emojiScript, .dashboardScript, .edgeScript,
      .deedsScript, .accessScript,
      .figuresScript, .liveScript:
      "text/javascript; charset=utf-8"
    case .icon: "image/svg+xml"
    }
  }

  private var bytes: [UInt8] {
    switch self {
    case .viewer: PackageResources.viewer_html
    case .viewerStyle: PackageResources.viewer_css
    case .viewerScript: PackageResources.viewer_js
    case .gridScript: PackageResources.grid_js
    case .detailsScript: PackageResources.details_js
    case .emojiScript: PackageResources.emoji_js
    case .dashboard: PackageResources.dashboard_html
    case .dashboardStyle: PackageResources.dashboard_css
    case .dashboardScript: PackageResources.dashboard_js
    case .edgeScript: PackageResources.edge_js
    case .deedsScript: PackageResources.deeds_js
    case .accessScript: PackageResources.access_js
    case .figuresScript: PackageResources.figures_js
    case .theme: PackageResources.theme_css
    case .liveScript: PackageResources.live_js
    case .icon: PackageResources.icon_svg
    }
  }
}
