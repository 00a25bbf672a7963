import Testing

@testable import Bench

@Suite struct NumberTextTests {
  @Test(
    "Thousands are separated by commas",
    arguments: [(0, "0"), (999, "999"), (1000, "1,000"), (-1_234_567, "-1,234,567")])
  func grouped(number: Int, text: String) {
    #expect(NumberText.grouped(number) == text)
  }

  @Test(
    "Decimals are rounded and padded",
    arguments: [
      (0.005, 2, "0.01"), (1.0, 3, "1.000"), (1234.5678, 1, "1,234.6"), (0.999, 2, "1.00"),
      (-0.25, 2, "-0.25"),
      (-0.001, 2, "0.00"), (2.5, 0, "3"), (.nan, 2, "?"), (.infinity, 2, "?"),
    ])
  func decimal(number: Double, places: Int, text: String) {
    #expect(NumberText.decimal(number, places) == text)
  }
}
