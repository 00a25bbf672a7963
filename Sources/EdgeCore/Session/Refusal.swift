import HTTP

/// Rejects a client for a while, in a form that it understands.
///
/// Any 4xx or 5xx ends an `EventSource` for good, so a browser gets a `200` that ends at once and tells it when to
/// reconnect. Every other client gets an honest `503`.
package struct Refusal: Sendable {
  private let retry: RetryDelay

  /// - Parameter retry: when clients should reconnect.
  package init(retry: RetryDelay) {
    self.retry = retry
  }

  /// The answer, which is the last on its connection (``HTTP/ResponseForm/last(with:)``). It needs
  /// ``AnswerFields/shared``, or a browser would hide it from another site's page.
  ///
  /// - Parameter acceptsEventStream: see ``HTTP/RequestHead/acceptsEventStream``.
  package func response(
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
      fields: [ResponseField("Cache-Control", "no-cache")] + StreamResponseHead.wordsToProxies,
      content: .init(type: EventStream.mediaType, bytes: body))
  }
}
