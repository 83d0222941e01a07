import Testing

@testable import Store

#if DEBUG
    @Suite struct CrashPointTests {
        @Test func aPointIsNamedWithTheTimeAtWhichItCounts() throws {
            let first = try #require(CrashPoint.parse("claim"))
            #expect(first.point == .claimed && first.time == 1)
            let third = try #require(CrashPoint.parse("intent_committed:3"))
            #expect(third.point == .intentCommitted && third.time == 3)
        }

        @Test(arguments: ["", ":", "claim:", "claim:0", "claim:-1", "claim:x", "claim:1:2", "no_such_point", "claim:99999999999999999999"])
        func whatIsNoPointEndsNothing(_ text: String) {
            #expect(CrashPoint.parse(text) == nil)
        }

        /// The campaign reads the names from the source.
        @Test func namesAreLowerCaseWords() {
            for point in CrashPoint.allCases {
                #expect(point.rawValue.allSatisfy { ("a"..."z").contains($0) || $0 == "_" })
            }
        }
    }
#endif
