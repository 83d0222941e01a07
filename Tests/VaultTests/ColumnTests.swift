import Testing
import Vault

@Suite struct ColumnTests {
    private let ring: KeyRing
    private let number = Array("+15551230100".utf8)

    init() throws {
        ring = KeyRing(tenant: .single, key: KeyEncryptionKey())
        for root in RootKey.allCases { try ring.adopt(try ring.makeRoot(root)) }
    }

    @Test func valueComesBack() throws {
        for value in [[], number, Samples.bytes(5_000)] {
            let sealed = try ring.sealColumn(value, table: "faxes", column: "to", row: "1")
            #expect(sealed.count == value.count + 29)
            #expect(try ring.openColumn(sealed, table: "faxes", column: "to", row: "1") == value)
        }
    }

    @Test func valueIsBoundToItsPlace() throws {
        let sealed = try ring.sealColumn(number, table: "faxes", column: "to", row: "12")
        let places = [
            ("faxes", "to", "13"), ("faxes", "from", "12"), ("calls", "to", "12"), ("faxest", "o", "12"),
            ("faxes", "to1", "2"), ("faxes", "to", ""),
        ]
        for (table, column, row) in places {
            #expect(throws: KeyError.notAuthentic("column value")) {
                try ring.openColumn(sealed, table: table, column: column, row: row)
            }
        }
    }

    @Test func equalValuesLookDifferent() throws {
        let one = try ring.sealColumn(number, table: "faxes", column: "to", row: "1")
        #expect(one != (try ring.sealColumn(number, table: "faxes", column: "to", row: "1")))
    }

    @Test func damageIsFound() throws {
        let sealed = try ring.sealColumn(number, table: "faxes", column: "to", row: "1")
        for index in sealed.indices {
            var changed = sealed
            changed[index] ^= 1
            #expect(throws: KeyError.notAuthentic("column value")) {
                try ring.openColumn(changed, table: "faxes", column: "to", row: "1")
            }
        }
        for length in [0, 1, 28] {
            #expect(throws: KeyError.notAuthentic("column value")) {
                try ring.openColumn(Array(sealed.prefix(length)), table: "faxes", column: "to", row: "1")
            }
        }
    }

    @Test func blindIndexIsEqualForEqualValuesOnly() throws {
        let index = try ring.blindIndex("+15551230100", label: "faxes.to")
        #expect(index.count == 32)
        #expect(try ring.blindIndex("+15551230100", label: "faxes.to") == index)
        #expect(try ring.blindIndex("+15551230101", label: "faxes.to") != index)
        #expect(try ring.blindIndex("+15551230100", label: "faxes.from") != index)
        let other = KeyRing(tenant: .single, key: KeyEncryptionKey())
        try other.adopt(try other.makeRoot(.blindIndex))
        #expect(try other.blindIndex("+15551230100", label: "faxes.to") != index)
    }

    @Test func missingRootsAreNamed() {
        let empty = KeyRing(tenant: .single, key: KeyEncryptionKey())
        #expect(throws: KeyError.missingRoot(.columns)) {
            try empty.sealColumn([1], table: "a", column: "b", row: "c")
        }
        #expect(throws: KeyError.missingRoot(.blindIndex)) { try empty.blindIndex("a", label: "b") }
    }
}
