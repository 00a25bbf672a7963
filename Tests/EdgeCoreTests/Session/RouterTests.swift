import EdgeCore
import HTTP
import Pages
import Testing
import Wire

@Suite struct RouterTests {
  private func route(
    _ methodAndTarget: String, offersAllDetails: Bool = false, offersKiosk: Bool = false
  ) throws -> Route {
    Router.route(
      try parsedHead(request(methodAndTarget)),
      offers: OfferedStreams(allDetails: offersAllDetails, interaction: offersKiosk))
  }

  @Test(
    "Every path of the API has its route",
    arguments: [
      ("/subscribe/raw", Route.stream(Subscription(.raw))),
      ("/subscribe/eps", .stream(Subscription(.eps(.full)))),
      ("/subscribe/raw?hz=10&x", .stream(Subscription(.raw))),
      ("/%73ubscribe/r%61w", .stream(Subscription(.raw))),
      ("http://a/subscribe/eps", .stream(Subscription(.eps(.full)))),
      ("/admin/status.json", .page(.status)), ("/healthz", .page(.health)), ("/readyz", .page(.readiness)),
      ("/metrics", .page(.metrics)), ("/", .file(.viewer)), ("/?x=1", .file(.viewer)),
      ("/viewer.js", .file(.viewerScript)),
    ])
  func fixedPaths(target: String, expected: Route) throws {
    #expect(try route("GET " + target) == expected)
    if case .stream = expected {
      #expect(try route("HEAD " + target) == .streamHead)
    } else {
      #expect(try route("HEAD " + target) == expected)
    }
    #expect(try route("OPTIONS " + target) == .preflight(.reading))
    for method in ["POST", "PUT", "DELETE", "PATCH", "TRACE", "get"] {
      #expect(try route("\(method) \(target)") == .methodNotAllowed(.reading))
    }
  }

  @Test("HEAD of a stream is refused for the same reasons as GET")
  func headOfAStream() throws {
    for query in ["hz=61", "hz=x", "resume=2", "snapshot=yes", "client=a%20b"] {
      let answer = try route("GET /subscribe/eps?\(query)")
      #expect(try route("HEAD /subscribe/eps?\(query)") == answer, "\(query)")
      guard case .badQuery = answer else {
        Issue.record("\(query) is not refused")
        continue
      }
    }
  }

  @Test("Details are one segment, decoded once")
  func details() throws {
    let id = try #require(TopicID("1F4C2".utf8))
    #expect(try route("GET /subscribe/details/1F4C2") == .stream(Subscription(.details(id))))
    #expect(try route("GET /subscribe/details/1F%34C2?x=10") == .stream(Subscription(.details(id))))
    #expect(try route("HEAD /subscribe/details/1F4C2") == .streamHead)
    #expect(try route("GET /subscribe/details/" + String(repeating: "a", count: 64)) != .notFound)
    #expect(try route("GET /subscribe/details/" + String(repeating: "a", count: 65)) == .notFound)
  }

  @Test("The stream of all details exists only if the operator offers it")
  func allDetails() throws {
    #expect(try route("GET /subscribe/details") == .notFound)
    #expect(try route("GET /subscribe/details", offersAllDetails: true) == .stream(Subscription(.allDetails)))
    #expect(try route("GET /subscribe/details/", offersAllDetails: true) == .notFound)
  }

  @Test("The kiosk stream exists only if the operator offers it")
  func kiosk() throws {
    #expect(try route("GET /subscribe/kiosk_interaction") == .notFound)
    #expect(
      try route("GET /subscribe/kiosk_interaction", offersKiosk: true) == .stream(Subscription(.interaction)))
    #expect(try route("HEAD /subscribe/kiosk_interaction", offersKiosk: true) == .streamHead)
  }

  @Test("A cleanup is a POST, and identifies the caller by its key")
  func cleanup() throws {
    let key = try #require(ClientKey("abcdefgh_-012345".utf8))
    let id = try #require(TopicID("1F4C2".utf8))
    #expect(try route("POST /subscribe/cleanup/scores?client=abcdefgh_-012345") == .cleanup(.scores, key))
    #expect(try route("POST /subscribe/cleanup/scores") == .cleanup(.scores, nil))
    #expect(
      try route("POST /subscribe/cleanup/details/1F4C2?client=abcdefgh_-012345")
        == .cleanup(.details(id), key))
    #expect(try route("POST /subscribe/cleanup/scores?client=short") == .badQuery(.client))
    #expect(try route("OPTIONS /subscribe/cleanup/scores") == .preflight(.acting))
    #expect(try route("GET /subscribe/cleanup/scores") == .methodNotAllowed(.acting))
    for path in ["/subscribe/cleanup", "/subscribe/cleanup/details", "/subscribe/cleanup/details/a/b"] {
      #expect(try route("POST " + path) == .notFound)
    }
  }

  @Test("A stream accepts a key, and refuses one that is malformed")
  func keys() throws {
    #expect(try route("GET /subscribe/raw?client=abcdefgh_-012345") == .stream(Subscription(.raw)))
    for key in ["", "short", String(repeating: "a", count: 65), "abcdefgh.-012345", "abcdefgh%20012345"] {
      #expect(try route("GET /subscribe/raw?client=" + key) == .badQuery(.client), "\(key)")
    }
  }

  @Test(
    "Nothing else exists, for any method",
    arguments: [
      "/dashboard.js", "/viewer.html", "/viewer.js/", "/subscribe", "/subscribe/", "/subscribe/raw/",
      "/Subscribe/raw", "/subscribe/RAW",
      "/subscribe//raw",
      "//subscribe/raw", "/subscribe/./raw", "/subscribe/../admin/status.json", "/subscribe/raw;x",
      "/subscribe%2Fraw",
      "/subscribe/raw%00", "/subscribe/raw%20", "/subscribe/details/a/b", "/subscribe/details/a%2Fb",
      "/subscribe/details/%2531", "/subscribe/details/%ff", "/subscribe/details/a.b",
      "/subscribe/details/1F4C2/",
      "/admin", "/admin/", "/admin/status", "/admin/status.JSON", "/healthz/", "/favicon.ico", "/..", "/*",
    ])
  func nothingElse(target: String) throws {
    for method in ["GET", "HEAD", "OPTIONS", "POST"] {
      #expect(try route("\(method) \(target)") == .notFound)
    }
  }

  @Test("OPTIONS may ask about the server as a whole")
  func asterisk() throws {
    #expect(try route("OPTIONS *") == .preflight(.reading))
  }

  @Test("A listener for the edge's state has its four pages and nothing else")
  func statusAlone() throws {
    func route(_ methodAndTarget: String) throws -> Route {
      Router.route(try parsedHead(request(methodAndTarget)), offers: .statusAlone)
    }
    for (path, page) in [
      ("/healthz", Page.health), ("/readyz", .readiness), ("/metrics", .metrics),
      ("/admin/status.json", .status),
    ] {
      #expect(try route("GET \(path)") == .page(page))
      #expect(try route("HEAD \(path)") == .page(page))
      #expect(try route("POST \(path)") == .methodNotAllowed(.reading))
    }
    for path in ["/", "/viewer.js", "/subscribe/raw", "/subscribe/details", "/subscribe/details/1F602"] {
      #expect(try route("GET \(path)") == .notFound)
    }
    #expect(try route("POST /subscribe/cleanup/scores") == .notFound)
    #expect(try route("POST /subscribe/cleanup/details/1F602") == .notFound)
  }
}
