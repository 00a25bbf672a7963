import Service

/// The settings of `emojitrack-bench capacity`.
struct CapacityDeclaration: SettingsDeclaration {
  static let command = "emojitrack-bench capacity"
  static let purpose = "Computes what a fleet needs for a number of clients. It measures nothing."

  let clients = Setting(
    "clients", "The clients of the whole fleet.", .integer(1...1_000_000_000, of: "of clients"),
    default: "1000000")
  let rate = Setting(
    "rate", "The events that each client gets: the rate of ?hz=, or what the governor makes of 59.",
    .decimal(0.1...1_000), default: "10")
  let eventBytes = Setting(
    "event.bytes", "The bytes of an event: 285 at 2,000 scores a second and 59 events.",
    .integer(10...100_000, of: "of bytes"), default: "285")
  let isTLS = Setting("tls", "Whether the edges terminate TLS.", .boolean, default: "true")
  let cores = Setting("cores", "The cores of an edge.", .integer(1...1_024, of: "of cores"), default: "8")
  let memory = Setting(
    "memory", "The memory of an edge for clients, in GiB.", .integer(1...4_096, of: "of GiB"), default: "16")
  let bandwidth = Setting(
    "bandwidth", "The bandwidth of an edge, in Gbit/s.", .decimal(0.01...1_000), default: "10")
  let clientsMaximum = Setting(
    "clients.maximum", "The clients that an edge accepts: its clients.maximum.",
    .integer(1...10_000_000, of: "of clients"), default: "100000")
  let load = Setting(
    "load", "The share of CPU and bandwidth that is planned to be used.", .decimal(0.05...1), default: "0.6")
  let drainSeconds = Setting(
    "drain.seconds", "The time over which a drain releases the clients of an edge.",
    .integer(1...86_400, of: "of seconds"), default: "60")
}

extension CapacityModel {
  init(_ settings: Settings<CapacityDeclaration>) {
    clients = Double(settings.clients)
    rate = settings.rate
    eventBytes = Double(settings.eventBytes)
    isTLS = settings.isTLS
    cores = Double(settings.cores)
    memory = Double(settings.memory) * 1_073_741_824
    bandwidth = settings.bandwidth * 1e9
    clientsMaximum = Double(settings.clientsMaximum)
    load = settings.load
    drainSeconds = Double(settings.drainSeconds)
  }
}
