import Testing

/// All tests that run the real processes. Those that measure, and those that work the machine hard, have it for themselves; those
/// that mostly wait run a few at a time (`Harness/MachineShare.swift`).
///
/// They start a redis-server, a hub and edges on free ports of this machine (`Harness/Deployment.swift` is where to
/// begin to read). `EMOJITRACK_BINARIES` names the folder of the programs, if not those that were built with the tests
/// are to be run; `EMOJITRACK_MINUTE=1` makes the end-to-end test take its whole minute, and the trials of loss their
/// full counts.
@Suite("The relay as a whole", SharedMachine(), FailureWatch.trait)
enum IntegrationTests {}
