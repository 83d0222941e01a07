import Doctor
import Glibc
import KeyCustody
import Logging
import NIOPosix
import ServerSettings
import Store

/// The production profile at a start: looks at the machine, and refuses to start on what it finds.
extension ProductionGate {
    /// - Throws: ``Server/Refusal`` with every reason at once.
    static func check(_ settings: Settings, logger: Logger) async throws {
        guard settings.profile == .production || settings.enforcesPublicHTTPS else { return }
        let keyPath = try KeyFile.source(settings).path
        let facts = try await NIOThreadPool.singleton.runIfActive { try Facts(settings, keyPath: keyPath) }
        let found = findings(settings, facts)
        for warning in found where warning.code.isWarning { logger.warning("\(warning.sentence)") }
        let reasons = found.filter { !$0.code.isWarning }.map(\.sentence)
        guard reasons.isEmpty else {
            let profile = settings.profile == .production ? " with FAXLOCK_PROFILE=production" : ""
            throw Server.Refusal(
                message: "The server does not start\(profile):\n" + reasons.map { "- \($0)" }.joined(separator: "\n"))
        }
    }
}

extension ProductionGate.Facts {
    /// What is so on this machine. Blocks.
    fileprivate init(_ settings: Settings, keyPath: String) throws {
        let readiness = try FaxStore.readiness(ofDatabaseAt: settings.dataFolder + "/faxlock.db", now: SystemClock.now())
        let manager = settings.effective.first { $0.name == "ASTERISK_AMI_HOST" }?.value ?? ""
        self.init(
            hasStoredKey: readiness.hasKey, keyFile: FilePlace(path: keyPath) ?? FilePlace(path: Self.folder(of: keyPath)),
            isKeyFileThere: access(keyPath, F_OK) == 0,
            dataFolder: FilePlace(path: settings.dataFolder) ?? FilePlace(path: Self.folder(of: settings.dataFolder)),
            managerAddresses: manager.isEmpty ? [] : Self.addresses(of: manager), isClockSynchronised: SystemClock.isSynchronised,
            agreements: readiness.agreements)
    }

    /// The folder that a path names a file of.
    private static func folder(of path: String) -> String {
        guard let slash = path.lastIndex(of: "/") else { return "." }
        return slash == path.startIndex ? "/" : String(path[..<slash])
    }

    /// The addresses that a name has; the name itself where it has none.
    private static func addresses(of host: String) -> [String] {
        var list: UnsafeMutablePointer<addrinfo>?
        guard getaddrinfo(host, nil, nil, &list) == 0 else { return [host] }
        defer { freeaddrinfo(list) }
        var addresses: [String] = []
        var entry = list
        while let current = entry {
            var text = [CChar](repeating: 0, count: Int(NI_MAXHOST))
            let info = current.pointee
            if getnameinfo(info.ai_addr, info.ai_addrlen, &text, socklen_t(text.count), nil, 0, NI_NUMERICHOST) == 0 {
                addresses.append(String(decoding: text.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self))
            }
            entry = info.ai_next
        }
        return addresses
    }
}
