import CClock
import Glibc

extension SystemClock {
    /// Whether something keeps the machine's clock right; nil where that cannot be known.
    static var isSynchronised: Bool? {
        switch cclock_is_synchronised() {
        case 1: true
        case 0: false
        // Not permitted in some containers and units (ProtectClock=): systemd's own word, where it gives one.
        default: access("/run/systemd/timesync/synchronized", F_OK) == 0 ? true : nil
        }
    }
}
