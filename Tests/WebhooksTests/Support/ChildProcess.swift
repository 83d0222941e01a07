import Glibc
import Testing

/// A short program that a test runs to its end.
enum ChildProcess {
    /// Runs a program by its path, with nothing of this process's descriptors and environment.
    /// - Parameter output: the file that gets what it prints.
    /// - Returns: the status of `waitpid`.
    static func run(_ arguments: [String], output: String = "/dev/null") async throws -> Int32 {
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0)
        posix_spawn_file_actions_addopen(&actions, 1, output, O_WRONLY | O_CREAT | O_APPEND, 0o600)
        posix_spawn_file_actions_adddup2(&actions, 1, 2)
        // Threads of tasks block signals, and children inherit that.
        var attributes = posix_spawnattr_t()
        posix_spawnattr_init(&attributes)
        defer { posix_spawnattr_destroy(&attributes) }
        var signals = sigset_t()
        sigemptyset(&signals)
        posix_spawnattr_setsigmask(&attributes, &signals)
        posix_spawnattr_setflags(&attributes, Int16(POSIX_SPAWN_SETSIGMASK))
        var words: [UnsafeMutablePointer<CChar>?] = arguments.map { strdup($0) } + [nil]
        defer { for word in words { free(word) } }
        var environment: [UnsafeMutablePointer<CChar>?] = [strdup("PATH=/usr/bin:/bin"), nil]
        defer { free(environment[0]) }
        var id: pid_t = 0
        let code = posix_spawn(&id, arguments[0], &actions, &attributes, &words, &environment)
        try #require(code == 0, "\(arguments[0]) does not start: errno \(code)")
        let limit = ContinuousClock.now + .seconds(20)
        var status: Int32 = 0
        while waitpid(id, &status, WNOHANG) == 0 {
            if ContinuousClock.now > limit { kill(id, SIGKILL) }
            try? await Task.sleep(for: .milliseconds(10))
        }
        return status
    }
}
