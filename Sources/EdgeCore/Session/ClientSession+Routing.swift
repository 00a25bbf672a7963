import HTTP
import Pages

// What is done about a request, over any version of HTTP.
extension ClientSession.BytesReceivedAction {
  /// The answer to a request, by its route.
  package init(answering head: RequestHead, in form: ResponseForm, _ options: SessionOptions) {
    self =
      switch Router.route(head, offers: options.offers) {
      case .stream(let subscription): .startStream(subscription, head)
      // HEAD must get the fields that GET would get, whether or not the connection stays open: see `appendHead`.
      case .streamHead: .sendStreamHead(head.version)
      case .page(let page): .serve(page, form)
      case .file(let file): .send(file.response, form)
      case .cleanup(let scope, let key): .cleanUp(scope, key, head, form)
      case .preflight(let methods): .send(.preflight(methods), form)
      case .badQuery(let query): .send(.line(.badRequest, query.explanation), form)
      case .methodNotAllowed(let methods): .send(.methodNotAllowed(methods), form)
      case .notFound: .send(.notFound, form)
      }
  }
}

extension SessionOptions {
  /// The form of the answer to a request.
  ///
  /// - Parameter isLast: whether the connection ends with it.
  package func form(of head: RequestHead, isLast: Bool = false) -> ResponseForm {
    ResponseForm(
      for: head, isLast: isLast, fields: Router.isShared(head.target) ? fields.shared : fields.unshared)
  }
}
