import CConfinement
import CProcess
import Glibc
import WorkerProtocol

/// One run of the renderer, `mutool`: a child with the document as its standard input, whose output and complaints
/// are read here, within a budget of time.
final class RendererProcess {
    /// What stopped a read.
    enum Failure: Error {
        /// More CPU or wall time than allowed since the last ``beginPage()``.
        case outOfTime
    }

    private let pid: pid_t
    private let output: Int32
    private let complaints: Int32
    private let secondsPerPage: Int
    private var isReaped = false
    /// Ended by us.
    private var isKilled = false
    private var status: Int32 = 0
    private var pageStart = timespec()
    private var pageCPU = 0.0
    /// What it wrote to standard error, at most 64 KiB. Never shown: it may quote the document.
    private(set) var diagnostics: [UInt8] = []

    /// - Parameters:
    ///   - input: the child's descriptor 0.
    ///   - script: the child's descriptor 3.
    init(
        arguments: [String], input: Int32, script: Int32? = nil, secondsPerPage: Int
    ) throws(PageFailure) {
        let unavailable = PageFailure(
            code: .renderer, message: "The renderer could not be started; is mupdf-tools installed?")
        var outputs: [Int32] = [-1, -1]
        var errors: [Int32] = [-1, -1]
        guard pipe(&outputs) == 0 else { throw unavailable }
        guard pipe(&errors) == 0 else {
            outputs.forEach { _ = close($0) }
            throw unavailable
        }
        (outputs + errors).forEach { _ = fcntl($0, F_SETFD, FD_CLOEXEC) }
        // F_SETPIPE_SZ: a page is megabytes; if the system does not give a larger pipe, the small one works too.
        _ = fcntl(outputs[1], 1031, 1 << 20)
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        posix_spawn_file_actions_adddup2(&actions, input, 0)
        posix_spawn_file_actions_adddup2(&actions, outputs[1], 1)
        posix_spawn_file_actions_adddup2(&actions, errors[1], 2)
        if let script { posix_spawn_file_actions_adddup2(&actions, script, 3) }
        var argv: [UnsafeMutablePointer<CChar>?] = (["mutool"] + arguments).map { strdup($0) } + [nil]
        // Pages come and go in one large block each: keep it, do not give it back to the system every time.
        let settings = [
            "PATH=/usr/local/bin:/usr/bin:/bin", "LC_ALL=C", "HOME=/nonexistent", "MALLOC_MMAP_THRESHOLD_=67108864",
            "MALLOC_TRIM_THRESHOLD_=134217728",
        ]
        var environment: [UnsafeMutablePointer<CChar>?] = settings.map { strdup($0) } + [nil]
        defer { (argv + environment).forEach { free($0) } }
        var pid: pid_t = 0
        let result = posix_spawnp(&pid, "mutool", &actions, nil, &argv, &environment)
        close(outputs[1])
        close(errors[1])
        guard result == 0 else {
            close(outputs[0])
            close(errors[0])
            throw unavailable
        }
        self.pid = pid
        output = outputs[0]
        complaints = errors[0]
        self.secondsPerPage = min(max(1, secondsPerPage), 86_400)
        _ = fcntl(complaints, F_SETFL, O_NONBLOCK)
        beginPage()
    }

    deinit {
        if !isReaped { end(killing: true) }
        close(output)
        close(complaints)
    }

    /// Starts the time of the next page. The kernel watches the CPU time too, so that a renderer whose worker was
    /// killed ends.
    func beginPage() {
        clock_gettime(CLOCK_MONOTONIC, &pageStart)
        pageCPU = cpuTime
        _ = faxlock_limit_cpu(pid, UInt(pageCPU) + UInt(secondsPerPage) + 2)
    }

