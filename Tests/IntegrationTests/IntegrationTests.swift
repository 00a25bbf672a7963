import Testing

/// All tests that run the real processes, one after the other: each wants the machine for itself.
@Suite("The relay as a whole", .serialized, FailureWatch.trait)
enum IntegrationTests {}
