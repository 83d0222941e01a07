import Doctor
import FoundationEssentials
import Glibc
import Ledger
import NIOPosix

/// Takes the whole ledger away and verifies it, as an auditor would.
struct LedgerExamination {
    let client: APIClient
    /// The operator's copy; without it the server's own word is taken for the key.
    let trustedKey: String?
    let anchor: String?

    func run() async -> Seen<Facts.Ledger> {
        if let trustedKey, VerifierKey(trustedKey) == nil {
            return .unknown("--ledger-key must be as `faxlock audit export` prints it: name+id+base64")
        }
        var template = Array("/tmp/faxlock-doctor-XXXXXX".utf8CString)
        guard mkdtemp(&template) != nil else { return .unknown("no folder could be made in /tmp: \(String(cString: strerror(errno)))") }
        let folder = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
        defer { try? FileManager.default.removeItem(atPath: folder) }
        do {
            let summary = try await LedgerDownload(client: client).write(to: folder + "/ledger")
            let trusted = VerifierKey(trustedKey ?? summary.key)
            let anchors = anchor.map { access($0, R_OK) == 0 ? [$0] : [] } ?? []
            let report = try await NIOThreadPool.singleton.runIfActive {
                LedgerVerifier(trusted: trusted, anchors: anchors).verify(folder: folder + "/ledger")
            }
            return .value(
                Facts.Ledger(
                    events: report.events, problems: report.problems.map(\.sentence), hasTrustedKey: trustedKey != nil))
        } catch let failure as CommandFailure {
            return .unknown("the ledger could not be exported: \(failure.message)")
        } catch {
            return .unknown("the ledger could not be exported: \(error)")
        }
    }
}
