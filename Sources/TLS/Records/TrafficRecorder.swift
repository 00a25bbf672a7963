/// Notes, while OpenSSL does a handshake, what ``TLSSession/handOver(to:)`` will need: the traffic secrets of both
/// directions, and the number of records that each has protected since.
///
/// The secrets stay in ``SecretMemory``, and are wiped if the session is not handed over.
final class TrafficRecorder {
  private var sealing: RecordProtection?
  private var opening: RecordProtection?
  /// Records that were sealed, and opened.
  private var sealedCount: UInt64 = 0
  private var openedCount: UInt64 = 0
  /// Records that began to arrive.
  private var begunCount: UInt64 = 0
  /// Whether a key has been updated: the secrets are then outdated.
  private var isOutdated = false

  /// OpenSSL has a new secret, and uses it from now on.
  ///
  /// - Parameter line: in the format of a key log: a label, the client's random bytes, the secret.
  func secretLogged(_ line: UnsafeBufferPointer<UInt8>, _ suite: RecordSuite) {
    let parts = unsafe line.split(separator: UInt8(ascii: " "))
    guard unsafe parts.count == 3 else { return }
    let secret = unsafe UnsafeBufferPointer(rebasing: parts[2])
    if unsafe parts[0].elementsEqual("SERVER_TRAFFIC_SECRET_0".utf8) {
      sealing = unsafe RecordProtection.noted(fromHexadecimal: secret, suite)
      sealedCount = 0
    } else if unsafe parts[0].elementsEqual("CLIENT_TRAFFIC_SECRET_0".utf8) {
      opening = unsafe RecordProtection.noted(fromHexadecimal: secret, suite)
      openedCount = 0
      begunCount = 0
      isOutdated = false
    }
  }

  /// OpenSSL has sealed a record, or opened one.
  func recordProcessed(isSealed: Bool) {
    if isSealed { sealedCount += 1 } else { openedCount += 1 }
  }

  /// The header of a record has arrived.
  func recordBegan() { begunCount += 1 }

  /// A side goes on to its next key, or a handshake message of the client has begun to arrive, of which only a part may
  /// be here. The handshake itself, which ends with such a message, does not count.
  func keyUpdated() { isOutdated = true }

  /// Gives away the keys of both directions.
  ///
  /// - Returns: nil if there is nothing to give: the version is not TLS 1.3, a record has arrived in part, or a key
  ///   has been updated.
  func take() -> Protections? {
    guard !isOutdated, begunCount == openedCount, let sealing = sealing.take(), let opening = opening.take()
    else { return nil }
    guard sealing.deriveKeys(), opening.deriveKeys() else { return nil }
    sealing.sequence = sealedCount
    opening.sequence = openedCount
    return Protections(sealing: sealing, opening: opening)
  }

  /// The keys of both directions of a server's session.
  struct Protections: ~Copyable {
    let sealing: RecordProtection
    let opening: RecordProtection
  }
}
