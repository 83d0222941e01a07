import CSpanDSP

/// Names of facsimile control fields (T.30 5.3.6 and annex A).
enum T30FrameName {
    /// Whether a control field is that of the page's own frames (T.4 annex A).
    static func isPageData(_ field: UInt8) -> Bool {
        field & 0xFE == UInt8(T4_FCD) || field & 0xFE == UInt8(T4_RCP)
    }

    /// The name, or the octet in hexadecimal digits. The first bit of a field, X in T.30, says only which side sends,
    /// except in those of a machine that wants to poll.
    static func of(_ field: UInt8) -> String {
        polling[field] ?? names[field & 0xFE]
            ?? "0x" + (field < 0x10 ? "0" : "") + String(field, radix: 16, uppercase: true)
    }

    private static let polling: [UInt8: String] = [
        UInt8(T30_DTC): "DTC", UInt8(T30_CIG): "CIG", UInt8(T30_NSC): "NSC", UInt8(T30_PWD): "PWD",
        UInt8(T30_SEP): "SEP", UInt8(T30_PSA): "PSA", UInt8(T30_CIA): "CIA", UInt8(T30_ISP): "ISP",
    ]

    private static let names: [UInt8: String] = [
        UInt8(T30_DIS): "DIS", UInt8(T30_CSI): "CSI", UInt8(T30_NSF): "NSF", UInt8(T30_DCS): "DCS",
        UInt8(T30_TSI): "TSI", UInt8(T30_NSS): "NSS", UInt8(T30_SUB): "SUB", UInt8(T30_SID): "SID",
        UInt8(T30_CTC): "CTC", UInt8(T30_TSA): "TSA", UInt8(T30_IRA): "IRA", UInt8(T30_CFR): "CFR",
        UInt8(T30_FTT): "FTT", UInt8(T30_CTR): "CTR", UInt8(T30_CSA): "CSA", UInt8(T30_EOM): "EOM",
        UInt8(T30_MPS): "MPS", UInt8(T30_EOP): "EOP", UInt8(T30_PRI_EOM): "PRI-EOM", UInt8(T30_PRI_MPS): "PRI-MPS",
        UInt8(T30_PRI_EOP): "PRI-EOP", UInt8(T30_EOS): "EOS", UInt8(T30_PPS): "PPS", UInt8(T30_EOR): "EOR",
        UInt8(T30_RR): "RR", UInt8(T30_MCF): "MCF", UInt8(T30_RTP): "RTP", UInt8(T30_RTN): "RTN",
        UInt8(T30_PIP): "PIP", UInt8(T30_PIN): "PIN", UInt8(T30_PPR): "PPR", UInt8(T30_RNR): "RNR",
        UInt8(T30_ERR): "ERR", UInt8(T30_FDM): "FDM", UInt8(T30_DCN): "DCN", UInt8(T30_CRP): "CRP",
        UInt8(T30_FNV): "FNV", UInt8(T30_TNR): "TNR", UInt8(T30_TR): "TR", UInt8(T30_PID): "PID",
        UInt8(T30_DNK): "DNK",
    ]
}
