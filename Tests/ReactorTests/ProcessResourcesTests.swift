import Glibc
import Reactor
import Testing

@Suite("What the process uses")
struct ProcessResourcesTests {
  @Test("The limit of descriptors is raised as far as is allowed")
  func descriptorLimit() throws {
    let raised = ProcessResources.raiseDescriptorLimit()
    var limit = rlimit()
    try #require(unsafe getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0)
    #expect(limit.rlim_cur == limit.rlim_max)
    #expect(raised == Int(clamping: limit.rlim_max))
  }

  @Test("Each descriptor that is opened is counted, where the kernel counts")
  func openDescriptors() throws {
    let before = try #require(ProcessResources.openDescriptorCount())
    let opened = (0..<500).map { _ in unsafe open("/dev/null", O_RDONLY | O_CLOEXEC) }
    defer { for descriptor in opened { close(descriptor) } }
    // Other tests open and close theirs meanwhile.
    let count = try #require(ProcessResources.openDescriptorCount())
    #expect(count > before + 250, "\(before), then \(count)")
  }

  @Test("Memory that is touched shows in what is resident")
  func residentMemory() {
    let before = ProcessResources.residentBytes()
    #expect(before > 1 << 20)
    let block = [UInt8](repeating: 1, count: 64 << 20)
    // Other tests come and go meanwhile: half of it is proof enough.
    #expect(ProcessResources.residentBytes() > before + 32 << 20)
    withExtendedLifetime(block) {}
  }
}
