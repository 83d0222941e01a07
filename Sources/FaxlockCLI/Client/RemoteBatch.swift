/// Several faxes of one request as the server's API shows them.
struct RemoteBatch: Decodable {
    let batch_id: String
    let counts: [String: Int]
    let faxes: [RemoteFax]

    /// One line for a person.
    var summary: String {
        let states = counts.sorted { $0.key < $1.key }.map { "\($0.value) \($0.key)" }
        return (["batch \(batch_id)", "\(faxes.count) faxes"] + states).joined(separator: "  ")
    }
}
