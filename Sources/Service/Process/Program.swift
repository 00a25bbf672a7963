import Logging
import PlantedFaults
import Reactor

#if canImport(FoundationEssentials)
  import FoundationEssentials
#else
  import Foundation
#endif
#if canImport(Glibc)
  import Glibc
#endif

/// The settings of an executable that runs until it is stopped, and logs meanwhile.
package protocol ProgramDeclaration: SettingsDeclaration {
  /// The setting of the lowest level that is logged.
  var logLevel: Setting<Logger.Level> { get }
  /// The setting of the log format.
  var logFormat: Setting<LogFormat> { get }
}

/// The steps of every executable before and after its own work.
package enum Program {
  /// The command line, without the name of the program.
  package static var arguments: [String] { Array(CommandLine.arguments.dropFirst()) }

  /// Runs a program that can also check its environment, with `check` as its first argument, or ask the process that
  /// runs with the same settings, with `healthcheck`.
  package static func run<Declaration: ProgramDeclaration>(
    _ declaration: Declaration.Type, check: (Settings<Declaration>, inout PreflightReport) -> Void,
    healthCheck: (Settings<Declaration>, inout PreflightReport) -> Void,
    _ body: (Settings<Declaration>, Logger) throws -> Void
  ) {
    switch arguments.first {
    case "check":
      printReport { (settings: Settings<Declaration>, report) in
        report.ok("configuration", "\(settings.rows.count) settings")
        check(settings, &report)
      }
    case "healthcheck": printReport(healthCheck)
    default: run(declaration, body)
    }
  }

  /// Prints the findings of a check, one line each, and ends the process: with 1 if anything does not work. It
  /// waits until the report is read, because the report is its purpose; signals end it.
  private static func printReport<Declaration: ProgramDeclaration>(
    _ check: (Settings<Declaration>, inout PreflightReport) -> Void
  ) -> Never {
    Signals.ignoreBrokenPipes()
    var report = PreflightReport()
    do throws(SettingsExit) {
      let settings = try Settings<Declaration>.resolve(
        arguments: Array(arguments.dropFirst()), environment: ProcessInfo.processInfo.environment)
      check(settings, &report)
    } catch {
      guard error.status != 0 else {
        StandardStream.write(error.text + "\n", to: STDOUT_FILENO)
        exit(0)
      }
      for line in error.text.split(separator: "\n") {
        report.fail("configuration", String(line), remedy: "correct it; --help says what is allowed")
      }
    }
    StandardStream.write(report.findings.map { $0.line + "\n" }.joined(), to: STDOUT_FILENO)
    exit(report.status)
  }

  /// Blocks the signals, reads the settings, starts logging, and runs the body.
  ///
  /// It ends the process with `EX_CONFIG` (78) after a ``ConfigurationError``, with 1 after any other error, and as
  /// in `Settings.resolveOrExit()` if the settings cannot be read. Otherwise it returns.
  package static func run<Declaration: ProgramDeclaration>(
    _ declaration: Declaration.Type, _ body: (Settings<Declaration>, Logger) throws -> Void
  ) {
    Signals.block()
    let settings = Settings<Declaration>.resolveOrExit()
    ServiceLog.bootstrap(format: settings.logFormat, level: settings.logLevel, label: Declaration.command)
    let logger = Logger(label: Declaration.command)
    #if DEBUG
      if let fault = PlantedFault.active { logger.critical("this process has the planted fault \(fault)") }
    #endif
    do {
      try body(settings, logger)
    } catch let error as ConfigurationError {
      logger.critical("\(error)")
      exit(EX_CONFIG)
    } catch {
      logger.critical("\(error)")
      exit(EXIT_FAILURE)
    }
  }
}
