import Primitives
import Wire

/// The truth about the totals at one exact place in the order of messages.
public struct FenceTotals: Equatable, Sendable {
  /// The history that the totals belong to.
  public let lineage: Lineage
  /// All totals, each id once, in the order of Redis's answer (by total, then by bytes), new ids behind.
  public private(set) var totals: [ScoreTotal] = []
  /// How much of the totals Redis did not hold when it was asked: what came behind the nonce, by id.
  public private(set) var counted: [ScoreID: UInt64] = [:]
  /// Ids that Redis has a total of which is not a count. Nothing is known of them: keep what was counted.
  public private(set) var unreadable: [ScoreID] = []
  /// How many members of the sorted set were left out, by reason.
  public private(set) var rejected: [RejectReason: Int] = [:]

  /// The greatest total: beyond it, Redis's scores (64-bit floating point) no longer count every increment.
  public static let maximumTotal: UInt64 = 1 << 53

  /// Reads the answer to `ZRANGE … WITHSCORES`: members and scores in turn; nil if it is not of that form.
  init?(lineage: Lineage, reply: [FeedReply]) {
    self.lineage = lineage
    guard reply.count.isMultiple(of: 2) else { return nil }
    totals.reserveCapacity(reply.count / 2)
    for index in stride(from: 0, to: reply.count, by: 2) {
      guard case .text(let member?) = reply[index], case .text(let score?) = reply[index + 1] else {
        return nil
      }
      read(member: member, score: score)
    }
  }

  private mutating func read(member: [UInt8], score: [UInt8]) {
    do throws(ScoreIDError) {
      let id = try ScoreID(member)
      if let total = Self.count(score) {
        totals.append(ScoreTotal(id: id, total: total))
      } else {
        unreadable.append(id)
        rejected[.totalInvalid, default: 0] += 1
      }
    } catch {
      rejected[RejectReason(error), default: 0] += 1
    }
  }

  /// Adds what was counted since the totals were read, which moves them to a later place.
  mutating func add(_ increments: [ScoreID: UInt64]) {
    guard !increments.isEmpty else { return }
    counted = increments
    var rest = increments
    for id in unreadable { rest[id] = nil }
    for index in totals.indices {
      guard let increment = rest.removeValue(forKey: totals[index].id) else { continue }
      totals[index] = ScoreTotal(id: totals[index].id, total: totals[index].total + increment)
    }
    for (id, total) in rest.sorted(by: { $0.key < $1.key }) {
      totals.append(ScoreTotal(id: id, total: total))
    }
  }

  /// The number that a score writes, if it is a count. Redis writes whole numbers up to 2⁵³ as plain digits.
  private static func count(_ score: [UInt8]) -> UInt64? {
    guard (1...16).contains(score.count) else { return nil }
    var total: UInt64 = 0
    for byte in score {
      guard byte.isASCIIDigit else { return nil }
      total = total * 10 + UInt64(byte - UInt8(ascii: "0"))
    }
    return total <= maximumTotal ? total : nil
  }
}
