import HTTP
import Pages
import Primitives
import Testing

@Suite struct WebFileTests {
  private func text(_ file: WebFile) -> String {
    String(decoding: file.response.content?.bytes ?? [], as: UTF8.self)
  }

  @Test("Every file exists and has the type of its name", arguments: WebFile.allCases)
  func types(file: WebFile) throws {
    let content = try #require(file.response.content)
    #expect(!content.bytes.isEmpty)
    #expect(file.response.status == .ok)
    let types = [
      "html": "text/html; charset=utf-8", "css": "text/css; charset=utf-8", "svg": "image/svg+xml",
      "js": "text/javascript; charset=utf-8",
    ]
    let ending = try #require(file.rawValue.split(separator: ".").last)
    #expect(content.type.description == types[String(ending)])
  }

  @Test(
    "Every file is protected: no foreign content, no guessing of types, no frames",
    arguments: WebFile.allCases)
  func guards(file: WebFile) {
    #expect(
      file.response.fields == [
        ResponseField("Cache-Control", "no-cache"),
        ResponseField(
          "Content-Security-Policy",
          "default-src 'self'; object-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
        ),
        ResponseField("X-Content-Type-Options", "nosniff"), ResponseField("X-Frame-Options", "DENY"),
        ResponseField("Referrer-Policy", "no-referrer"),
      ])
  }

  @Test("No file loads anything from another server", arguments: WebFile.allCases)
  func own(file: WebFile) {
    let known = "http://www.w3.org/2000/svg"
    #expect(!text(file).replacing(known, with: "").contains("//www"))
    for scheme in ["http://", "https://", "src=\"//", "href=\"//"] {
      #expect(!text(file).replacing(known, with: "").contains(scheme), "\(scheme)")
    }
  }

  @Test(
    "No file names a path from the root: behind a proxy, the page may be below another path",
    arguments: WebFile.allCases)
  func relative(file: WebFile) {
    // In comments, a path is a whole word in backquotes.
    #expect(text(file).firstMatch(of: /["'(]\/[a-z]|[=(,] `\/[a-z]/) == nil)
  }

  @Test("The dashboard's buckets are those of hub and edges")
  func buckets() throws {
    let list = try #require(text(.figuresScript).firstMatch(of: /bucketBounds = \[([0-9_,\s]+)\]/)).1
    let bounds = list.split(separator: ",").compactMap { Int($0.filter(\.isNumber)) }
    #expect(bounds.map { Duration.microseconds($0) } == DurationHistogram.bounds)
  }

  @Test("Text is never markup: no file parses it as such, or writes scripts and styles into a page")
  func noMarkup() {
    for file in WebFile.allCases {
      for risk in [
        "innerHTML", "outerHTML", "insertAdjacentHTML", "document.write", "eval(", "setAttribute(\"style\"",
      ] {
        #expect(!text(file).contains(risk), "\(file) has \(risk)")
      }
    }
    for page in [WebFile.viewer, .dashboard] {
      #expect(!text(page).contains("<style"))
      #expect(!text(page).contains(" style="))
      #expect(!text(page).contains("onclick"))
      #expect(
        text(page).split(separator: "<script").dropFirst().allSatisfy {
          $0.hasPrefix(" type=\"module\" src=\"")
        })
    }
  }
}
