import HTTP

/// The operator's choices for sessions. They are the same for all sessions of a kind, so no session keeps a copy.
public struct SessionOptions: Equatable, Sendable {
  /// Which optional streams are offered.
  public let offers: OfferedStreams
  /// The header fields of every answer.
  public let fields: AnswerFields
  /// The most requests that are answered on one connection; the last answer ends it.
  public let requestsMaximum: Int

  /// The range of ``requestsMaximum``.
  public static let allowedRequests = 1...65_535

  /// - Parameters:
  ///   - offers: none by default, because the details of all ids have the volume of all tweets.
  ///   - fields: by default, any origin may read the answers.
  ///   - requestsMaximum: in ``allowedRequests``.
  public init(
    offers: OfferedStreams = OfferedStreams(), fields: AnswerFields = AnswerFields(allowOrigin: "*"),
    requestsMaximum: Int = 1_000
  ) {
    precondition(Self.allowedRequests.contains(requestsMaximum))
    self.offers = offers
    self.fields = fields
    self.requestsMaximum = requestsMaximum
  }
}
