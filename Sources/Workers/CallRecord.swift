import Glibc
import NIOPosix
package import WorkerProtocol

/// What the line worker of a call knew of it, read from its ``CallRecordFile`` after a crash.
package struct CallRecord: Sendable, Equatable {
    /// Whether this side said anything in T.30: without that the far machine has nothing of the document.
    package let hasTransmitted: Bool
    /// Pages that the far machine confirmed, counted in the file from 0.
    package let confirmed: Set<Int>
    /// Last pages whose end the far machine was asked to confirm (EOP, EOM).
    package let asked: Set<Int>
    /// The code of ``WorkerProtocol/CallEnd`` with which T.30 ended; nil where the worker was killed before that.
    package let end: Int?

    package init(_ entries: [CallRecordEntry]) {
        var (hasTransmitted, confirmed, asked, end) = (false, Set<Int>(), Set<Int>(), nil as Int?)
        for entry in entries {
            switch entry {
            case .transmitting: hasTransmitted = true
            case .asked(let page): asked.insert(page)
            case .confirmed(let page): confirmed.insert(page)
            case .ended(let code, _): end = code
            }
        }
        (self.hasTransmitted, self.confirmed, self.asked, self.end) = (hasTransmitted, confirmed, asked, end)
    }

    /// What came of a document. It holds as long as there was no other call with it.
    package enum Finding: Sendable, Hashable {
        /// The far machine has nothing of what the call was to send: not even the calls's first T.30 frame left.
        case neverTransmitted
        /// The far machine confirmed every page.
        case delivered
        /// So many pages of the document, from its first on, are confirmed now, fewer than it has; the first of the others comes next.
        case notDelivered(confirmed: Int)
        /// All pages but the last are confirmed, or it has one page only; the far machine was asked to confirm the whole, and the worker was
        /// killed before the answer was on record. A person must find out: sent again, it might be there twice.
        case uncertain(confirmed: Int)
    }

    /// What came of the document, from the pages of the file that are its own.
    /// - Parameters:
    ///   - pages: of the document, at least 1.
    ///   - firstPage: with which the call began, 0 to `pages` - 1.
    ///   - offset: the document's first page in the file, where the file has several documents.
    package func finding(pages: Int, firstPage: Int, offset: Int = 0) -> Finding {
        guard firstPage < pages else { return .neverTransmitted }
        var count = firstPage
        while count < pages, confirmed.contains(offset + count) { count += 1 }
        if count >= pages { return .delivered }
        guard hasTransmitted, count > firstPage || offset == 0 || confirmed.contains(offset - 1) else { return .neverTransmitted }
        if end == nil, count == pages - 1, asked.contains(offset + count) { return .uncertain(confirmed: count) }
        return .notDelivered(confirmed: count)
    }

    /// What is there of a record.
    package enum Reading: Sendable, Equatable {
        /// No such file: nothing is known.
        case missing
        /// The worker is still there, or the gateway that started it: nothing may be concluded yet.
        case underWay
        case found(CallRecord)
    }

    /// Reads a record as soon as nobody writes to it any more.
    /// - Parameters:
    ///   - path: of ``CallRecordFile/path(of:in:)``.
    ///   - waiting: for a worker that still brings its page to an end; it is asked every 100 milliseconds.
    /// - Throws: ``CallRecordFile/Failure`` when the file cannot be read, `CancellationError`.
    package static func read(_ path: String, waiting: Duration = .zero) async throws -> Reading {
        let end = ContinuousClock.now + waiting
        while true {
            let reading = try await NIOThreadPool.singleton.runIfActive { try readNow(path) }
            guard reading == .underWay, ContinuousClock.now < end else { return reading }
            try await Task.sleep(for: .milliseconds(100))
        }
    }

    private static func readNow(_ path: String) throws(CallRecordFile.Failure) -> Reading {
        func failure(_ call: String) -> CallRecordFile.Failure { CallRecordFile.Failure(call: call, path: path, code: errno) }
        let descriptor = open(path, O_RDONLY | O_NOFOLLOW | O_CLOEXEC)
        guard descriptor >= 0 else {
            guard errno == ENOENT else { throw failure("open") }
            return .missing
        }
        defer { close(descriptor) }
        guard flock(descriptor, LOCK_SH | LOCK_NB) == 0 else {
            guard errno == EWOULDBLOCK else { throw failure("flock") }
            return .underWay
        }
        var bytes = [UInt8](repeating: 0, count: CallRecordEntry.maximumCount * CallRecordEntry.length)
        var filled = 0
        while filled < bytes.count {
            let got = bytes.withUnsafeMutableBytes {
                pread(descriptor, $0.baseAddress?.advanced(by: filled), $0.count - filled, off_t(filled))
            }
            guard got >= 0 else {
                if errno == EINTR { continue }
                throw failure("read")
            }
            if got == 0 { break }
            filled += got
        }
        return .found(CallRecord(CallRecordEntry.entries(of: Array(bytes.prefix(filled)))))
    }
}
