import CProcess

/// The sandbox of a document's worker and of the renderer that it starts: they read programs, libraries and fonts, and what is open.
package enum DocumentSandbox {
    /// What rendering reads. A key, a database, a spool or a home folder is in none of these.
    private static let readable = [
        "/usr", "/lib", "/lib64", "/bin", "/etc/fonts", "/etc/ld.so.cache", "/etc/alternatives", "/etc/localtime", "/var/cache/fontconfig",
        "/dev/null", "/dev/urandom", "/dev/random", "/proc/self/fd",
    ]

    /// Enters it, for good. The process must have `no_new_privs`.
    /// - Returns: whether both walls stand: files (Landlock) and system calls (seccomp).
    package static func enter() -> Bool {
        let files = FileAccess.restrict(toReading: readable)
        let programs = [Int(__NR_execve), Int(__NR_execveat)]
        let calls = SystemCallFilter(
            SystemCallFilter.reachingOut.filter { !programs.contains($0) }.map { .init($0, .refused) }, others: .allowed
        ).apply()
        return files && calls
    }
}
