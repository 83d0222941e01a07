/// Secrets that somebody guesses first.
package enum WeakSecret {
    /// What a secret must have at least.
    package static let minimumLength = 16

    /// Shipped in examples or typed by habit; compared without case and without what is no letter or digit.
    private static let known = [
        "changeme", "changethis", "replaceme", "secret", "password", "passw0rd", "letmein", "example", "default", "yourapikey",
        "yoursecret", "faxbotdev",
    ]

    /// Why a secret is weak, in words that do not repeat it; nil if it is not.
    package static func reason(_ secret: String) -> String? {
        let plain = secret.lowercased().filter { $0.isLetter || $0.isNumber }
        // `secret` alone, or over and over, and not every text that has the word in it.
        if ["changeme", "changethis", "replaceme"].contains(where: { plain.contains($0) })
            || known.contains(where: { isMade(plain, of: $0) })
        {
            return "it is a value that examples have"
        }
        if secret.utf8.count < minimumLength { return "it has fewer than \(minimumLength) characters" }
        if Set(secret.utf8).count < 6 { return "it has fewer than six different characters" }
        return nil
    }

    /// Whether `text` is nothing but a word, digits, and the word again.
    private static func isMade(_ text: String, of word: String) -> Bool {
        text.contains(word) && text.replacing(word, with: "").allSatisfy(\.isNumber)
    }
}
