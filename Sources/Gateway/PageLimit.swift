import Hummingbird

/// The `limit` of lists.
enum PageLimit {
    /// 1 to 1000, 100 when not given.
    static func read(_ request: Request) throws(Problem) -> Int {
        guard let text = request.uri.queryParameters["limit"] else { return 100 }
        guard let limit = Int(text), (1...1000).contains(limit) else {
            throw Problem(.unprocessableContent, "The parameter \"limit\" must be a whole number from 1 to 1000.")
        }
        return limit
    }
}
