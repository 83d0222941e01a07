/// What the verifier found in an export.
package struct VerificationReport: Sendable, Hashable, Codable {
    /// Something that is wrong, or worth to be known.
    package struct Finding: Sendable, Hashable, Codable {
        package let code: Code
        /// For people: what and where, without any text from the ledger.
        package let sentence: String
        /// The number of the event, where it is about one.
        package let seq: Int64?

        package init(_ code: Code, _ sentence: String, seq: Int64? = nil) {
            self.code = code
            self.sentence = sentence
            self.seq = seq
        }
    }

    /// Kinds of findings; the words are part of the report's form.
    package enum Code: String, Sendable, Hashable, Codable {
        /// No trusted key was given: whoever made the export may have made the key too.
        case unauthenticated
        case unreadable
        case missingFile = "missing_file"
        case malformedBundle = "malformed_bundle"
        case malformedLeaf = "malformed_leaf"
        /// The event says that it is another number than its place's.
        case wrongSequence = "wrong_sequence"
        case notBegun = "not_begun"
        /// The ledger began with another key than the trusted one.
        case untrustedKey = "untrusted_key"
        case forgedKeyChange = "forged_key_change"
        case tileDiffers = "tile_differs"
        case malformedCheckpoint = "malformed_checkpoint"
        case wrongOrigin = "wrong_origin"
        /// Not signed by the key that owns checkpoints of that size.
        case badSignature = "bad_signature"
        /// The events are not those that the checkpoint was made over.
        case rootDiffers = "root_differs"
        /// There are fewer events than the checkpoint was made over.
        case missingEvents = "missing_events"
        /// The latest checkpoint is not the newest of those in the list.
        case staleCheckpoint = "stale_checkpoint"
        /// The list of checkpoints goes back.
        case checkpointsGoBack = "checkpoints_go_back"
        case uncheckpointedTail = "uncheckpointed_tail"
        case anchorDiffers = "anchor_differs"
        case anchorBeyondEnd = "anchor_beyond_end"
        case tooMuch = "too_much"
        /// Remarks.
        case clockWentBack = "clock_went_back"
        case keyChanged = "key_changed"
        case rollbackAccepted = "rollback_accepted"
        /// A checkpoint of what a rollback took away, which the auditor knows of.
        case rolledBack = "rolled_back"
    }

    /// An anchor that was compared.
    package struct Anchor: Sendable, Hashable, Codable {
        /// As it was given.
        package var file: String
        package var checkpoints = 0
        /// The largest size in it, if any.
        package var newest: Int64?
    }

    /// Whether the export is the ledger that the trusted key and the anchors know, whole and unaltered.
    package internal(set) var valid = false
    /// The number of events.
    package internal(set) var events: Int64 = 0
    /// Base 64 of the root that the events have.
    package internal(set) var root = ""
    /// Signed checkpoints in the export's list.
    package internal(set) var checkpoints = 0
    /// When the latest checkpoint was made, as it says.
    package internal(set) var checkpointTime: String?
    /// The verifier keys that owned the ledger, the first first.
    package internal(set) var keys: [String] = []
    package internal(set) var anchors: [Anchor] = []
    /// The numbers of the events by which an operator accepted that the ledger is shorter than it was.
    package internal(set) var rollbacks: [Int64] = []
    /// At most ``limit``; reading stops there.
    package internal(set) var problems: [Finding] = []
    package internal(set) var remarks: [Finding] = []

    package static let limit = 100

    private enum CodingKeys: String, CodingKey {
        case valid, events, root, checkpoints, keys, anchors, rollbacks, problems, remarks
        case checkpointTime = "checkpoint_time"
    }

    var isFull: Bool { problems.count >= Self.limit }

    mutating func problem(_ code: Code, _ sentence: String, seq: Int64? = nil) {
        if !isFull { problems.append(Finding(code, sentence, seq: seq)) }
    }

    mutating func remark(_ code: Code, _ sentence: String, seq: Int64? = nil) {
        if remarks.count < Self.limit { remarks.append(Finding(code, sentence, seq: seq)) }
    }
}
