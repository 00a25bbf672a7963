import COpenSSL

/// An alert: one of those that TLS 1.3 demands of a receiver of records, or the end (RFC 8446, section 6).
package enum TLSAlert: UInt8, Sendable {
  /// The sender will send nothing more.
  case closeNotify = 0
  /// A record or message came where it may not.
  case unexpectedMessage = 10
  /// A record is not authentic.
  case badRecordMAC = 20
  /// A record is too long.
  case recordOverflow = 22
  /// A field has a value that is not allowed.
  case illegalParameter = 47
  /// A message has a wrong length.
  case decodeError = 50
  /// This side cannot go on.
  case internalError = 80
  /// The sender was interrupted; the end follows.
  case userCanceled = 90

  /// The content of the alert's record: its level, which no receiver of TLS 1.3 heeds, and its number.
  var content: [UInt8] { [self == .closeNotify || self == .userCanceled ? 1 : 2, rawValue] }

  /// An alert's name in OpenSSL's words.
  static func name(of number: UInt8) -> String {
    // One of them has an underscore.
    unsafe String(cString: SSL_alert_desc_string_long(Int32(number))).replacing("_", with: " ")
  }
}
