import Access
import Testing

/// Keys and tokens made by another implementation. The private keys are gone.
@Suite struct ForeignTokenTests {
    private static let keySet = #"""
        {"keys":[{"n":"tYynYY-Uoe0ObGFnbux3omTgMuopOCpKTcR_BAEkQd7k52nUz_93MM0pWhiN11thJDogPMsrBcM2UuHa9wa74V6uOEupUHo\#
        9VezqVdtadap9nRqypqwlQgqYpwABll2t_myUlZliUxitkf_E7Q3WowQDJjfSTvmMspJaYWNgQdUSnRSCSuf8LnTN9bktlxLgnQdBCOkDHE0iT\#
        uAhsnfd-T0DLe-NIHdHOxZ81sTkdZ3tg1eq453r0V5V_a40KOL6UcXxEFVF9B419cthX9i-XhgmM7QJ2PAAkXq7oMKDQjWAuwbQ-RBcPELKQFM\#
        Fi9hyfdTmSuWFn5gKOs54yCNwyw","e":"AQAB","kid":"rsa","use":"sig","kty":"RSA"},{"crv":"P-256","x":"EqqmicHmp8RbH\#
        nZicF5jFyOOSsrKz1mq-gAAggIMEfc","y":"I2EmZ2TvZyZgz8b6BBHieDwfLA2KY4ngv8P9vPDuMjQ","kid":"p256","alg":"ES256","\#
        kty":"EC"},{"crv":"P-384","x":"QivIiG5lvIysF865Odz5Xw8pX8SzqtaiqAPP5xo8dKN5muxDG99xhUYHGasMAyPR","y":"BigtTt_o\#
        qB1fBlH3HFzZEBwqcPkgWM6NSC_zSPRSGn8ytt6gIe49K5wWK9oMhn1P","kid":"p384","kty":"EC"},{"crv":"Ed25519","x":"0Hn-Y\#
        nRUUD_LV6jyBNRxPbeeLp0As9njrQNN3SNuzek","kid":"ed","kty":"OKP"}]}
        """#

    private static let payload = #"""
        eyJpc3MiOiJodHRwczovL2xvZ2luLmV4YW1wbGUub3JnIiwiYXVkIjpbImZheGxvY2siLCJvdGhlciJdLCJzdWIiOiJ1LTEiLCJpYXQiOjE3Nj\#
        QwMDAwMDAsImV4cCI6NDEwMjQ0NDgwMCwic2NvcGUiOiJmYXg6c2VuZCBmYXg6cmVhZCIsImZheGxvY2tfZ3JhbnRzIjpbInJhZGlvbG9neTpy\#
        ZWFkZXIiXX0
        """#

    /// Of `{"typ":"JWT","alg":...,"kid":...}` and the payload.
    private static let signatures: [(algorithm: String, kid: String, signature: String)] = [
        (
            "RS256", "rsa",
            #"""
            M3ls_1Dy6-x84r2nZucKzK925AppBYLqfdilDXcaLkTjm2CuWhVUoV3EcELvz_iHBXiFSWkcG-jlyS8pOneHuCyCVMrwUN3W_5oyYpfNhlTyrS\#
            WjM1H-7EixKVtmsXR1hw9XFo4xHOGJwnKpCO2R11rASVs1cKyD7oefPnmZ7I5j1qUP6_DjQCh3gyxkfS7Psi_q2u28k4EYdPr9qv2tF5fkVwgl\#
            xEBzjAo0oJSPDD8w01FsyjQlmSn2fJa54U30RO2PQ_ygf1ehMyYcMoqsdxhJfHGLkqSxcxEXVT1IpfP6GZIWAe00gf2BU2EjOa5dw-fOcSIceo\#
            m493kESXHC7A
            """#
        ),
        (
            "RS384", "rsa",
            #"""
            f60yDmAZSTgTvVZfaAL3Uo9aj7R1crcO5ASJCB0oQmCMWDHFP8cfjmfH0AIb4obOTEiVyfDXhrnFbhwLVYDf2NZYTI5gnYyVz7rBNM21KLZJ_V\#
            44bxzwVaHf2Hn0BgRDawQl-b4z7Oiz7N_UOkiaJ-SuvnkDWx1BfIzNJG3ewqfAT5BUNeJMIHr7P7EoVtAKO2Z8T3FzstNXNrUPn2AieGOH3Yxo\#
            o3GjhDCiE-Q4yrqeq-oaYP84q0TZAP-ZgiD1AWcUpXNUk-MYppowkMmd9DqtdeXSDVBW1q_BGdtm4tb1S4ag30tcVy0fw-K1fLHpOOjPOgcZXd\#
            l7qHk_SjzU8Q
            """#
        ),
        (
            "RS512", "rsa",
            #"""
            E8gjiGjCHFDjAMxz-J3ch892itLiNAhWuTOW4FONfCkHtoonsNWdDFsXyIy-oDrdFnesze3WRHkPrHEnDrX7FrwxoZy8J3ye7smP-ic8OTpK54\#
            ZEeugAkD1gyMHmio_72xU0zaj2EfzoqZ8DDHIyi0c8bjFYRbA-ssKqE6TjGa26v7mrGvGNhB_C2_2tlCMdL5bLuuQQHeLGd5iakYMk-Nd8sKLN\#
            wO3n_oqC6zz1KjUwiDhK9aA57L8uOdDIo1xYqFMDBGvAOBuJXnae0i8WCfqE9iPsJ4QUGNmJPT-1l_b0Bj6rzDH6BXBYRC7KupDjzy7KPpx9fJ\#
            aUVNAvIYwOxQ
            """#
        ),
        (
            "PS256", "rsa",
            #"""
            WGtVga4oqGU3LJMGmSshHr7gxa-NcGQC4JPUq00iJG2VrXJhvM3Ql0c8t0KzMwSVljwG-XDqQhY8aQz_hkKlYP0qnSW1djtPWvvfUXIo_D47iG\#
            Zo_nk9oQ3ZmMFo4P-CIJmLCkkz8gTlpFHND6_HUQoyfx-YDKT-kuBX538sr-2SIZm9YoF9eVunnV8yUXUeauIrUgm053xRcpM4iXAAPkVX0MUk\#
            4qekqaI9url8J7YP2EBMwn9oXV-057vtufBJn13WwLCgY0xO4eH8fdjYuWBTZ8wMTJ1D2KijZI8Yje_wnQIIuLJssZijDy7ufHduUUjBrk8N6s\#
            mIGkvpARh9Hw
            """#
        ),
        (
            "ES256", "p256",
            #"""
            M6et7xTSW8g-PIxmMoS9SDpBaghsw4_Plrk6sBkwkQxCqKvBzMuNpxzuTlcrY0RfYFBH1e9VDkLckg17a58nLQ
            """#
        ),
        (
            "ES384", "p384",
            #"""
            Cqo8X8h2axMO6W5olOh3m8PbZgTo619Ml9ujoSeRl0Jnif1XoPmbh6Kvjisi1UVi3Q2I1U4aJCyNnypLooE9INqH0yV2HyrXh21CFDHYXNu4FK\#
            g0eOS7odTf2G9A5S-j
            """#
        ),
        (
            "EdDSA", "ed",
            #"""
            slaUhe5jLiKaI8_I57zfdlTMPpkJtp_ywsDfixlnjnYvOH76KgvW7OKe7Q7oFp3_oF0FWeeNt-YVXDHCAjznDQ
            """#
        ),
    ]

    @Test(arguments: signatures) func tokenIsAccepted(algorithm: String, kid: String, signature: String) async throws {
        let verifier = try TestIssuer.shared.verifier(keySet: Self.keySet)
        let header = base64URL(Array(#"{"typ":"JWT","alg":"\#(algorithm)","kid":"\#(kid)"}"#.utf8))
        let token = try await verifier.verify("\(header).\(Self.payload).\(signature)")
        #expect(token.subject == "u-1")
        #expect(token.scopes == ["fax:send", "fax:read"])
        #expect(token.grants == Grants([Grant("radiology:reader")].compactMap { $0 }))
    }
}
