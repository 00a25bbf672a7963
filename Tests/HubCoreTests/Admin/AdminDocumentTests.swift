import HTTP
import Testing

@testable import HubCore

@Suite struct AdminDocumentTests {
  @Test("The document is JSON, and names every endpoint once")
  func whole() throws {
    let document = try #require(JSONValue(parsing: AdminDocument.json))
    #expect(document["openapi"]?.text == "3.1.0")
    guard case .object(let paths)? = document["paths"] else { throw StatusFixture.NoResponse(path: "paths") }
    var names: [String] = []
    for path in paths {
      guard case .object(let operations) = path.value else { continue }
      for operation in operations {
        names.append(operation.value["operationId"]?.text ?? "")
        let role = operation.value["x-role"]?.text
        #expect(role == (operation.name == "get" ? "reader" : "operator"))
      }
    }
    #expect(names.sorted() == AdminEndpoint.allCases.map(\.rawValue).sorted())
  }

  @Test("Every schema that is referred to exists")
  func references() throws {
    let document = try #require(JSONValue(parsing: AdminDocument.json))
    let text = String(decoding: AdminDocument.json, as: UTF8.self)
    let references = text.matches(of: /#\/components\/schemas\/([a-z]+)/).map { String($0.1) }
    #expect(references.count > 20)
    for name in Set(references) { #expect(document["components"]?["schemas"]?[name] != nil, "\(name)") }
  }

  @Test("No two routes have the same path and method")
  func routes() {
    let places = AdminRoute.all.map { "\($0.verb) \($0.path)" }
    #expect(Set(places).count == places.count)
  }
}
