import Foundation

/// The proxies that are mainly web servers or caches.
extension ProxyKind {
  static let apache = ProxyKind(
    name: "Apache httpd", program: "apache2", versionArgument: "-v", example: "apache.conf",
    shortest: """
      <VirtualHost *:8080>
        ProxyPass / http://edge-1.example.org:8001/
      </VirtualHost>

      """,
    listening: "*:8080", listeningInTest: "127.0.0.1:PORT", noticesLeaving: false
  ) { home in
    let modules = [
      "mpm_event", "authz_core", "headers", "proxy", "proxy_http", "slotmem_shm", "proxy_balancer",
      "watchdog",
      "proxy_hcheck", "lbmethod_byrequests", "lbmethod_bybusyness",
    ]
    // Some modules are built in.
    .filter { FileManager.default.fileExists(atPath: "/usr/lib/apache2/modules/mod_\($0).so") }
    .map { "LoadModule \($0)_module /usr/lib/apache2/modules/mod_\($0).so" }
    let file = try home.write(
      "apache.conf",
      """
      ServerRoot \(home.folder.path)
      ServerName localhost
      Listen 127.0.0.1:\(home.port)
      PidFile \(home.folder.path)/apache.pid
      DefaultRuntimeDir \(home.folder.path)
      ErrorLog /dev/stderr
      \(getuid() == 0 ? "User www-data\nGroup www-data" : "")
      \(modules.joined(separator: "\n"))
      \(home.configuration)

      """)
    return ProxyCommand(arguments: ["-D", "FOREGROUND", "-f", file])
  }

  static let lighttpd = ProxyKind(
    name: "lighttpd", program: "lighttpd", versionArgument: "-v", example: "lighttpd.conf",
    shortest: """
      server.port = 8080
      server.document-root = "/var/empty"
      server.modules = ( "mod_proxy" )
      proxy.server = ( "" => ( ( "host" => "edge-1.example.org", "port" => 8001 ) ) )

      """,
    listening: "server.port = 8080", listeningInTest: "server.port = PORT\nserver.bind = \"127.0.0.1\""
  ) { home in
    ProxyCommand(arguments: ["-D", "-f", try home.write("lighttpd.conf", home.configuration)])
  }

  static let h2o = ProxyKind(
    name: "h2o", program: "h2o", versionArgument: "-v", example: "h2o.yaml",
    shortest: """
      listen: 8080
      hosts:
        default:
          paths:
            /: {proxy.reverse.url: "http://edge-1.example.org:8001/"}

      """,
    listening: "listen: 8080", listeningInTest: "listen: {host: 127.0.0.1, port: PORT}", edgeCount: 1,
    noticesLeaving: false, tellsCut: false
  ) { home in
    let text = home.configuration + "num-threads: 1\n" + (getuid() == 0 ? "user: nobody\n" : "")
    return ProxyCommand(arguments: ["-c", try home.write("h2o.yaml", text)])
  }

  static let varnish = ProxyKind(
    name: "Varnish", program: "varnishd", versionArgument: "-V", example: "varnish.vcl",
    shortest: """
      vcl 4.1;
      # :8080
      backend default { .host = "edge-1.example.org"; .port = "8001"; }

      """,
    listening: "vcl 4.1;", listeningInTest: "vcl 4.1;", tellsTimeToReturn: true
  ) { home in
    let file = try home.write("varnish.vcl", home.configuration)
    return ProxyCommand(
      arguments: [
        "-F", "-j", "none", "-n", home.folder.appending(path: "work").path, "-a", "127.0.0.1:\(home.port)",
        "-f",
        file, "-s", "malloc,32m",
      ])
  }

  static let squid = ProxyKind(
    name: "Squid", program: "squid", versionArgument: "-v", example: "squid.conf",
    shortest: """
      http_port 8080 accel no-vhost defaultsite=streams.example
      cache_peer edge-1.example.org parent 8001 0 no-query originserver
      http_access allow all

      """,
    listening: "http_port 8080", listeningInTest: "http_port 127.0.0.1:PORT"
  ) { home in
    let file = try home.write(
      "squid.conf",
      """
      \(home.configuration)
      pid_filename none
      access_log none
      cache_log /dev/null
      coredump_dir \(home.folder.path)
      shutdown_lifetime 0 seconds
      pinger_enable off

      """)
    return ProxyCommand(arguments: ["-N", "-f", file])
  }

  static let trafficServer = ProxyKind(
    name: "Traffic Server", program: "traffic_server", versionArgument: "-V", example: "remap.config",
    shortest: "map / http://edge-1.example.org:8001/\n",
    listening: "map / ", listeningInTest: "map / ", edgeCount: 1
  ) { home in
    _ = try home.write("etc/remap.config", home.configuration)
    _ = try home.write(
      "etc/records.config",
      """
      CONFIG proxy.config.http.server_ports STRING \(home.port):ip-in=127.0.0.1
      \(getuid() == 0 ? "CONFIG proxy.config.admin.user_id STRING trafficserver" : "")

      """)
    _ = try home.write("etc/storage.config", "")
    _ = try home.write(
      "etc/ip_allow.yaml", "ip_allow: [{apply: in, ip_addrs: 127.0.0.0/8, action: allow, methods: ALL}]\n")
    for folder in ["run", "log", "cache"] { _ = try home.write("\(folder)/.keep", "") }
    let path = home.folder.path
    _ = try home.write(
      "runroot.yml",
      """
      prefix: \(path)
      exec_prefix: /usr
      bindir: /usr/bin
      sbindir: /usr/bin
      sysconfdir: \(path)/etc
      datadir: /etc/trafficserver
      libexecdir: /usr/lib/trafficserver/modules
      localstatedir: \(path)/run
      runtimedir: \(path)/run
      logdir: \(path)/log
      cachedir: \(path)/cache

      """)
    try home.give(to: "trafficserver")
    return ProxyCommand(arguments: ["--run-root=\(path)"])
  }
}
