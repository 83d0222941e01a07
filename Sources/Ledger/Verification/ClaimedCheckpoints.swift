import FaxModel
import Glibc

/// All checkpoints that an export and the anchors claim, sorted by size, so that one pass over the leaves can check them all.
struct ClaimedCheckpoints {
    /// The first is the export's `checkpoint`, the second its `checkpoints`; then come the anchors.
    private(set) var sources: [CheckpointSource] = []
    private(set) var records: [CheckpointRecord] = []
    private(set) var latest: CheckpointRecord?
    /// Where the list goes back: the line, the sizes before and after.
    private(set) var decreases: [(line: Int, from: Int64, to: Int64)] = []

    /// Which of ``sources``.
    static let latestSource = 0
    static let listSource = 1

    private static let latestName = "checkpoint"
    private static let listName = "checkpoints"

    init(folder: borrowing FolderReader, anchors: [String], report: inout VerificationReport) {
        for (index, name) in [Self.latestName, Self.listName].enumerated() {
            if let (descriptor, _) = folder.openFile(name) {
                sources.append(CheckpointSource(name: name, descriptor: descriptor, isBareNote: index == Self.latestSource))
                read(source: index, report: &report)
            } else {
                sources.append(CheckpointSource(name: name, descriptor: -1))
                report.problem(.missingFile, "The export has no file \(name) that can be read.")
            }
        }
        for path in anchors {
            report.anchors.append(VerificationReport.Anchor(file: path))
            var status = stat()
            let descriptor = open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC)
            let isFile = fstat(descriptor, &status) == 0 && status.st_mode & S_IFMT == S_IFREG
            sources.append(CheckpointSource(name: path, descriptor: descriptor))
            if isFile {
                read(source: sources.count - 1, report: &report)
            } else {
                report.problem(.unreadable, "The anchor \(path) is not a file that can be read.")
            }
        }
        latest = records.last { $0.source == Self.latestSource }
        records.sort { ($0.size, $0.source, $0.line) < ($1.size, $1.source, $1.line) }
    }

    private mutating func read(source: Int, report: inout VerificationReport) {
        let file = sources[source]
        var count = 0
        var newest: Int64?
        var last: Int64 = 0
        let isRead = file.forEachLine { line, offset, length, checkpoint in
            guard let checkpoint else {
                report.problem(.malformedCheckpoint, "\(file.name), line \(line): not a signed checkpoint.")
                return !report.isFull
            }
            guard records.count < CheckpointSource.maximumRecords, source != Self.latestSource || count == 0 else {
                report.problem(.tooMuch, "\(file.name), line \(line): there are more checkpoints than can be.")
                return false
            }
            records.append(
                CheckpointRecord(
                    size: checkpoint.size, root: checkpoint.root, source: source, line: line, offset: offset, length: length))
            if source == Self.listSource, checkpoint.size < last, decreases.count < VerificationReport.limit {
                decreases.append((line, last, checkpoint.size))
            }
            if source == Self.latestSource { report.checkpointTime = checkpoint.time?.description }
            last = checkpoint.size
            newest = max(newest ?? 0, checkpoint.size)
            count += 1
            return true
        }
        if !isRead { report.problem(.unreadable, "\(file.name) cannot be read to its end, or has a line that is too long.") }
        if source == Self.listSource { report.checkpoints = count }
        if source > Self.listSource {
            report.anchors[source - Self.listSource - 1].checkpoints = count
            report.anchors[source - Self.listSource - 1].newest = newest
        }
        // An empty list is found when the latest checkpoint is not in it.
        if count == 0, isRead, source != Self.listSource { report.problem(.malformedCheckpoint, "\(file.name) has no checkpoint.") }
    }

    /// The signed note of a record, and its checkpoint.
    func read(_ record: CheckpointRecord) -> (note: SignedNote, checkpoint: Checkpoint)? {
        guard let note = sources[record.source].note(of: record), let checkpoint = Checkpoint(text: note.text) else { return nil }
        return (note, checkpoint)
    }

    /// For sentences: where a record is.
    func place(of record: CheckpointRecord) -> String {
        let name = sources[record.source].name
        return record.source == Self.latestSource ? "The latest checkpoint" : "\(name), line \(record.line): the checkpoint"
    }
}
