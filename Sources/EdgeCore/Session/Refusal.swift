import HTTP

/// Turns a client away for a while, in the words that it understands.
///
/// Any 4xx or 5xx ends an `EventSource` for good, so a browser gets a `200` that is over at once and tells it when to
/// come back. Everybody else gets an honest `503`.
public struct Refusal: Sendable {
  private let retry: RetryDelay

  /// - Parameter retry: when to come back.
  public init(retry: RetryDelay) {
    self.retry = retry
  }

  /// The answer. It is the last on its connection (``HTTP/ResponseForm/last(with:)``), and a browser of another site's page would not
  /// read it without ``AnswerFields/shared``.
  ///
  /// - Parameter acceptsEventStream: see ``HTTP/RequestHead/acceptsEventStream``.
  public func response(
    acceptsEventStream: Bool, using random: inout some RandomNumberGenerator
  ) -> Response {
    let milliseconds = retry.next(using: &random)
    guard acceptsEventStream else {
      let seconds = Int((milliseconds + 999) / 1000)
      return .line(
        .serviceUnavailable, "There is no room for another client now. Try again later.",
        fields: [ResponseField("Retry-After", FieldValue(seconds))])
    }
    var body: [UInt8] = []
    EventStream.append(retryMilliseconds: milliseconds, to: &body)
    return Response(
      .ok,
      fields: [ResponseField("Cache-Control", "no-cache")] + StreamOpening.wordsToProxies,
      content: .init(type: EventStream.mediaType, bytes: body))
  }
}
