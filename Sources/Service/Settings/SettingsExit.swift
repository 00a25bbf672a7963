import ArgumentParser
import Reactor

#if canImport(FoundationEssentials)
  import FoundationEssentials
#else
  import Foundation
#endif
#if canImport(Glibc)
  import Glibc
#endif

/// A text to print and an exit status, in place of running.
package struct SettingsExit: Error, Equatable, Sendable {
  /// 0, 64 (`EX_USAGE` of sysexits.h: the command line) or 78 (`EX_CONFIG`: environment or file).
  package let status: Int32
  /// The text: for standard output if the status is 0, else for standard error.
  package let text: String

  init(status: Int32, text: String) {
    self.status = status
    self.text = text
  }

  /// For a request for help or version, or an invalid command line.
  init<Declaration>(_ error: any Error, of flags: SettingFlags<Declaration>.Type) {
    self.init(status: flags.exitCode(for: error).rawValue, text: flags.fullMessage(for: error))
  }

  /// For invalid settings; errors in the command line take precedence.
  init(_ problems: [SettingsResolution.Problem], command: String) {
    self.init(
      status: problems.contains(where: \.isUsage) ? EX_USAGE : EX_CONFIG,
      text: problems.map { "\(command): \($0.text)" }.joined(separator: "\n"))
  }
}

extension Settings {
  /// The settings of this process; if there is a text to print instead, prints it and ends the process.
  package static func resolveOrExit() -> Settings {
    do throws(SettingsExit) {
      return try resolve(
        arguments: Array(CommandLine.arguments.dropFirst()), environment: ProcessInfo.processInfo.environment)
    } catch {
      if error.status == 0 {
        StandardStream.write(error.text + "\n", to: STDOUT_FILENO)
      } else {
        // The service manager must get the status, even if nothing reads the text.
        StandardStream.write(error.text + "\n", to: STDERR_FILENO, within: .seconds(1))
      }
      exit(error.status)
    }
  }
}
