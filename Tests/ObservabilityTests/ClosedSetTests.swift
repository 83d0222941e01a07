import FaxModel
import Testing

@testable import Observability

/// Whatever is handed to a metric, nothing of a fax comes out (45 CFR 164.312(a)(1)): values that are in no set are `other`.
@Suite struct ClosedSetTests {
    private static let secrets = [
        "+15551230142", "5551230142", "Jane Doe", "ward 7: results\"} 1\nx", "/fax/019a9f3c81d04b7e9a1f6c2d5e8b7a90",
    ]

    @Test func nothingThatIsHandedInComesOut() {
        let registry = MetricsRegistry()
        let calls = DispatchMetrics(registry, routes: ["line", "carrier"])
        let requests = HTTPMetrics(registry)
        requests.serve(["/fax", "/fax/{id}"])
        for secret in Self.secrets {
            calls.attemptEnded(route: secret, outcome: .failed(.busy), duration: .seconds(3), pages: 1)
            requests.answered(route: secret, method: secret, status: 99_900, seconds: 0.1)
        }
        let text = PrometheusText.render(registry.readings)
        for secret in Self.secrets { #expect(!text.contains(secret)) }
        #expect(text.contains("faxlock_attempts_total{route=\"other\",outcome=\"failed\",cause=\"busy\"} 5\n"))
        #expect(text.contains("faxlock_http_requests_total{route=\"other\",method=\"other\",status=\"other\"} 5\n"))
        // No label has more than words of this program: no run of digits as a number has, no blank.
        for match in text.matches(of: /="([^"]*)"/) where !match.1.allSatisfy({ $0.isNumber || ".+Inf".contains($0) }) {
            #expect(match.1.wholeMatch(of: /[a-z0-9_\/{}]*|[1-5]xx|[A-Z]+/) != nil, "\(match.1)")
            #expect(match.1.firstMatch(of: /\d{4}/) == nil, "\(match.1)")
        }
    }

    @Test func missingAndSurplusValuesDoNoHarm() {
        let registry = MetricsRegistry()
        let counter = registry.counter("c_total", "C.", labels: [MetricLabel("a", ["x"]), MetricLabel("b", ["y"])])
        counter.add(1)
        counter.add(1, "x")
        counter.add(1, "x", "y", "z")
        let text = PrometheusText.render(registry.readings)
        for line in [#"c_total{a="x",b="y"} 1"#, #"c_total{a="x",b="other"} 1"#, #"c_total{a="other",b="other"} 1"#] {
            #expect(text.contains(line + "\n"))
        }
    }

    @Test func everyOutcomeAndCauseHasItsWord() {
        let registry = MetricsRegistry()
        let metrics = DispatchMetrics(registry, routes: ["line"])
        for cause in FailureCause.allCases {
            metrics.attemptEnded(route: "line", outcome: .failed(cause), duration: .seconds(1), pages: 0)
        }
        for outcome in [AttemptOutcome.delivered, .interrupted, .notDialled, .unknown] {
            metrics.attemptEnded(route: "line", outcome: outcome, duration: .milliseconds(61_500), pages: 2)
        }
        let text = PrometheusText.render(registry.readings)
        let attempts = text.split(separator: "\n").filter { $0.hasPrefix("faxlock_attempts_total") }
        #expect(attempts.count == FailureCause.allCases.count + 4)
        #expect(!attempts.contains { $0.contains("other") })
        #expect(text.contains("faxlock_pages_confirmed_total{route=\"line\"} 8\n"))
        #expect(text.contains("faxlock_call_duration_seconds_bucket{route=\"line\",le=\"60\"} \(FailureCause.allCases.count)\n"))
        #expect(text.contains("faxlock_call_seconds_total{route=\"line\"} \(FailureCause.allCases.count + 246)\n"))
    }

    @Test func webhooksAreCountedFromZero() {
        let registry = MetricsRegistry()
        let metrics = WebhookMetrics(registry)
        metrics.ended(.refused, seconds: 0.3)
        let text = PrometheusText.render(registry.readings)
        #expect(text.contains("faxlock_webhook_deliveries_total{result=\"refused\"} 1\n"))
        #expect(text.contains("faxlock_webhook_deliveries_total{result=\"delivered\"} 0\n"))
    }

    @Test func requestsAreKnownByTheirRoutes() {
        let registry = MetricsRegistry()
        let metrics = HTTPMetrics(registry)
        metrics.answered(route: "/fax", method: "GET", status: 200, seconds: 0.001)
        #expect(registry.readings.isEmpty)
        metrics.serve(["/fax", "/fax/{id}", "/fax"])
        metrics.answered(route: "/fax/{id}", method: "GET", status: 404, seconds: 0.03)
        metrics.answered(route: nil, method: "BREW", status: 418, seconds: 0.03)
        let text = PrometheusText.render(registry.readings)
        #expect(text.contains("faxlock_http_requests_total{route=\"/fax/{id}\",method=\"GET\",status=\"4xx\"} 1\n"))
        #expect(text.contains("faxlock_http_requests_total{route=\"other\",method=\"other\",status=\"4xx\"} 1\n"))
        #expect(text.contains("faxlock_http_request_duration_seconds_bucket{route=\"/fax/{id}\",method=\"GET\",le=\"0.05\"} 1\n"))
    }

    @Test func aNameIsThereOnce() {
        let registry = MetricsRegistry()
        _ = registry.counter("c_total", "C.", startsAtZero: true)
        registry.counter("c_total", "C.").add(7)
        #expect(PrometheusText.render(registry.readings).components("c_total ") == 1)
    }

    @Test func theProcessIsDescribed() throws {
        let text = PrometheusText.render(ProcessFacts.readings(startedAt: 1_795_336_200.5))
        #expect(text.contains("process_start_time_seconds 1795336200.5\n"))
        #expect(try #require(ProcessFacts.residentBytes) > 1 << 20)
        #expect(try #require(ProcessFacts.openFiles) >= 3)
        for name in ["process_resident_memory_bytes", "process_open_fds", "process_max_fds", "process_cpu_seconds_total"] {
            #expect(text.contains("\n\(name) "))
        }
    }
}

extension String {
    fileprivate func components(_ start: String) -> Int { split(separator: "\n").count { $0.hasPrefix(start) } }
}
