/// The proxies that can speak HTTP/2 to an edge, with the changes of the examples that `Docs/proxies.md` names.
extension ProxyKind {
  static let overHTTP2 = [
    haproxy.overHTTP2(from: ".example.org:8001", to: ".example.org:8001 proto h2"),
    envoy.overHTTP2(
      from: "    load_assignment:",
      to: """
            typed_extension_protocol_options:
              envoy.extensions.upstreams.http.v3.HttpProtocolOptions:
                "@type": type.googleapis.com/envoy.extensions.upstreams.http.v3.HttpProtocolOptions
                explicit_http_config: {http2_protocol_options: {max_concurrent_streams: 100}}
            load_assignment:
        """),
    caddy.overHTTP2(from: " edge-", to: " h2c://edge-"),
    nghttpx.overHTTP2(from: "proto=http/1.1", to: "proto=h2"),
  ]

  private func overHTTP2(from: String, to: String) -> ProxyKind {
    var kind = self
    kind.name += ", HTTP/2"
    kind.http2 = (from, to)
    return kind
  }
}
