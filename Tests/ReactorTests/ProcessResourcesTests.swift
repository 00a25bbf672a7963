import Glibc
import Reactor
import Testing

@Suite("Resources of the process")
struct ProcessResourcesTests {
  @Test("The limit of descriptors is raised as far as allowed")
  func descriptorLimit() throws {
    let raised = ProcessResources.raiseDescriptorLimit()
    var limit = rlimit()
    try #require(unsafe getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0)
    #expect(limit.rlim_cur == limit.rlim_max)
    #expect(raised == Int(clamping: limit.rlim_max))
  }

  @Test("Each open descriptor is counted, if the kernel counts them")
  func openDescriptors() throws {
    _ = try #require(ProcessResources.openDescriptorCount())
    // Other tests open and close hundreds of descriptors meanwhile, but not each time.
    let isCounted = (0..<50).contains { _ in
      let before = ProcessResources.openDescriptorCount() ?? 0
      let opened = (0..<500).map { _ in unsafe open("/dev/null", O_RDONLY | O_CLOEXEC) }
      defer { for descriptor in opened { close(descriptor) } }
      return (before + 250...before + 750).contains(ProcessResources.openDescriptorCount() ?? 0)
    }
    #expect(isCounted)
  }

  @Test("Touched memory shows in the resident size")
  func residentMemory() {
    let before = ProcessResources.residentBytes()
    #expect(before > 1 << 20)
    let block = [UInt8](repeating: 1, count: 64 << 20)
    // Other tests allocate and free memory meanwhile: half of it is proof enough.
    #expect(ProcessResources.residentBytes() > before + 32 << 20)
    withExtendedLifetime(block) {}
  }
}
