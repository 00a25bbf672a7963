import Foundation

extension ProxyKind {
  static let nginx = ProxyKind(
    name: "nginx", program: "nginx", versionArgument: "-v", example: "nginx.conf",
    shortest: """
      server {
        listen 8080;
        location / { proxy_pass http://edge-1.example.org:8001; }
      }
      """,
    listening: "listen 8080;", listeningInTest: "listen 127.0.0.1:PORT;", tellsTimeToReturn: true
  ) { home in
    let buffers = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"].map {
      "\($0)_temp_path \(home.folder.path)/\($0);"
    }
    let file = try home.write(
      "nginx.conf",
      """
      daemon off;
      pid \(home.folder.path)/nginx.pid;
      \(getuid() == 0 ? "user root;" : "")
      events { worker_connections 4096; }
      http {
        access_log off;
        \(buffers.joined(separator: "\n"))
        \(home.configuration)
      }
      """)
    return ProxyCommand(arguments: ["-c", file, "-e", "stderr"])
  }

  static let haproxy = ProxyKind(
    name: "HAProxy", program: "haproxy", versionArgument: "-v", example: "haproxy.cfg",
    shortest: """
      defaults
        mode http
        timeout connect 5000
        timeout client 50000
        timeout server 50000
      frontend streams
        bind :8080
        default_backend edges
      backend edges
        server edge-1 edge-1.example.org:8001

      """,
    listening: "bind :8080", listeningInTest: "bind 127.0.0.1:PORT", tellsTimeToReturn: true
  ) { home in
    let text = home.configuration.replacing("maxconn 100000", with: "maxconn 4000")
      .replacing("/etc/haproxy/errors", with: TestRun.package.appending(path: "Examples").path)
    return ProxyCommand(arguments: ["-db", "-f", try home.write("haproxy.cfg", text)])
  }

  static let envoy = ProxyKind(
    name: "Envoy", program: "envoy", versionArgument: "--version", example: "envoy.yaml",
    shortest: """
      static_resources:
        listeners:
        - address: {socket_address: {address: 0.0.0.0, port_value: 8080}}
          filter_chains:
          - filters:
            - name: envoy.filters.network.http_connection_manager
              typed_config:
                "@type": type.googleapis.com/envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager
                stat_prefix: streams
                http_filters:
                - name: envoy.filters.http.router
                  typed_config: {"@type": type.googleapis.com/envoy.extensions.filters.http.router.v3.Router}
                route_config:
                  virtual_hosts:
                  - {name: edges, domains: ["*"], routes: [{match: {prefix: /}, route: {cluster: edges}}]}
        clusters:
        - name: edges
          type: STRICT_DNS
          load_assignment:
            cluster_name: edges
            endpoints:
            - lb_endpoints:
              - endpoint: {address: {socket_address: {address: edge-1.example.org, port_value: 8001}}}

      """,
    listening: "address: 0.0.0.0, port_value: 8080", listeningInTest: "address: 127.0.0.1, port_value: PORT",
    tellsTimeToReturn: true
  ) { home in
    ProxyCommand(
      arguments: [
        "-c", try home.write("envoy.yaml", home.configuration), "--disable-hot-restart", "--concurrency", "1",
        "-l", "warn",
      ])
  }

  static let caddy = ProxyKind(
    name: "Caddy", program: "caddy", versionArgument: "version", example: "Caddyfile",
    shortest: """
      :8080 {
      	reverse_proxy edge-1.example.org:8001
      }

      """,
    listening: ":8080 {", listeningInTest: ":PORT {", tellsTimeToReturn: true
  ) { home in
    let file = try home.write(
      "Caddyfile", "{\n\tadmin off\n\tdefault_bind 127.0.0.1\n}\n\(home.configuration)")
    return ProxyCommand(
      arguments: ["run", "--config", file, "--adapter", "caddyfile"],
      environment: ["HOME": home.folder.path])
  }

  static let traefik = ProxyKind(
    name: "Traefik", program: "traefik", versionArgument: "version", example: "traefik.yaml",
    shortest: """
      # :8080
      http:
        routers:
          streams: {rule: "PathPrefix(`/`)", service: edges}
        services:
          edges:
            loadBalancer:
              servers:
              - {url: "http://edge-1.example.org:8001"}

      """,
    listening: ":8080", listeningInTest: ":PORT"
  ) { home in
    let routes = try home.write("routes.yaml", home.configuration)
    let file = try home.write(
      "traefik.yaml",
      """
      entryPoints: {web: {address: "127.0.0.1:\(home.port)"}}
      providers: {file: {filename: "\(routes)"}}
      global: {checkNewVersion: false, sendAnonymousUsage: false}

      """)
    return ProxyCommand(arguments: ["--configfile=\(file)"], environment: ["HOME": home.folder.path])
  }

  static let nghttpx = ProxyKind(
    name: "nghttpx", program: "nghttpx", versionArgument: "-v", example: "nghttpx.conf",
    shortest: """
      frontend=*,8080;no-tls
      backend=edge-1.example.org,8001;;proto=http/1.1

      """,
    listening: "frontend=*,8080;", listeningInTest: "frontend=127.0.0.1,PORT;"
  ) { home in
    ProxyCommand(
      arguments: [
        "--conf=\(try home.write("nghttpx.conf", home.configuration))", "--single-process", "--workers=1",
      ])
  }
}
