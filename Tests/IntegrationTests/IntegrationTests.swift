import Testing

/// All tests that run the real processes, one after the other: each wants the machine for itself.
///
/// They start a redis-server, a hub and edges on free ports of this machine (`Harness/Deployment.swift` is where to
/// begin to read). `EMOJITRACK_BINARIES` names the folder of the programs, if not those that were built with the tests
/// are to be run; `EMOJITRACK_MINUTE=1` makes the end-to-end test take its whole minute, and the trials of loss their
/// full counts.
@Suite("The relay as a whole", .serialized, FailureWatch.trait)
enum IntegrationTests {}
