import Testing

/// All tests that run the real processes. Tests that measure, or use the machine heavily, run alone; tests that
/// mostly wait run a few at a time (`Harness/MachineShare.swift`).
///
/// They start a redis-server, a hub and edges on free ports of this machine (begin to read with
/// `Harness/Deployment.swift`). `EMOJITRACK_BINARIES` names the folder of the programs, if not those built with the
/// tests should run. `EMOJITRACK_MINUTE=1` makes the end-to-end test take its whole minute, and the loss trials their
/// full counts.
@Suite("The relay as a whole", SharedMachine(), FailureWatch.trait)
enum IntegrationTests {}
