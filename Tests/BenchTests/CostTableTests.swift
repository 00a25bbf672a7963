import Testing

@testable import Bench

@Suite("The table of costs") struct CostTableTests {
  @Test("The ratio is that of each turn, and the table has its median")
  func ratios() {
    var table = CostTable()
    for (floor, edge) in [(1.0, 2.0), (2.0, 2.0), (4.0, 12.0)] {
      table.append(floor, of: "send()")
      table.append(edge, of: "edge")
    }
    #expect(table.ratios(of: "edge", to: "send()") == [2, 1, 3])
    #expect(
      table.rows(relativeTo: ["send()", "SSL_write()"]) == [
        ["", "per event", "× send()", "least … greatest"],
        ["send()", "2.00 µs", "1.00", "1.00 … 1.00"],
        ["edge", "2.00 µs", "2.00", "1.00 … 3.00"],
      ])
  }

  @Test("An edge is named with its address and its process")
  func edge() throws {
    let edge = try MeasuredEdge(parsing: "own records=https://127.0.0.1:8102@431")
    #expect(edge.name == "own records")
    #expect(edge.url.isTLS && edge.process == 431)
    for text in ["a=http://h:1", "http://h:1@2", "a=ftp://h:1@2", "a=http://h:1@-2", "a@b=c"] {
      #expect(throws: (any Error).self) { try MeasuredEdge(parsing: Substring(text)) }
    }
  }
}
