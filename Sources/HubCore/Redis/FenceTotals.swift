import Primitives
import Wire

/// The true totals at one exact place in the order of messages.
package struct FenceTotals: Equatable, Sendable {
  /// The history of the totals.
  package let lineage: Lineage
  /// All totals, each id once, in the order of Redis's reply (by total, then by bytes), new ids last.
  package private(set) var totals: [ScoreTotal] = []
  /// The part of the totals that Redis did not hold when it was read: increments after the nonce, by id.
  package private(set) var counted: [ScoreID: UInt64] = [:]
  /// Ids whose value in Redis is not a count, with the reasons. Their totals are unknown.
  package private(set) var unreadable: [ScoreID: RejectReason] = [:]
  /// Members of the sorted set that were rejected, or no longer count, by reason.
  package private(set) var rejected: [RejectReason: Rejected] = [:]
  /// Whether the sorted set is missing.
  package let isSetAbsent: Bool
  /// When the fence began. Its totals were read at that time or later.
  package internal(set) var begunAt = Instant.origin

  /// Members of the sorted set that were rejected for one reason.
  package struct Rejected: Equatable, Sendable {
    /// The number of these members.
    package internal(set) var count = 0
    /// One of them: any bytes, at most ``ScoreID/maximumCount``.
    package let example: [UInt8]
  }

  /// The greatest total to which Redis can add one: its scores are 64-bit floating-point numbers, and 2⁵³ + 1 is
  /// rounded to 2⁵³.
  package static let countingMaximum: UInt64 = 1 << 53

  /// The greatest total that is parsed; Redis writes greater ones with an exponent.
  package static let maximumTotal: UInt64 = 999_999_999_999_999_999

  /// Parses the reply to `ZRANGE … WITHSCORES`: members and scores in turn; nil if its form is different.
  init?(lineage: Lineage, reply: [FeedReply]) {
    self.lineage = lineage
    isSetAbsent = reply.isEmpty
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
      do throws(TotalError) {
        let total = try Self.total(score)
        totals.append(ScoreTotal(id: id, total: total))
        if total >= Self.countingMaximum { reject(member, .totalTooLarge) }
      } catch {
        unreadable[id] = error.reason
        reject(member, error.reason)
      }
    } catch {
      reject(member, RejectReason(error))
    }
  }

  private mutating func reject(_ member: [UInt8], _ reason: RejectReason) {
    rejected[reason, default: Rejected(example: Array(member.prefix(ScoreID.maximumCount)))].count += 1
  }

  /// Adds increments that were counted since the totals were read, which moves the totals to a later place.
  mutating func add(_ increments: [ScoreID: UInt64]) {
    guard !increments.isEmpty else { return }
    counted = increments
    var rest = increments
    for id in unreadable.keys { rest[id] = nil }
    for index in totals.indices {
      guard let increment = rest.removeValue(forKey: totals[index].id) else { continue }
      let total = totals[index].total
      // Beyond the limit Redis does not count, however many messages arrive.
      let counted = max(total, min(total + increment, Self.countingMaximum))
      totals[index] = ScoreTotal(id: totals[index].id, total: counted)
    }
    for (id, total) in rest.sorted(by: { $0.key < $1.key }) {
      totals.append(ScoreTotal(id: id, total: total))
    }
  }

  /// Why a score is not a valid total.
  private enum TotalError: Error {
    case negative
    case tooLarge
    case invalid

    var reason: RejectReason {
      switch self {
      case .negative: .totalNegative
      case .tooLarge: .totalTooLarge
      case .invalid: .totalInvalid
      }
    }
  }

  /// Parses a score. Redis writes whole numbers as plain digits, up to some 10¹⁷; greater ones with an exponent, or
  /// padded with zeros.
  private static func total(_ score: [UInt8]) throws(TotalError) -> UInt64 {
    if score.first == UInt8(ascii: "-"), score != [UInt8(ascii: "-"), UInt8(ascii: "0")] { throw .negative }
    let digits = score.first == UInt8(ascii: "-") ? score.dropFirst() : score[...]
    guard let first = digits.first, first.isASCIIDigit else { throw .invalid }
    guard digits.allSatisfy(\.isASCIIDigit) else {
      throw digits.contains(UInt8(ascii: "e")) && digits.contains(UInt8(ascii: "+")) ? .tooLarge : .invalid
    }
    guard let total = UInt64(String(decoding: digits, as: UTF8.self)), total <= maximumTotal else {
      throw .tooLarge
    }
    return total
  }
}
