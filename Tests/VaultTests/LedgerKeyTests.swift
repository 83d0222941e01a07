import Crypto
import Testing
import Vault

@Suite struct LedgerKeyTests {
    private let kek = KeyEncryptionKey()
    private let ring: KeyRing
    private let roots: [WrappedRootKey]

    init() throws {
        ring = KeyRing(tenant: .single, key: kek)
        var roots: [WrappedRootKey] = []
        for root in RootKey.allCases { roots.append(try ring.makeRoot(root)) }
        for root in roots { try ring.adopt(root) }
        self.roots = roots
    }

    @Test func pseudonymIsEqualForEqualValuesUnderOneLabelOnly() throws {
        let name = try ring.auditPseudonym("+15551230100", label: "fax.to")
        #expect(name.count == 16)
        #expect(try ring.auditPseudonym("+15551230100", label: "fax.to") == name)
        #expect(try ring.auditPseudonym("+15551230101", label: "fax.to") != name)
        #expect(try ring.auditPseudonym("+15551230100", label: "fax.from") != name)
        // The database's index of the same value must not lead from one to the other.
        #expect(try ring.blindIndex("+15551230100", label: "fax.to").prefix(16) != name[...])
        let other = KeyRing(tenant: .single, key: KeyEncryptionKey())
        try other.adopt(try other.makeRoot(.auditPepper))
        #expect(try other.auditPseudonym("+15551230100", label: "fax.to") != name)
    }

    @Test func signingKeyOutlivesTheProcessAndTheKeyFile() throws {
        let key = try ring.ledgerSigningKey()
        let signature = try key.signature(for: [1, 2, 3])
        #expect(try ring.ledgerSigningKey().publicKey.isValidSignature(signature, for: [1, 2, 3]))
        let new = KeyEncryptionKey()
        let signing = try #require(roots.first { $0.root == .ledgerSigning })
        let moved = try KeyRing(tenant: .single, key: new, retired: [kek]).rewrap(signing)
        let later = KeyRing(tenant: .single, key: new)
        try later.adopt(moved)
        #expect(try later.ledgerSigningKey().publicKey.isValidSignature(signature, for: [1, 2, 3]))
        #expect(try later.ledgerSigningKey().rawRepresentation == key.rawRepresentation)
    }

    @Test func withoutRootsThereIsNothing() {
        let empty = KeyRing(tenant: .single, key: KeyEncryptionKey())
        #expect(throws: KeyError.missingRoot(.auditPepper)) { try empty.auditPseudonym("a", label: "b") }
        #expect(throws: KeyError.missingRoot(.ledgerSigning)) { try empty.ledgerSigningKey() }
    }
}
