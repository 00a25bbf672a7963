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

func library(_ name: String, _ dependencies: [Target.Dependency] = [], beside: [String] = []) -> Target {
  .target(name: name, dependencies: dependencies, exclude: ["README.md"] + beside, swiftSettings: strict)
}

func program(_ name: String, _ dependencies: [Target.Dependency]) -> Target {
  .executableTarget(name: name, dependencies: dependencies, exclude: ["README.md"], swiftSettings: strict)
}

func tests(_ name: String, _ dependencies: [Target.Dependency]) -> Target {
  .testTarget(name: name, dependencies: dependencies, swiftSettings: strict)
}

let argumentParser = Target.Dependency.product(name: "ArgumentParser", package: "swift-argument-parser")
let configuration = Target.Dependency.product(name: "Configuration", package: "swift-configuration")
let logging = Target.Dependency.product(name: "Logging", package: "swift-log")

/// The targets of the fuzzers: tests, which run each of them for a second or two. Under this variable, which `Scripts/fuzz.sh`
/// sets, the same sources are a program with libFuzzer instead. It is no package of its own, because one has no
/// access to what is `package` here; and it is in no other build, because every module in it is instrumented.
let isFuzzing = Context.environment["EMOJITRACK_FUZZING"] != nil
let fuzzed: [Target.Dependency] = [
  "EdgeCore", "HubCore", "HTTP", "HTTP2", "Primitives", "Redis", "Service", "TLS", "TestSupport",
  "Wire",
]
let fuzzing =
  isFuzzing
  ? Target.executableTarget(
    name: "FuzzTests", dependencies: fuzzed, path: "Tests/FuzzTests",
    exclude: ["FuzzTests.swift", "Support/Mutator.swift"],
    swiftSettings: strict + [.unsafeFlags(["-parse-as-library"])])
  : Target.testTarget(
    name: "FuzzTests", dependencies: fuzzed, path: "Tests/FuzzTests", exclude: ["Driver"],
    swiftSettings: strict)

