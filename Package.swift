// swift-tools-version: 6.2

import PackageDescription

/// Every target of ours is Swift 6, strictly memory safe, and free of warnings.
let strict: [SwiftSetting] = [
  .swiftLanguageMode(.v6),
  .strictMemorySafety(),
  .treatAllWarnings(as: .error),
  .enableUpcomingFeature("ExistentialAny"),
  .enableUpcomingFeature("MemberImportVisibility"),
]

// The arrows of the architecture, top to bottom. `Sources/README.md` draws them and says why.
let package = Package(
  name: "emojitrack-relay",
  products: [
    .executable(name: "emojitrack-hub", targets: ["Hub"]),
    .executable(name: "emojitrack-edge", targets: ["Edge"]),
    .executable(name: "emojitrack-feeder", targets: ["Feeder"]),
  ],
  dependencies: [
    .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
    .package(url: "https://github.com/apple/swift-configuration", from: "1.4.0"),
    .package(url: "https://github.com/apple/swift-log", from: "1.16.2"),
  ],
  targets: [
    // Pure: the standard library alone, no I/O, no clock, no lock, no thread, no unsafe.
    .target(name: "Primitives", exclude: ["README.md"], swiftSettings: strict),
    .target(
      name: "Wire", dependencies: ["Primitives"], exclude: ["PROTOCOL.md"], swiftSettings: strict),
    .target(name: "HTTP", dependencies: ["Primitives"], swiftSettings: strict),
    .target(name: "HubCore", dependencies: ["Primitives", "Wire", "HTTP"], swiftSettings: strict),
    .target(name: "EdgeCore", dependencies: ["Primitives", "Wire", "HTTP"], swiftSettings: strict),

    // The outside world: all unsafe code lives here, one Swift target for each C module.
    .target(name: "CLinux"),
    .systemLibrary(name: "CHiredis", pkgConfig: "hiredis", providers: [.apt(["libhiredis-dev"])]),
    .systemLibrary(name: "COpenSSL", pkgConfig: "openssl", providers: [.apt(["libssl-dev"])]),
    .target(name: "Reactor", dependencies: ["Primitives", "CLinux"], swiftSettings: strict),
    .target(name: "TLS", dependencies: ["Primitives", "COpenSSL"], swiftSettings: strict),
    .target(
      name: "Redis", dependencies: ["Primitives", "CHiredis"], exclude: ["README.md"],
      swiftSettings: strict),
    .target(
      name: "Transport", dependencies: ["Primitives", "Reactor", "TLS"], swiftSettings: strict),
    .target(
      name: "Service",
      dependencies: [
        "Primitives",
        .product(name: "ArgumentParser", package: "swift-argument-parser"),
        .product(name: "Configuration", package: "swift-configuration"),
        .product(name: "Logging", package: "swift-log"),
      ], swiftSettings: strict),

    // The executables: drivers that own the sockets and perform what the pure machines decide.
    .executableTarget(
      name: "Hub", dependencies: ["HubCore", "Redis", "Transport", "Service"],
      swiftSettings: strict),
    .executableTarget(
      name: "Edge", dependencies: ["EdgeCore", "Transport", "Service"], swiftSettings: strict),
    .executableTarget(
      name: "Feeder", dependencies: ["Primitives", "Redis", "Transport", "Service"],
      exclude: ["README.md"], swiftSettings: strict),

    // Tests: one target beside each target, and one that runs the real processes.
    .testTarget(name: "PrimitivesTests", dependencies: ["Primitives"], swiftSettings: strict),
    .testTarget(name: "WireTests", dependencies: ["Wire"], swiftSettings: strict),
    .testTarget(name: "HTTPTests", dependencies: ["HTTP"], swiftSettings: strict),
    .testTarget(
      name: "HubCoreTests", dependencies: ["Primitives", "HubCore"], swiftSettings: strict),
    .testTarget(name: "EdgeCoreTests", dependencies: ["EdgeCore"], swiftSettings: strict),
    .testTarget(
      name: "RedisTests", dependencies: ["Primitives", "Redis", "HubCore", "Feeder"],
      swiftSettings: strict),
    .testTarget(name: "TLSTests", dependencies: ["TLS"], swiftSettings: strict),
    .testTarget(
      name: "ReactorTests", dependencies: ["Reactor", "Transport"], swiftSettings: strict),
    .testTarget(name: "ServiceTests", dependencies: ["Service"], swiftSettings: strict),
    .testTarget(
      name: "FeederTests", dependencies: ["Primitives", "Feeder"], swiftSettings: strict),
    .testTarget(
      name: "IntegrationTests",
      dependencies: ["Primitives", "Reactor", "Transport", "Redis", "Wire"],
      swiftSettings: strict),
  ]
)
