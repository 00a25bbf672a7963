/// A context that is made again when its files change. While the files are bad, the old context stays in use.
///
/// The owner uses ``context`` for each new session; sessions that began with an earlier context keep it.
package struct ReloadableContext: Sendable {
  /// The result of a look at the files.
  package typealias Outcome = Reloadable<TLSContext>.Outcome

  private var reloadable: Reloadable<TLSContext>

  /// The context for new sessions.
  package var context: TLSContext { reloadable.value }

  /// Why the present files cannot be used; nil if ``context`` was made from them.
  package var refusal: String? { reloadable.refusal }

  /// Makes the first context.
  ///
  /// - Parameters:
  ///   - files: the paths of all files that `make` reads.
  ///   - make: makes a context from them, or throws the reason.
  /// - Throws: what `make` throws.
  package init(files: [String], make: @escaping @Sendable () throws -> TLSContext) throws {
    reloadable = try .context(files: files, make: make)
  }

  /// A context as ``TLSContext/server(identity:alpn:ticketKeys:)`` makes it.
  ///
  /// - Throws: `CredentialError` about a file; `TLSFailure` if OpenSSL itself does not work.
  package static func server(
    certificateFile: String, keyFile: String, alpn: [String], ticketKeys: TicketKeys
  ) throws -> ReloadableContext {
    try ReloadableContext(files: [certificateFile, keyFile]) {
      try .server(
        identity: Identity(certificateFile: certificateFile, keyFile: keyFile), alpn: alpn,
        ticketKeys: ticketKeys)
    }
  }

  /// Examines the files, and loads them if they have changed and were the same at the previous look. To be called
  /// every few seconds, on a thread that may wait for the disk.
  package mutating func checkForChanges() -> Outcome { reloadable.checkForChanges() }

  /// Loads the files at once, changed or not (SIGHUP).
  package mutating func reload() -> Outcome { reloadable.reload() }
}
