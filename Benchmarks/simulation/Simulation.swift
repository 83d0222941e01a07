import Glibc

/// A week of faxes on a virtual clock: `faxlock-simulation [--faxes n] [--seed n] [--folder path] [--twice]`.
@main
struct Simulation {
    struct Options {
        var faxes = 10_000
        var seed: UInt64 = 1
        var folder = access("/dev/shm", W_OK) == 0 ? "/dev/shm" : "/tmp"
        /// Runs the same week again, and compares.
        var isTwice = false

        /// - Returns: nil for what is none of the options.
        init?(_ arguments: some Sequence<String>) {
            var rest = Array(arguments)[...]
            while let name = rest.popFirst() {
                switch name {
                case "--twice": isTwice = true
                case "--faxes":
                    guard let value = rest.popFirst().flatMap({ Int($0) }), (1...1_000_000).contains(value) else { return nil }
                    faxes = value
                case "--seed":
                    guard let value = rest.popFirst().flatMap({ UInt64($0) }) else { return nil }
                    seed = value
                case "--folder":
                    guard let value = rest.popFirst() else { return nil }
                    folder = value
                default: return nil
                }
            }
        }
    }

    static func main() async throws {
        guard let options = Options(CommandLine.arguments.dropFirst()) else {
            print("usage: faxlock-simulation [--faxes 1...1000000] [--seed n] [--folder path] [--twice]")
            exit(64)
        }
        let report = try await run(options)
        print(report)
        var isGood = report.violations.isEmpty
        if options.isTwice {
            let second = try await run(options)
            let isSame = second.digest == report.digest
            print("second run: digest \(second.digestText), \(isSame ? "the same" : "ANOTHER ONE"), \(second.wallText)")
            isGood = isGood && isSame && second.violations.isEmpty
        }
        exit(isGood ? 0 : 1)
    }

    /// One simulated week in a folder of its own. `@concurrent`: on the pool, where the store's actor is, and not on the main thread.
    @concurrent
    static func run(_ options: Options) async throws -> Report {
        let folder = options.folder + "/faxlock-simulation-\(getpid())-\(UInt32.random(in: 0 ... .max))"
        guard mkdir(folder, 0o700) == 0 else { throw NoFolder(path: folder, number: errno) }
        defer {
            for name in ["faxlock.db", "faxlock.db-wal", "faxlock.db-shm"] { unlink("\(folder)/\(name)") }
            rmdir(folder)
        }
        let clock = ContinuousClock()
        let begin = clock.now
        let week = try SimulatedWeek(faxes: options.faxes, seed: options.seed, folder: folder)
        try await week.run()
        let report = Report(week, seed: options.seed, wall: clock.now - begin)
        try week.close()
        return report
    }

    struct NoFolder: Error, CustomStringConvertible {
        let path: String
        let number: Int32
        var description: String { "\(path) cannot be made: \(String(cString: strerror(number))). Name another folder with --folder." }
    }
}