// The arrows of the architecture, top to bottom. `Sources/README.md` draws them and says why.
let package = Package(
  name: "emojitrack-relay",
  products: [
    .executable(name: "emojitrack-hub", targets: ["Hub"]),
    .executable(name: "emojitrack-edge", targets: ["Edge"]),
    .executable(name: "emojitrack-feeder", targets: ["Feeder"]),
    .executable(name: "emojitrack-bench", targets: ["Bench"]),
  ],
  dependencies: [
    .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
    .package(url: "https://github.com/apple/swift-configuration", from: "1.4.0", traits: []),
    .package(url: "https://github.com/apple/swift-log", from: "1.16.2"),
  ],
  targets: [
    // Faults for tests of the tests; nothing in a release build.
    library("PlantedFaults"),

    // Pure: the standard library alone, no I/O, no clock, no lock, no thread, no unsafe.
    library("Primitives", ["PlantedFaults"]),
    library("Wire", ["Primitives", "PlantedFaults"], beside: ["PROTOCOL.md"]),
    library("HTTP", ["Primitives", "PlantedFaults"]),
    library("HTTP2", ["HTTP"]),
    .target(
      name: "Pages", dependencies: ["HTTP"], exclude: ["README.md"], resources: [.embedInCode("Files")],
      swiftSettings: strict),
    library("HubCore", ["Primitives", "Wire", "HTTP", "Pages", "PlantedFaults"]),
    library("EdgeCore", ["Primitives", "Wire", "HTTP", "HTTP2", "Pages", "PlantedFaults"]),

    // The outside world: all unsafe code lives here, one Swift target for each C module.
    .target(name: "CLinux"),
    .systemLibrary(name: "CHiredis", pkgConfig: "hiredis", providers: [.apt(["libhiredis-dev"])]),
    .systemLibrary(name: "COpenSSL", pkgConfig: "openssl", providers: [.apt(["libssl-dev"])]),
    .target(name: "CUring", linkerSettings: [.linkedLibrary("uring")]),
    library("Reactor", ["Primitives", "CLinux"]),
    library("Uring", ["Reactor", "CUring"]),
    library("TLS", ["COpenSSL", "PlantedFaults"]),
    library("Transport", ["Primitives", "Reactor", "TLS"]),
    library("Redis", ["Primitives", "CHiredis", "Transport", "TLS"]),
    library("Telemetry", ["HTTP", "Primitives", "Reactor", "TLS", "Transport"]),
    library("Service", ["Primitives", "Reactor", "PlantedFaults", argumentParser, configuration, logging]),

    library("Preflight", ["Primitives", "Reactor", "TLS", "Transport", "Service"]),

    // The executables: drivers that own the sockets and perform what the pure machines decide.
    program(
      "Hub",
      [
        "HubCore", "HTTP", "Wire", "Primitives", "Redis", "Telemetry", "Transport", "Reactor", "TLS",
        "Service", "Preflight",
        logging,
      ]),
    program(
      "Edge",
      [
        "EdgeCore", "HTTP", "HTTP2", "Wire", "Primitives", "Telemetry", "Transport", "Reactor", "TLS",
        "Uring", "Service", "Preflight",
        logging,
      ]),
    program("Feeder", ["Primitives", "Redis", "Transport", "Reactor", "TLS", "Service", logging]),
    program(
      "Bench",
      [
        "EdgeCore", "HTTP", "HTTP2", "Wire", "Primitives", "Redis", "Transport", "Reactor", "TLS", "Uring",
        "Service",
      ]),

    // Tests: one target beside each target, and one that runs the real processes.
    .target(
      name: "TestSupport", dependencies: ["Primitives"], path: "Tests/TestSupport", swiftSettings: strict),
    tests("PrimitivesTests", ["Primitives", "TestSupport"]),
    tests("WireTests", ["Wire", "Primitives", "TestSupport"]),
    tests("HTTPTests", ["HTTP", "Primitives", "TestSupport"]),
    tests("HTTP2Tests", ["HTTP2", "HTTP", "TestSupport"]),
    tests("PagesTests", ["Pages", "HTTP", "Primitives"]),
    tests("HubCoreTests", ["HubCore", "HTTP", "Pages", "Wire", "Primitives", "TestSupport"]),
    tests("EdgeCoreTests", ["EdgeCore", "HTTP", "HTTP2", "Pages", "Wire", "Primitives", "TestSupport"]),
    tests(
      "SimulationTests",
      ["HubCore", "EdgeCore", "HTTP", "HTTP2", "Wire", "Primitives", "PlantedFaults", "TestSupport"]),
    tests("ReactorTests", ["Reactor", "Primitives", "TestSupport"]),
    tests("UringTests", ["Uring", "Reactor", "TestSupport"]),
    tests("TLSTests", ["TLS", "COpenSSL", "TestSupport"]),
    tests("RedisTests", ["Redis", "HubCore", "Feeder", "Wire", "Primitives", "TestSupport"]),
    tests("TransportTests", ["Transport", "Reactor", "TLS", "Primitives"]),
    tests("TelemetryTests", ["Telemetry", "HTTP", "Primitives", "Reactor", "Transport"]),
    tests("ServiceTests", ["Service", "Primitives", "TestSupport", logging]),
    tests("PreflightTests", ["Preflight", "Primitives", "Reactor", "Service", "Transport"]),
    tests("EdgeTests", ["Edge", "EdgeCore", "HTTP", "Primitives", "TLS", "Wire"]),
    tests("SettingsTests", ["Hub", "Edge", "Feeder", "Service"]),
    tests("FeederTests", ["Feeder", "Primitives", "TestSupport"]),
    tests("BenchTests", ["Bench", "HTTP2", "Primitives", "Redis", "Service"]),
    tests("TidyTests", []),
    fuzzing,
    tests("IntegrationTests", ["Wire", "Redis", "Transport", "Reactor", "TLS", "Primitives", "TestSupport"]),
  ]
)
