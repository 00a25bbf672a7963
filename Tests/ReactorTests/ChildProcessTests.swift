import Glibc
import Reactor
import Testing

@Suite("A program that was started")
struct ChildProcessTests {
  private func exists(_ id: Int32) -> Bool { kill(id, 0) == 0 }

  @Test("It is heard on the stream that was asked for, and not on the other one")
  func heard() throws {
    let script = "echo out; echo err >&2; read end"
    #expect(try ChildProcess(["/bin/sh", "-c", script], hearing: .error).firstWords() == "err\n")
    #expect(
      try ChildProcess(["/bin/sh", "-c", "echo out; read end"], hearing: .output).firstWords() == "out\n")
  }

  @Test("Its arguments arrive unchanged")
  func arguments() throws {
    let process = try ChildProcess(["/usr/bin/printf", "%s|", "a b", "", "é\"'"], hearing: .output)
    #expect(try process.firstWords() == "a b||é\"'|")
  }

  @Test(
    "It ends with its owner, whether it looks at its input or at signals",
    arguments: ["read end", "exec sleep 60"])
  func ends(script: String) throws {
    var process: ChildProcess? = try ChildProcess(["/bin/sh", "-c", "echo on; \(script)"], hearing: .output)
    let id = try #require(process?.id)
    #expect(try process?.firstWords() == "on\n")
    #expect(exists(id))
    process = nil
    #expect(!exists(id))
  }

  @Test("A program that ends says nothing more, and one that is not there is an error")
  func missing() throws {
    #expect(try ChildProcess(["/bin/true"], hearing: .output).firstWords() == "")
    #expect(throws: SystemError(call: "posix_spawn", code: ENOENT)) {
      try ChildProcess(["/nowhere/program"], hearing: .output)
    }
  }
}
