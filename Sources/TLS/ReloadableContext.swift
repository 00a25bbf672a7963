/// A context that is made anew when the files behind it change; while they are no good, it stays as it is.
///
/// Its owner takes ``context`` for each new session; sessions that began with an earlier one go on with it.
public struct ReloadableContext: Sendable {
  /// What came of a look at the files.
  public typealias Outcome = Reloadable<TLSContext>.Outcome

  private var reloadable: Reloadable<TLSContext>

  /// The context to begin new sessions with.
  public var context: TLSContext { reloadable.value }

  /// Why the files as they are cannot be used; nil if ``context`` was made of them.
  public var refusal: String? { reloadable.refusal }

  /// Makes the first context.
  ///
  /// - Parameters:
  ///   - files: the paths of all files that `make` reads.
  ///   - make: makes a context of them, or says why it cannot.
  /// - Throws: what `make` throws.
  public init(files: [String], make: @escaping @Sendable () throws -> TLSContext) throws {
    reloadable = try .context(files: files, make: make)
  }

  /// A context as ``TLSContext/server(identity:alpn:ticketKeys:)`` makes it.
  ///
  /// - Throws: `CredentialError` about a file; `TLSFailure` if OpenSSL itself does not work.
  public static func server(
    certificateFile: String, keyFile: String, alpn: [String], ticketKeys: TicketKeys
  ) throws -> ReloadableContext {
    try ReloadableContext(files: [certificateFile, keyFile]) {
      try .server(
        identity: Identity(certificateFile: certificateFile, keyFile: keyFile), alpn: alpn,
        ticketKeys: ticketKeys)
    }
  }

  /// Looks whether the files have changed, and loads them if they have and were the same at the look before.
  /// To be called every few seconds, by a thread that may wait for the disk.
  public mutating func look() -> Outcome { reloadable.look() }

  /// Loads the files at once, changed or not (SIGHUP).
  public mutating func reload() -> Outcome { reloadable.reload() }
}
