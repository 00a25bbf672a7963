import Foundation
import Synchronization
import Testing

extension IntegrationTests {
  /// Each proxy in front of real edges, and again over HTTP/2 if it can speak that to them. nginx and HAProxy are always
  /// tested, for a few seconds. `EMOJITRACK_ROAD=1` tests all installed proxies, as `make road` does; the name of a
  /// program tests that one;
  /// `EMOJITRACK_ROAD=packaged` tests all of them with their shortest configuration, which exceeds limits but fails
  /// nothing.
  @Suite("The road through a proxy")
  struct RoadTests {
    private static let wish = ProcessInfo.processInfo.environment["EMOJITRACK_ROAD"]
    private static let isWhole = wish != nil
    private static let kinds = (ProxyKind.all + ProxyKind.overHTTP2).filter { kind in
      guard kind.isInstalled else { return false }
      return switch wish {
      case "packaged" where kind.http2 != nil: false
      case nil: ["nginx", "haproxy"].contains(kind.program)
      case "1", "packaged": true
      case let name: kind.program == name
      }
    }
    private static let rows = Mutex<[String: String]>([:])

    @Test(
      "Streams pass at once, cut and end differ, leaving is noticed, and a claimed address is not believed",
      .enabled(if: !kinds.isEmpty, Proxy.isMissing), arguments: kinds)
    func passes(_ kind: ProxyKind) throws {
      let trial = RoadTrial(
        kind: kind, isByExample: Self.wish != "packaged", eventCount: Self.isWhole ? 300 : 80,
        percentile: Self.isWhole ? 99 : 90, holds: Self.isWhole)
      var figures = try trial.run()
      var runs = [figures]
      // Other processes can make events late, and never early: of three tries, one in time is enough.
      while trial.isByExample, figures.isLate, runs.count < 3 {
        figures = try trial.run()
        runs.append(figures)
      }
      let row = figures.row(kind.name, version: try kind.version())
      let table = Self.rows.withLock { rows -> [String] in
        rows[kind.name] = row
        guard rows.count == Self.kinds.count else { return [] }
        return [RoadFigures.heading] + Self.kinds.compactMap { rows[$0.name] }
      }
      print(row)
      let broken = RoadFigures.broken(runs, by: kind)
      if trial.isByExample { #expect(broken == [], "\(kind.name)") }
      if !table.isEmpty { print("\n\(table.joined(separator: "\n"))\n") }
    }

    @Test(
      "The proxies that EMOJITRACK_ROAD asks for are installed",
      .enabled(if: isWhole, "EMOJITRACK_ROAD is not set"))
    func areInstalled() {
      if Self.wish == "1" || Self.wish == "packaged" {
        #expect(ProxyKind.all.filter { !$0.isInstalled }.map(\.program) == [])
      } else {
        #expect(
          Set(Self.kinds.map(\.program)).count == 1,
          "EMOJITRACK_ROAD=\(Self.wish ?? "") names no proxy that is installed")
      }
    }
  }
}
