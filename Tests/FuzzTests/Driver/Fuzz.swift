import Foundation

/// libFuzzer's loop (https://llvm.org/docs/LibFuzzer.html#using-libfuzzer-as-a-library). Swift has no header for it.
@_silgen_name("LLVMFuzzerRunDriver")
private func runDriver(
  _ count: UnsafeMutablePointer<CInt>,
  _ arguments: UnsafeMutablePointer<UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>>,
  _ test: @convention(c) (UnsafePointer<UInt8>?, Int) -> CInt
) -> CInt

/// The target of this process. It is set once, before the first input.
private nonisolated(unsafe) var target: FuzzTarget?

/// Checks one input. libFuzzer keeps the input of a process that dies.
@_cdecl("LLVMFuzzerTestOneInput")
func test(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
  do {
    try unsafe target?.check(unsafe Array(UnsafeBufferPointer(start: start, count: count)))
  } catch {
    fatalError("\(error)")
  }
  return 0
}

/// A program with all targets, because one for each would take ten times as long to build. An environment variable names the
/// target, since the arguments are libFuzzer's.
@main enum Fuzz {
  static func main() throws {
    let environment = ProcessInfo.processInfo.environment
    let name = environment["EMOJITRACK_FUZZ_TARGET"] ?? ""
    guard let found = FuzzTarget.all.first(where: { $0.name == name }) else {
      // The script reads and shows this list.
      for target in FuzzTarget.all { print(target.name, target.sizeMaximum, target.subject) }
      exit(name.isEmpty ? 0 : 2)
    }
    if let folder = environment["EMOJITRACK_FUZZ_SEEDS"] {
      for (index, seed) in try found.seeds().enumerated() {
        try Data(seed).write(to: URL(filePath: folder).appending(path: "seed-\(index)"))
      }
    }
    unsafe target = found
    var count = CommandLine.argc
    var arguments = unsafe CommandLine.unsafeArgv
    exit(unsafe runDriver(&count, &arguments, test))
  }
}
