import COpenSSL

extension TLSSession {
  /// Gives up OpenSSL's object for the keys alone: from now on, records are sealed and opened by the session that is
  /// returned, and this one must not be used any more.
  ///
  /// - Parameter ciphers: those of the present thread.
  /// - Returns: nil if the session must stay as it is: it is not of TLS 1.3, its beginning did not announce a
  ///   hand-over, bytes are bound to be sent or have arrived in part, or a key has been updated.
  package func handOver(to ciphers: RecordCiphers) -> RecordSession? {
    guard output.isReady, let suite = recordSuite, ciphers.has(suite),
      unsafe SSL_has_pending(ssl) == 0, unsafe SSL_get_shutdown(ssl) == 0,
      unsafe SSL_get_key_update_type(ssl) == SSL_KEY_UPDATE_NONE,
      let keys = output.takeKeys()
    else { return nil }
    return keys.session(over: output.descriptor, with: ciphers)
  }

  /// The session will not be handed over: the keys that were noted for it are wiped.
  package func staysWithOpenSSL() { output.forgetRecorder() }

  /// The suite of the records; nil for TLS 1.2.
  var recordSuite: RecordSuite? {
    guard let cipher = unsafe SSL_get_current_cipher(ssl) else { return nil }
    return unsafe RecordSuite(identifier: SSL_CIPHER_get_protocol_id(cipher))
  }

  /// Notes what a hand-over will need. To be called before the handshake.
  func recordTraffic() {
    let recorder = TrafficRecorder()
    output.recorder = recorder
    unsafe SSL_set_msg_callback(ssl, noteMessage)
    unsafe shim_SSL_set_msg_callback_arg(ssl, Unmanaged.passUnretained(recorder).toOpaque())
  }
}

extension TLSWriteHalf {
  /// Gives away the keys, and the right to use the socket.
  func takeKeys() -> TrafficRecorder.Protections? {
    guard let keys = recorder?.take() else { return nil }
    forgetRecorder()
    handedOver()
    return keys
  }

  /// There will be no hand-over.
  func forgetRecorder() {
    guard recorder != nil else { return }
    unsafe SSL_set_msg_callback(ssl, nil)
    unsafe shim_SSL_set_msg_callback_arg(ssl, nil)
    recorder = nil
  }
}

extension TrafficRecorder.Protections {
  consuming func session(over descriptor: Int32, with ciphers: RecordCiphers) -> RecordSession {
    let keys = self
    return RecordSession(
      over: descriptor, RecordSealer(keys.sealing), RecordOpener(keys.opening), with: ciphers)
  }
}