    /// Reads until `buffer` is full or the output ends; gives the bytes read.
    func read(into buffer: UnsafeMutableRawBufferPointer) throws(Failure) -> Int {
        var filled = 0
        while filled < buffer.count {
            var waits = [
                pollfd(fd: output, events: Int16(POLLIN), revents: 0),
                pollfd(fd: complaints, events: Int16(POLLIN), revents: 0),
            ]
            // Once standard error is closed, polling it would only spin.
            let ready = poll(&waits, complaintsEnded ? 1 : 2, 250)
            if ready > 0, waits[1].revents != 0 { drainComplaints() }
            if ready > 0, waits[0].revents != 0 {
                let count = Glibc.read(output, buffer.baseAddress.map { $0 + filled }, buffer.count - filled)
                if count < 0 && errno == EINTR { continue }
                guard count > 0 else { break }
                filled += count
            }
            try checkTime()
        }
        drainComplaints()
        return filled
    }

    /// The rest of the output, at most `limit` bytes.
    func readAll(limit: Int) throws(Failure) -> [UInt8] {
        var out = [UInt8](repeating: 0, count: limit)
        var result: Result<Int, Failure> = .success(0)
        out.withUnsafeMutableBytes { buffer in
            do throws(Failure) { result = .success(try read(into: buffer)) } catch { result = .failure(error) }
        }
        out.removeLast(limit - (try result.get()))
        return out
    }

    /// Ends the process, which should have nothing more to write, and says whether it left in order.
    @discardableResult
    func finish() -> Bool {
        let rest = try? readAll(limit: 1)
        // It still writes: waiting for it would be waiting for each other.
        end(killing: rest?.isEmpty != true)
        return status == 0
    }

    /// Waits for the end, or brings it about.
    private func end(killing: Bool) {
        guard !isReaped else { return }
        if killing {
            isKilled = true
            kill(pid, SIGKILL)
        }
        while waitpid(pid, &status, 0) < 0 && errno == EINTR {}
        isReaped = true
        drainComplaints()
    }

    /// What the failure of this process means for the document.
    func failure(page: Int?) -> PageFailure {
        let name = page.map { "Page \($0)" } ?? "The document"
        if !isKilled && (status & 0x7F == SIGXCPU || status & 0x7F == SIGKILL) {
            return PageFailure(code: .tooComplex, message: "\(name) took too much time or memory.", page: page)
        }
        if says("malloc") || says("calloc") || says("realloc") || says("out of memory") {
            return PageFailure(code: .tooComplex, message: "\(name) needs too much memory.", page: page)
        }
        return PageFailure(code: .broken, message: "\(name) is damaged.", page: page)
    }

    /// Hands out the diagnostics so far and begins anew. When a page's first byte has come, they are those up to that
    /// page.
    func takeDiagnostics() -> [UInt8] {
        defer { diagnostics = [] }
        return diagnostics
    }

    /// Whether `words` stand in the diagnostics.
    func says(_ words: String) -> Bool { Self.says(words, in: diagnostics) }

    /// Whether `words` stand in `diagnostics`.
    static func says(_ words: String, in diagnostics: [UInt8]) -> Bool {
        let sought = Array(words.utf8)
        guard diagnostics.count >= sought.count else { return false }
        return (0...(diagnostics.count - sought.count)).contains {
            diagnostics[$0..<($0 + sought.count)].elementsEqual(sought)
        }
    }

    private var complaintsEnded = false

    private func drainComplaints() {
        var buffer = [UInt8](repeating: 0, count: 4096)
        while !complaintsEnded {
            let count = Glibc.read(complaints, &buffer, buffer.count)
            if count < 0 && errno == EINTR { continue }
            guard count > 0 else {
                complaintsEnded = count == 0
                return
            }
            diagnostics.append(contentsOf: buffer[0..<min(count, max(0, 65_536 - diagnostics.count))])
        }
    }

    private var cpuTime: Double {
        var clock = clockid_t()
        var time = timespec()
        guard clock_getcpuclockid(pid, &clock) == 0, clock_gettime(clock, &time) == 0 else { return 0 }
        return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
    }

    /// Wall time may be six times the CPU time: the machine has other work.
    private func checkTime() throws(Failure) {
        var now = timespec()
        clock_gettime(CLOCK_MONOTONIC, &now)
        let wall = now.tv_sec - pageStart.tv_sec
        guard wall >= 1 else { return }
        if wall > 6 * secondsPerPage || cpuTime - pageCPU > Double(secondsPerPage) {
            end(killing: true)
            throw .outOfTime
        }
    }
}
