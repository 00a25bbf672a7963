import EdgeCore
import Primitives
import Testing
import Wire

@Suite struct NodeStatusTests {
  @Test("The status has the predecessors' members, in their order")
  func format() throws {
    let id = try #require(TopicID("1F680".utf8))
    let status = NodeStatus(
      node: "edge-1", reportedAt: 1_700_000_001,
      connections: [
        ConnectionStatus(
          stream: .details(id), createdAt: 1_700_000_000, clientAddress: "::1", userAgent: "a\"<b>"),
        ConnectionStatus(stream: .raw, createdAt: 0, clientAddress: "127.0.0.1", userAgent: nil),
      ])
    #expect(
      string(status.json)
        == #"{"node":"edge-1","status":"OK","reported_at":1700000001,"connections":["#
        + #"{"request_path":"/subscribe/details/1F680","namespace":"/details/1F680","created_at":1700000000,"#
        + #""client_ip":"::1","user_agent":"a\"<b>"},"#
        + #"{"request_path":"/subscribe/raw","namespace":"/raw","created_at":0,"client_ip":"127.0.0.1","user_agent":""}]}"#
    )
  }

  @Test("A node without clients has an empty list")
  func empty() {
    #expect(
      string(NodeStatus(node: "n", reportedAt: 1, connections: []).json)
        == #"{"node":"n","status":"OK","reported_at":1,"connections":[]}"#)
  }

  @Test("A node with a memory limit says how much of it is used, and what that allows")
  func memory() {
    let memory = MemoryHealth(usage: MemoryUsage(limit: 1_000, used: 910), state: .releasing)
    #expect(
      string(NodeStatus(node: "n", reportedAt: 1, memory: memory, connections: []).json)
        == #"{"node":"n","status":"OK","reported_at":1,"#
        + #""memory":{"state":"releasing","limit_bytes":1000,"used_bytes":910},"connections":[]}"#)
    #expect(memory.isShort && memory.isNearlyUsedUp)
    let less = MemoryHealth(usage: memory.usage, state: .refusing)
    #expect(less.isShort && !less.isNearlyUsedUp)
    #expect(!MemoryHealth(usage: memory.usage, state: .ample).isShort)
  }

  @Test("A user agent is kept up to 256 bytes", arguments: [255, 256, 257])
  func userAgentLimit(count: Int) {
    let text = String(repeating: "a", count: count)
    let status = ConnectionStatus(stream: .raw, createdAt: 0, clientAddress: "", userAgent: text)
    #expect(status.userAgent.utf8.count == min(count, 256))
  }
}
