import FaxModel

extension FailureCause {
    /// Why a call that was not answered failed.
    /// - Parameters:
    ///   - reason: of an OriginateResponse: the last control frame (AST_CONTROL_*) before the end; 0 when there was none.
    ///   - q850: the cause of ITU-T Q.850 with which the channel was hung up; it says more, where it is known.
    init(reason: Int?, q850: Int?) {
        switch q850 {
        case 1, 2, 3, 22, 28: self = .unallocated
        case 17: self = .busy
        case 18, 19, 20: self = .noAnswer
        case 21, 29, 55, 57: self = .rejected
        case 58, 65, 79, 88: self = .media
        case 27, 34, 38, 41, 42, 44, 47: self = .congestion
        default:
            switch reason {
            case 1, 3: self = .noAnswer
            case 5: self = .busy
            default: self = .congestion
            }
        }
    }

    /// Why SendFAX failed. Its `FAXERROR` names few kinds; T.30's end is a text of libspandsp, the same that the own line's codes stand for.
    init(_ result: DialledCall.FaxResult) {
        self =
            switch (result.error, result.text) {
            case ("T38_NEG_ERROR", _), ("NEGOTIATE_ERROR", _), ("INIT_ERROR", _): .media
            case (_, "Timed out waiting for initial communication"), (_, "Timed out waiting for the first message"),
                (_, "Received a DCN while waiting for a DIS"), (_, "Unexpected DCN while waiting for DCS or DIS"):
                .notFax
            case (_, "Far end is not able to receive"), (_, "Far end cannot receive at the resolution of the image"),
                (_, "Far end cannot receive at the size of image"):
                .incapable
            // This side's own file.
            case ("FILE_ERROR", _), (_, "TIFF/F file cannot be opened"), (_, "TIFF/F page not found"): .line
            default: .protocolError
            }
    }
}
