import HTTP

/// The operator's choices for sessions. They are the same for all sessions of a kind, so no session keeps a copy.
package struct SessionOptions: Equatable, Sendable {
  /// Which optional streams are offered.
  package let offers: OfferedStreams
  /// The header fields of every answer.
  package let fields: AnswerFields
  /// The most requests that are answered on one connection; the last answer ends it.
  package let requestsMaximum: Int

  /// The range of ``requestsMaximum``.
  package static let allowedRequests = 1...65_535

  /// - Parameters:
  ///   - offers: none by default, because the details of all ids have the volume of all tweets.
  ///   - fields: by default, any origin may read the answers.
  ///   - requestsMaximum: in ``allowedRequests``.
  package init(
    offers: OfferedStreams = OfferedStreams(), fields: AnswerFields = AnswerFields(allowOrigin: "*"),
    requestsMaximum: Int = 1_000
  ) {
    precondition(Self.allowedRequests.contains(requestsMaximum))
    self.offers = offers
    self.fields = fields
    self.requestsMaximum = requestsMaximum
  }
}
