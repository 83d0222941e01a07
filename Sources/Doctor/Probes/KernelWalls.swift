/// What the kernel has for walls around workers.
package struct KernelWalls: Sendable, Hashable {
    /// The version of Landlock, which closes the file system; 0 where there is none.
    package var landlock: Int
    /// Whether system calls can be filtered (seccomp).
    package var filtersSystemCalls: Bool

    package init(landlock: Int, filtersSystemCalls: Bool) {
        self.landlock = landlock
        self.filtersSystemCalls = filtersSystemCalls
    }
}
