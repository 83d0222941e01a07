import WorkerProtocol

extension [FrameTrace] {
    /// The frames in one line for a log, the last 60 of them: `0.4<DIS 1.1>DCS(V.17 14400 ECM) ...`, seconds, direction, name, note.
    package var text: String {
        suffix(60).map { frame in
            let note = frame.note.isEmpty ? "" : "(\(frame.note))"
            return "\(frame.milliseconds / 1000).\(frame.milliseconds % 1000 / 100)\(frame.isIncoming ? "<" : ">")\(frame.name)\(note)"
        }.joined(separator: " ")
    }
}
