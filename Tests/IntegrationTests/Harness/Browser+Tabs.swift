/// Several pages in one browser, and the fate of pages in the background.
extension Browser {
  /// Opens a page in a tab of its own, in front. Further commands go to it.
  ///
  /// - Parameter script: a script that runs before the page's own.
  /// - Returns: the tab, for ``select(_:)``.
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

  /// Sends further commands to another tab. It comes to the front only with ``bringToFront()``.
  func select(_ tab: String) { session = tab }

  func bringToFront() throws { try command("Page.bringToFront") }

  /// Freezes the page, as a browser does after a long time in the background, or resumes it.
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
