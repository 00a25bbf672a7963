import EdgeCore
import Testing
import Wire

@Suite struct ConnectionPageTests {
  private func connections(_ count: Int, agent: String) -> [ConnectionStatus] {
    (0..<count).map {
      ConnectionStatus(stream: .raw, createdAt: Int64($0), clientAddress: "192.0.2.1", userAgent: agent)
    }
  }

  private func text(_ page: ConnectionPage) -> String { String(decoding: page.json, as: UTF8.self) }

  @Test("A page holds the requested connections, and gives their total number")
  func page() {
    let page = ConnectionPage(of: connections(5, agent: "a"), offset: 1, limit: 2)
    let text = text(page)
    #expect(text.hasPrefix(#"{"total":5,"offset":1,"connections":[{"request_path":"/subscribe/raw","#))
    #expect(text.contains(#""created_at":1,"#) && text.contains(#""created_at":2,"#))
    #expect(!text.contains(#""created_at":0,"#) && !text.contains(#""created_at":3,"#))
    #expect(
      self.text(ConnectionPage(of: connections(5, agent: "a"), offset: 9, limit: 2))
        == #"{"total":5,"offset":9,"connections":[]}"#)
  }

  @Test("A page never exceeds an answer, and skips no connection in the middle")
  func limit() {
    let agent = String(repeating: "\u{1}", count: 256)
    let text = text(ConnectionPage(of: connections(200, agent: agent), offset: 0, limit: 200))
    #expect(text.utf8.count <= CommandResult.maximumTextCount)
    #expect(text.utf8.count > CommandResult.maximumTextCount / 2)
    let count = text.split(separator: #""created_at":"#).count - 1
    #expect(text.contains(#""created_at":\#(count - 1),"#))
  }
}
