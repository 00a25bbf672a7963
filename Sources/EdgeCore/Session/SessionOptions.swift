import HTTP

/// What of a session's behaviour the operator chooses. The same for all sessions of a kind, so none of them keeps it.
public struct SessionOptions: Equatable, Sendable {
  /// Which of the streams exist that need not.
  public let offers: OfferedStreams
  /// What is said with every answer.
  public let fields: AnswerFields
  /// How many requests of one connection are answered; with the last answer it ends.
  public let requestsMaximum: Int

  /// What ``requestsMaximum`` may be.
  public static let allowedRequests = 1...65_535

  /// - Parameters:
  ///   - offers: none by default, for all details are as much as all tweets.
  ///   - fields: by default, any origin may read.
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
