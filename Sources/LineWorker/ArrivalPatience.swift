/// Whether what arrives may wait for the next tick. A flood fills the socket's buffer before, and the far end's datagrams would be lost with the
/// others: after one each arrival is looked at as it comes, for the rest of the call.
struct ArrivalPatience {
    /// Datagrams of a turn: a far end sends some 20 in the longest wait, and 25 behind a process that was stopped for half a second.
    static let mostOfAFarEnd = 100

    private(set) var isOver = false

    /// So many datagrams were there at once.
    mutating func note(_ arrivals: Int) {
        if arrivals > Self.mostOfAFarEnd { isOver = true }
    }
}
