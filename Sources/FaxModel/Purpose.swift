/// Why a patient's record is sent, in the terms of 45 CFR 164.506 to 164.512: an auditor asks for each disclosure.
package enum Purpose: String, Sendable, Hashable, Codable, CaseIterable {
    case treatment, payment, operations
    /// The patient signed for it (45 CFR 164.508).
    case authorisation
    /// To the patient or whoever acts for them (45 CFR 164.524).
    case individual
    /// To a public health authority (45 CFR 164.512(b)).
    case publicHealth = "public_health"
    /// A law, a court or an authority asks for it (45 CFR 164.512(a), (e), (f)).
    case required = "required_by_law"
    /// Nothing of a patient's is in it.
    case none
}
