import SIP
import Vault

extension TrunkEntry {
    /// What the trunk knows us by; nil where it knows our address.
    func credentials() throws(Problem) -> SIPCredentials? {
        guard let username else { return nil }
        guard let password_file else { throw Problem("password_file is missing beside username") }
        let password: String
        do throws(KeyFileError) {
            password = try SecretFile.read(password_file).withBytes { String(decoding: $0, as: UTF8.self) }.trimmingLineEnd
        } catch {
            throw Problem("password_file: \(error)")
        }
        guard !password.isEmpty, password != "changeme" else { throw Problem("password_file holds no password, or the one of an example") }
        return SIPCredentials(username: username, password: password, realm: realm)
    }
}

extension String {
    /// Without the line end that editors put behind a password.
    fileprivate var trimmingLineEnd: String {
        var text = self[...]
        while text.utf8.last == 0x0A || text.utf8.last == 0x0D { text = text.dropLast() }
        return String(text)
    }
}
