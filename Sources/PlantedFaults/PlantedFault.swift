#if DEBUG
  import Glibc
#endif

/// A deliberate fault. The name of each case is the fault.
@usableFromInline
package enum PlantedFault: Sendable, CaseIterable {
  // The hub.
  case fenceIgnoresIncrements
  case fenceMisplaced
  case lineageReused
  case excessKept
  case snapshotForgotten
  case gapForgotten
  case topicEventsReversed
  case tickSkipped
  case interestMisplaced
  case replacedLinkKept
  case leaseUnlimited
  case tokenPrefixAccepted
  case failuresUncounted

  // The edge: what comes from hubs.
  case totalsSummed
  case eventsRepeated
  case rawRepeated
  case gapIgnored
  case fenceAnswerIgnored
  case silenceUnnoticed
  case resetForgotten
  case trustKept

  // The edge: its clients.
  case resumedTooEarly
  case resumedTooLate
  case placesUnchecked
  case flushDropped
  case flushRepeated
  case sliceShifted
  case cursorMisplaced
  case sumForgetsOldest
  case laggardsKept
  case rateIgnored
  case governorAsleep
  case silentStreams
  case drainForgetsClients
  case drainAdmitsClients
  case releasedTwice
  case cleanupIgnoresKeys
  case placeKept
  case endBeforeRest
  case openWindowUnnoticed
  case handshakePlaceKept
  case handshakesUnbounded
  case addressUncounted
  case forwardedAddressBelieved

  // Formats and settings.
  case varintTruncated
  case frameLengthUnchecked
  case bodyUnended
  case repeatedLengthAccepted
  case idsFolded
  case backoffSkipped
  case unknownSettingAccepted
  case secretShown
  case filesUnwatched
}

#if DEBUG
  extension PlantedFault {
    /// The fault in force; nil if there is none. For a whole process, ``variable`` names it.
    @TaskLocal package static var active: PlantedFault? = ofProcess

    /// The environment variable that names the fault of a process.
    package static let variable = "EMOJITRACK_PLANTED_FAULT"

    private static let ofProcess: PlantedFault? = {
      let name = unsafe getenv(variable).map { unsafe String(cString: $0) } ?? ""
      guard !name.isEmpty else { return nil }
      guard let fault = allCases.first(where: { "\($0)" == name }) else {
        fatalError("\(variable): there is no fault \(name)")
      }
      return fault
    }()
  }

  /// Whether a fault is in force.
  package func planted(_ fault: PlantedFault) -> Bool { PlantedFault.active == fault }
#else
  /// Whether a fault is in force: never in a release build.
  @inlinable package func planted(_ fault: PlantedFault) -> Bool { false }
#endif
