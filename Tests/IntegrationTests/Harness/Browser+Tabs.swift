/// Several pages in one browser, and what befalls a page that nobody looks at.
extension Browser {
  /// Opens a page in a tab of its own, in front, and has it be told what to do from now on.
  ///
  /// - Parameter script: what runs in it before its own scripts.
  /// - Returns: what ``select(_:)`` takes.
  @discardableResult
  func openTab(_ url: String, script: String = "") throws -> String {
    session = nil
    let target = try text(command("Target.createTarget", ["url": "about:blank"])["targetId"])
    let tab = try text(command("Target.attachToTarget", ["targetId": target, "flatten": true])["sessionId"])
    session = tab
    for domain in ["Runtime", "Log", "Page"] { try command("\(domain).enable") }
    if !script.isEmpty { try command("Page.addScriptToEvaluateOnNewDocument", ["source": script]) }
    try command("Page.navigate", ["url": url])
    return tab
  }

  /// Has another tab be told what to do from now on. It comes to the front by ``bringToFront()`` alone.
  func select(_ tab: String) { session = tab }

  func bringToFront() throws { try command("Page.bringToFront") }

  /// Has the page frozen, as a browser does with one that is long in the background, or has it go on.
  func freeze(_ isFrozen: Bool = true) throws {
    try command("Page.setWebLifecycleState", ["state": isFrozen ? "frozen" : "active"])
  }

  /// Goes to another page in the same tab.
  func navigate(to url: String) throws {
    try waitForNewPage { try command("Page.navigate", ["url": url]) }
  }

  /// Goes back by one page, and waits until it is shown.
  func goBack(to url: String) throws {
    let _: Bool = try value(of: "history.back() ?? true")
    try wait(for: "the page before") { (try? value(of: "location.href === '\(url)'")) == true }
  }
}
