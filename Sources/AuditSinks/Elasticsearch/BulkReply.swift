import FoundationEssentials

/// What Elasticsearch answers to a bulk request; only the members that are asked for by `filter_path`.
struct BulkReply: Decodable {
    struct Item: Decodable {
        let create: Result
    }

    struct Result: Decodable {
        let status: Int
        let error: Cause?
    }

    struct Cause: Decodable {
        let type: String?
        let reason: String?

        /// For a sentence: bounded, and no control characters.
        var text: String {
            let all = [type, reason].compactMap { $0 }.joined(separator: ": ")
            return String(String.UnicodeScalarView(all.unicodeScalars.prefix(300).map { $0.value < 0x20 || $0.value == 0x7F ? " " : $0 }))
        }
    }

    /// What became of one document.
    enum Fate: Sendable, Hashable {
        /// It is there; perhaps since an earlier request.
        case delivered
        /// Elasticsearch has too much to do, or a shard is away.
        case later(Int)
        /// It will never take it like this.
        case refused(String)
    }

    /// The documents of the request in its order. Absent when all there is to say is that there is none.
    let items: [Item]?

    var fates: [Fate] {
        (items ?? []).map { item in
            switch item.create.status {
            case 200..<300, 409: .delivered
            case 429, 500..<600: .later(item.create.status)
            default: .refused("\(item.create.status) \(item.create.error?.text ?? "")")
            }
        }
    }
}

/// The answer to a request that failed as a whole.
struct BulkFailure: Decodable {
    let error: BulkReply.Cause?
}
