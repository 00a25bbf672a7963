import Foundation
import Primitives
import Testing

extension IntegrationTests {
  @Suite("Streams in a browser")
  struct BrowserStreamTests {
    @Test(
      "A released browser obeys the last reconnection time, each time, and gets no empty message")
    func lastRetry() throws {
      var options = Deployment.Options()
      options.edgeCount = 1
      // By the first line of its stream it would reconnect after 10 s at the earliest.
      options.edgeFlags = ["--retry", "20s"]
      try Deployment.run(options) { deployment in
        let edge = deployment.edges[0]
        // A page without a script of its own.
        let browser = try Browser("http://\(try edge.address)/healthz", in: deployment.folder)
        try wait(for: "the page") { try browser.text(of: "body").hasPrefix("OK") }
        let script = """
          (window.heard = [], window.opened = 0, window.source = new EventSource("/subscribe/eps?resume=1"),
           source.onopen = () => { opened += 1 }, source.onmessage = (event) => { heard.push(event.data) }, true)
          """
        let _: Bool = try browser.value(of: script)
        let redis = try deployment.redis.client()
        for round in 1...4 {
          try wait(for: "stream \(round)", within: .seconds(5)) {
            try browser.value(of: "opened") == round
              && edge.metrics()["emojitrack_edge_clients{stream=\"eps\"}"] == 1
          }
          try redis.tweet(["1F4C2"])
          try wait(for: "the event of stream \(round)") { try browser.value(of: "heard.length") == round }
          let answer = try deployment.hub.ask(
            "POST", "/admin/edges/edge-1/shed", body: #"{"clients":1,"window":2}"#)
          #expect(answer.status == 200)
          try wait(for: "the end") { try browser.value(of: "source.readyState") == 0 }
        }
        // Neither a place without growth nor a reconnection time was a message.
        let heard: [String] = try browser.value(of: "heard")
        #expect(heard == [String](repeating: "{\"1F4C2\":1}", count: 4))
      }
    }
  }
}
