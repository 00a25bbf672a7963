import Glibc
import Reactor
import Service

#if canImport(FoundationEssentials)
  import FoundationEssentials
#else
  import Foundation
#endif

/// `emojitrack-bench`: measures the service of an event-stream server, and its cost.
@main
enum BenchProgram {
  private static let usage = """
    Usage: emojitrack-bench load|floor|compare|costs|links|capacity [options]

      load     connects many clients to a stream, and measures what they get and what it costs
      floor    the same against a bare loop of send() in a process of its own: what cannot be undercut
      compare  alternates the two against a running edge, and prints the ratios
      costs    alternates between several edges and bare loops, and prints the ratios
      links    links many edges without clients to a hub, and measures what they cost it
      capacity computes what a fleet needs for a number of clients

    Each has its own --help.

    """

  static func main() {
    signal(SIGPIPE, SIG_IGN)
    _ = ProcessResources.raiseDescriptorLimit()
    do {
      exit(try run(CommandLine.arguments.dropFirst().first ?? "", Array(CommandLine.arguments.dropFirst(2))))
    } catch let error as SettingsExit {
      StandardStream.write(error.text + "\n", to: error.status == 0 ? STDOUT_FILENO : STDERR_FILENO)
      exit(error.status)
    } catch let error as ConfigurationError {
      StandardStream.write("emojitrack-bench: \(error)\n", to: STDERR_FILENO)
      exit(EX_CONFIG)
    } catch {
      StandardStream.write("emojitrack-bench: \(error)\n", to: STDERR_FILENO)
      exit(EXIT_FAILURE)
    }
  }

  private static func run(_ command: String, _ arguments: [String]) throws -> Int32 {
    switch command {
    case "load": return try LoadCommand.run(settings(arguments))
    case "floor": return try FloorCommand.run(settings(arguments))
    case "compare": return try CompareCommand.run(settings(arguments))
    case "costs": return try CostsCommand.run(settings(arguments))
    case "links": return try LinksCommand.run(settings(arguments))
    case "capacity": return CapacityCommand.run(try settings(arguments))
    case "floor-server": return try FloorCommand.serve(settings(arguments))
    case "--version":
      StandardStream.write("emojitrack-bench \(ServiceVersion.current)\n", to: STDOUT_FILENO)
      return EXIT_SUCCESS
    case "help", "--help", "-h":
      StandardStream.write(usage, to: STDOUT_FILENO)
      return EXIT_SUCCESS
    default:
      StandardStream.write(usage, to: STDERR_FILENO)
      return EX_USAGE
    }
  }

  private static func settings<Declaration>(_ arguments: [String]) throws(SettingsExit) -> Settings<
    Declaration
  > {
    try Settings.resolve(arguments: arguments, environment: ProcessInfo.processInfo.environment)
  }
}
