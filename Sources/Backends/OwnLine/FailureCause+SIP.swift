import FaxModel
import SIP

extension FailureCause {
    /// What a final SIP status to an INVITE means for the fax.
    init(sipStatus status: Int) {
        self =
            switch status {
            case 486, 600: .busy
            case 408, 480, 487: .noAnswer
            case 404, 410, 484, 604: .unallocated
            case 415, 488, 606: .media
            case 500...599: .congestion
            default: .rejected
            }
    }

    /// What the end of T.30 (libspandsp's `T30_ERR_*`) means for the fax.
    init(t30Code code: Int) {
        self =
            switch code {
            // T0 and T1 ran out, or a DCN came before any DIS: nobody there is a fax machine.
            case 2, 3, 17, 19: .notFax
            case 9, 11, 12: .incapable
            case 105: .stationMismatch
            default: .protocolError
            }
    }
}
