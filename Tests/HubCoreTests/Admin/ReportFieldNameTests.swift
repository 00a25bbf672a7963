import Testing
import Wire

@testable import HubCore

@Suite struct ReportFieldNameTests {
  /// They are made from the names of cases, and part of the admin API: a case that is renamed would rename them.
  @Test("the names of report fields in the admin API stay as they are")
  func names() {
    let names = """
      uptime_seconds workers clients_raw clients_eps clients_details clients_all_details clients_accepted \
      clients_refused clients_closed events_sent bytes_sent events_summed events_skipped \
      loop_lag_maximum_microseconds memory_bytes position topics descriptors_open descriptor_limit \
      frames_received bytes_received gaps_received hubs hubs_fresh is_draining clients_released governor_level \
      handshakes_failed clients_lagging clients_interaction clients_secure clients_maximum handshakes \
      handshakes_resumed processor_milliseconds probe_position ledger_received ledger_missing ledger_doubled
      """
    #expect(ReportField.allCases.map(\.word) == names.split(separator: " ").map(String.init))
  }
}
