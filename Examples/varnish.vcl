vcl 4.1;
# Varnish in front of two edges. Each stream takes a thread: the parameter thread_pool_max limits their number.

import directors;
import std;

probe readyz {
  .url = "/readyz";
  .interval = 1s;
  .timeout = 1s;
  .window = 1;
  .threshold = 1;
  .initial = 1;
}

backend edge_1 { .host = "edge-1.example.org"; .port = "8001"; .probe = readyz; .connect_timeout = 5s; }
backend edge_2 { .host = "edge-2.example.org"; .port = "8001"; .probe = readyz; .connect_timeout = 5s; }

sub vcl_init {
  new edges = directors.round_robin();
  edges.add_backend(edge_1);
  edges.add_backend(edge_2);
}

sub vcl_recv {
  set req.backend_hint = edges.backend();
  if (req.url ~ "^/subscribe/") {
    # No edge is ready: see vcl_synth.
    if (!std.healthy(req.backend_hint)) { return (synth(700)); }
    # The bytes of both sides pass unchanged. As a response, a stream would stay open at its edge after its client has left,
    # until an event or a comment cannot be written.
    return (pipe);
  }
  return (pass);
}

sub vcl_pipe {
  # Further requests on this connection would reach the edge without passing vcl_recv.
  set bereq.http.Connection = "close";
}

sub vcl_synth {
  # A 503 would end an EventSource for good, so a stream gets a 200 that ends at once and says when to reconnect.
  if (resp.status == 700) {
    set resp.status = 200;
    set resp.reason = "OK";
    set resp.http.Content-Type = "text/event-stream";
    set resp.http.Cache-Control = "no-cache";
    set resp.http.Access-Control-Allow-Origin = "*";
    set resp.body = "retry: " + std.integer(real = std.random(3000, 7000)) + {"
"};
    return (deliver);
  }
}
