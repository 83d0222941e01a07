extension T38Attributes {
    /// Reads attribute lines, `a=name` or `a=name:value`, as the SDP parser splits them. Unknown names are passed over,
    /// a value that makes no sense leaves the default; names compare without regard to case, and the aliases in use are
    /// known.
    package init(lines: some Sequence<(name: String, value: String?)>) {
        self.init()
        for (name, value) in lines {
            let value = value.map(Self.trimmed) ?? ""
            switch name.lowercased() {
            case "t38faxversion":
                if let number = Self.number(value, in: 0...9) { version = number }
            case "t38maxbitrate", "t38faxmaxbitrate", "t38faxmaxrate":
                if let number = Self.number(value, in: 2400...1_000_000) { maximumBitRate = min(number, 33600) }
            case "t38faxratemanagement":
                rateManagement = value.lowercased() == "localtcf" ? .localTCF : .transferredTCF
            case "t38faxmaxbuffer", "t38maxbuffer":
                maximumBuffer = Self.number(value, in: 0...1_000_000)
            case "t38faxmaxdatagram", "t38maxdatagram":
                if let number = Self.number(value, in: 1...1_000_000) {
                    maximumDatagram = min(max(number, Self.smallestDatagram), Self.ownMaximumDatagram)
                }
            case "t38faxudpec":
                switch value.lowercased() {
                case "t38udpredundancy": errorCorrection = .redundancy
                case "t38udpfec": errorCorrection = .parity
                default: errorCorrection = .none
                }
            case "t38faxfillbitremoval": fillBitRemoval = Self.flag(value)
            case "t38faxtranscodingmmr": transcodingMMR = Self.flag(value)
            case "t38faxtranscodingjbig": transcodingJBIG = Self.flag(value)
            default: break
            }
        }
    }

    /// The lines to send, in the order that the field's captures have. Flags that are off are left out: presence means
    /// on.
    package var lines: [(name: String, value: String?)] {
        var lines: [(name: String, value: String?)] = [
            ("T38FaxVersion", String(version)),
            ("T38MaxBitRate", String(maximumBitRate)),
        ]
        if fillBitRemoval { lines.append(("T38FaxFillBitRemoval", nil)) }
        if transcodingMMR { lines.append(("T38FaxTranscodingMMR", nil)) }
        if transcodingJBIG { lines.append(("T38FaxTranscodingJBIG", nil)) }
        lines.append(("T38FaxRateManagement", rateManagement == .localTCF ? "localTCF" : "transferredTCF"))
        if let maximumBuffer { lines.append(("T38FaxMaxBuffer", String(maximumBuffer))) }
        lines.append(("T38FaxMaxDatagram", String(maximumDatagram)))
        switch errorCorrection {
        case .none: break
        case .redundancy: lines.append(("T38FaxUdpEC", "t38UDPRedundancy"))
        case .parity: lines.append(("T38FaxUdpEC", "t38UDPFEC"))
        }
        return lines
    }

    /// Presence is true by T.38, but devices in the field write `:0` for false.
    private static func flag(_ value: String) -> Bool {
        !["0", "false", "no", "off"].contains(value.lowercased())
    }

    private static func number(_ value: String, in range: ClosedRange<Int>) -> Int? {
        guard let number = Int(value.prefix { !$0.isWhitespace }), range.contains(number) else { return nil }
        return number
    }

    private static func trimmed(_ value: String) -> String {
        let start = value.drop { $0.isWhitespace }
        guard let last = start.lastIndex(where: { !$0.isWhitespace }) else { return "" }
        return String(start[...last])
    }
}
