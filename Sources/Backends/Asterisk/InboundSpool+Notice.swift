extension InboundSpool {
    /// A received fax, in the words of the contract.
    package struct Notice: Sendable, Codable, Equatable {
        /// The file as Asterisk sees it.
        package var tiff_path: String
        package var to_number: String
        package var from_number: String
        /// `SUCCESS` or `FAILED`.
        package var faxstatus: String
        package var faxpages: Int
        /// Asterisk's id of the channel, unique for ever in one installation.
        package var uniqueid: String
        /// The sender's station identification.
        package var station: String

        package init(
            tiff_path: String, to_number: String, from_number: String, faxstatus: String, faxpages: Int, uniqueid: String,
            station: String = ""
        ) {
            self.tiff_path = tiff_path
            self.to_number = to_number
            self.from_number = from_number
            self.faxstatus = faxstatus
            self.faxpages = faxpages
            self.uniqueid = uniqueid
            self.station = station
        }

        /// The number of pages may come as text: a dialplan knows nothing else. What a caller need not have may be missing.
        package init(from decoder: any Decoder) throws {
            let container = try decoder.container(keyedBy: CodingKeys.self)
            tiff_path = try container.decode(String.self, forKey: .tiff_path)
            to_number = try container.decode(String.self, forKey: .to_number)
            from_number = try container.decodeIfPresent(String.self, forKey: .from_number) ?? ""
            faxstatus = try container.decodeIfPresent(String.self, forKey: .faxstatus) ?? ""
            if let text = try? container.decode(String.self, forKey: .faxpages) {
                faxpages = Int(text) ?? 0
            } else {
                faxpages = try container.decodeIfPresent(Int.self, forKey: .faxpages) ?? 0
            }
            uniqueid = try container.decode(String.self, forKey: .uniqueid)
            station = try container.decodeIfPresent(String.self, forKey: .station) ?? ""
        }
    }
}
