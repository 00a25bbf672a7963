import Glibc
import Reactor
import Service
import TLS
import Uring

/// `emojitrack-bench floor`, and the process that it starts.
enum FloorCommand {
  static func run(_ settings: Settings<FloorDeclaration>) throws -> Int32 {
    let server = try FloorProcess(
      rate: settings.rate, bytes: settings.bytes, usesRing: settings.usesRing,
      credentials: try credentials(settings.certificate, settings.privateKey))
    var options = LoadOptions(target: server.target)
    options.counts.clients = settings.clients
    options.seconds = settings.seconds
    options.authority = settings.authority
    options.processes = [server.id]
    return try LoadCommand.run(options, json: settings.json)
  }

  static func serve(_ settings: Settings<FloorServerDeclaration>) throws -> Int32 {
    let loop = try EventLoop()
    let context = try credentials(settings.certificate, settings.privateKey).map { files in
      try TLSContext.server(
        identity: try Identity(certificateFile: files.certificate, keyFile: files.key), alpn: ["http/1.1"],
        ticketKeys: TicketKeys([TicketKey()]))
    }
    let server = try FloorServer(
      rate: settings.rate, bytes: settings.bytes, context: context,
      ring: settings.usesRing ? SendRing() : nil, loop: loop)
    StandardStream.write("\(try server.start())\n", to: STDOUT_FILENO)
    withExtendedLifetime(server) { loop.run() }
    return EXIT_SUCCESS
  }

  /// A certificate and its key, or neither.
  static func credentials(
    _ certificate: String?, _ key: String?
  ) throws -> (certificate: String, key: String)? {
    switch (certificate, key) {
    case (nil, nil): return nil
    case (let certificate?, let key?): return (certificate, key)
    default: throw ConfigurationError("certificate", "and key go together")
    }
  }
}
