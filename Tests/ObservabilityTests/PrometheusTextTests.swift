import Testing

@testable import Observability

@Suite struct PrometheusTextTests {
    @Test func writesFamiliesInOrderWithTheirSeries() {
        let registry = MetricsRegistry()
        let calls = registry.counter("b_total", "Calls.", labels: [MetricLabel("route", ["own", "carrier"]), MetricLabel("end", ["ok"])])
        calls.add(2, "carrier", "ok")
        calls.add(1, "own", "ok")
        calls.add(0.5, "own", "ok")
        let families = registry.readings + [.read("a", .gauge, "One \\ and\na half.", 1.5)]
        #expect(
            PrometheusText.render(families) == """
                # HELP a One \\\\ and\\na half.
                # TYPE a gauge
                a 1.5
                # HELP b_total Calls.
                # TYPE b_total counter
                b_total{route="own",end="ok"} 1.5
                b_total{route="carrier",end="ok"} 2

                """)
    }

    @Test func bucketsAreCumulative() {
        let registry = MetricsRegistry()
        let seconds = registry.histogram("s", "Seconds.", labels: [MetricLabel("route", ["own"])], bounds: [0.5, 1, 10])
        for value in [0.1, 0.5, 0.7, 3, 11, .nan, -1, .infinity] { seconds.observe(value, "own") }
        #expect(
            PrometheusText.render(registry.readings) == """
                # HELP s Seconds.
                # TYPE s histogram
                s_bucket{route="own",le="0.5"} 2
                s_bucket{route="own",le="1"} 3
                s_bucket{route="own",le="10"} 4
                s_bucket{route="own",le="+Inf"} 5
                s_sum{route="own"} 15.3
                s_count{route="own"} 5

                """)
    }

    @Test func labelsAreEscaped() {
        let text = PrometheusText.render([.read("a", .gauge, "A.", labels: [MetricLabel("l", ["x\"y\\z\n"])], [(["x\"y\\z\n"], 1)])])
        #expect(text.contains(#"a{l="x\"y\\z\n"} 1"# + "\n"))
        #expect(text.split(separator: "\n").count == 3)
    }

    @Test(arguments: [
        (0, "0"), (-3, "-3"), (1_795_336_200, "1795336200"), (0.1, "0.1"), (1e21, "1e+21"), (.nan, "NaN"), (.infinity, "+Inf"),
        (-.infinity, "-Inf"),
    ]) func numbers(number: Double, text: String) {
        #expect(PrometheusText.format(number) == text)
    }

    @Test func theSameNumbersGiveTheSameBytes() {
        func text(_ order: [String]) -> String {
            let registry = MetricsRegistry()
            let one = registry.counter("one_total", "One.", labels: [MetricLabel("l", ["a", "b", "c"])])
            for value in order { one.add(1, value) }
            _ = registry.counter("empty_total", "Nothing yet.", labels: [MetricLabel("l", ["a"])])
            return PrometheusText.render(registry.readings)
        }
        #expect(text(["a", "b", "c"]) == text(["c", "b", "a"]))
        #expect(!text(["a"]).contains("empty_total"))
    }

    @Test func aCounterNeverFalls() {
        let registry = MetricsRegistry()
        let counter = registry.counter("c_total", "C.", startsAtZero: true)
        #expect(PrometheusText.render(registry.readings).hasSuffix("c_total 0\n"))
        counter.add(3)
        counter.add(-2)
        counter.add(.nan)
        #expect(PrometheusText.render(registry.readings).hasSuffix("c_total 3\n"))
    }

    @Test func additionsOfManyThreadsAreAllThere() async {
        let registry = MetricsRegistry()
        let counter = registry.counter("c_total", "C.", labels: [MetricLabel("l", ["a", "b"])])
        await withTaskGroup { group in
            for task in 0..<8 {
                group.addTask { @concurrent in for _ in 0..<500 { counter.add(1, task % 2 == 0 ? "a" : "b") } }
            }
        }
        let text = PrometheusText.render(registry.readings)
        #expect(text.contains("c_total{l=\"a\"} 2000\n"))
        #expect(text.contains("c_total{l=\"b\"} 2000\n"))
    }
}
