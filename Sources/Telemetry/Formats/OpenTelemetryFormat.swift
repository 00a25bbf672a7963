import HTTP
import Primitives

/// The body of `POST /v1/metrics` in OTLP 1.0, as JSON: 64-bit numbers are strings, enumerations are numbers.
struct OpenTelemetryFormat {
  /// `AGGREGATION_TEMPORALITY_CUMULATIVE`.
  private static let cumulative = 2

  let origin: MetricsOrigin

  func body(_ families: [MetricFamily], unixMicroseconds: UInt64) -> [UInt8] {
    var json = JSONWriter()
    json.object { json in
      json.list("resourceMetrics") { json in
        json.object { json in
          json.member("resource") { json in
            json.object { json in
              json.attributes([
                ("service.namespace", "emojitrack"), ("service.name", origin.service),
                ("service.instance.id", origin.node), ("service.version", origin.version),
              ])
            }
          }
          json.list("scopeMetrics") { json in
            json.object { json in
              json.member("scope") { json in json.object { $0.member("name", "emojitrack-relay") } }
              json.list("metrics") { json in
                for family in families where !family.samples.isEmpty {
                  write(family, at: unixMicroseconds, to: &json)
                }
              }
            }
          }
        }
      }
    }
    return json.bytes
  }

  private func write(_ family: MetricFamily, at time: UInt64, to json: inout JSONWriter) {
    json.object { json in
      json.member("name", family.name)
      json.member("description", family.help)
      if let unit = Self.unit(of: family.name) { json.member("unit", unit) }
      let kind = family.kind == .counter ? "sum" : family.kind.rawValue
      json.member(kind) { json in
        json.object { json in
          if family.kind != .gauge { json.member("aggregationTemporality", Self.cumulative) }
          if family.kind == .counter { json.member("isMonotonic", true) }
          json.list("dataPoints") { json in
            for sample in family.samples { write(sample, of: family.kind, at: time, to: &json) }
          }
        }
      }
    }
  }

  private func write(
    _ sample: MetricSample, of kind: MetricFamily.Kind, at time: UInt64, to json: inout JSONWriter
  ) {
    json.object { json in
      json.attributes(sample.labels.map { ($0.name, $0.value) })
      if kind != .gauge { json.member("startTimeUnixNano", "\(origin.startedAtMicroseconds)000") }
      json.member("timeUnixNano", "\(time)000")
      switch sample.value {
      case .whole(let value): json.member("asInt", "\(min(value, UInt64(Int64.max)))")
      case .real(let value): json.member("asDouble", value)
      case .durations(let histogram):
        json.member("count", "\(histogram.count)")
        json.member("sum", Double(histogram.sumMicroseconds) / 1e6)
        json.list("bucketCounts") { json in for count in histogram.counts { json.value("\(count)") } }
        json.list("explicitBounds") { json in
          for bound in DurationHistogram.bounds { json.value(Double(bound.wholeNanoseconds) / 1e9) }
        }
      }
    }
  }

  /// The unit in the Unified Code for Units of Measure, as OTLP demands.
  private static func unit(of name: String) -> String? {
    if name.contains("_seconds") { return "s" }
    return name.contains("_bytes") ? "By" : nil
  }
}

extension JSONWriter {
  fileprivate mutating func list(_ name: String, _ values: (inout JSONWriter) -> Void) {
    member(name) { $0.array(values) }
  }

  fileprivate mutating func attributes(_ attributes: [(String, String)]) {
    list("attributes") { json in
      for (key, value) in attributes {
        json.object { json in
          json.member("key", key)
          json.member("value") { json in json.object { $0.member("stringValue", value) } }
        }
      }
    }
  }
}
