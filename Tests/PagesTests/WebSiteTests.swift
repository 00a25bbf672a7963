import HTTP
import Pages
import Testing

@Suite struct WebSiteTests {
  private func file(_ path: String, of site: WebSite) -> WebFile? {
    site.file(
      at: path.utf8.dropFirst().split(separator: UInt8(ascii: "/"), omittingEmptySubsequences: false).map(
        Array.init))
  }

  @Test(
    "The page is at the root, its parts beside it, and there is nothing else", arguments: WebSite.allCases)
  func paths(site: WebSite) {
    #expect(file("/", of: site) == site.page)
    for part in site.parts { #expect(file("/" + part.rawValue, of: site) == part) }
    for path in [
      "//", "/x/", "/viewer.html", "/dashboard.html", "/theme.css/", "/x/theme.css", "/Theme.css", "/theme",
    ] {
      #expect(file(path, of: site) == nil, "\(path)")
    }
  }

  @Test("A site has every file that its files name, and every file belongs to a site")
  func complete() {
    for site in WebSite.allCases {
      for file in [site.page] + site.parts {
        let text = String(decoding: file.response.content?.bytes ?? [], as: UTF8.self)
        // The names in pages and modules: the value of an attribute, or the text after `from`.
        for name in text.matches(of: #/(?:href="|src="|from ")/([a-z]+\.[a-z]+)"/#).map(\.output.1) {
          #expect(site.parts.contains { $0.rawValue == name }, "\(file) names \(name)")
        }
      }
    }
    #expect(Set(WebSite.allCases.flatMap { [$0.page] + $0.parts }) == Set(WebFile.allCases))
  }
}
