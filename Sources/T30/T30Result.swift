/// How a T.30 call ended: libspandsp's `T30_ERR_*` numbers (0 to 61), and ours from 100 on for ends that it does not
/// know.
package enum T30Result {
    /// Every page was confirmed.
    package static let success = 0
    /// The far end hung up, or we did, in mid-call.
    package static let callDropped = 49
    /// The protocol ended well but not all pages were confirmed.
    package static let unconfirmedPages = 100
    /// The call took longer than allowed.
    package static let deadline = 101
    /// The pages to send could not be read.
    package static let unreadableDocument = 102
    /// A received page could not be read back or is larger than a page may be.
    package static let unreadablePage = 103
    /// A received page was never stored, or not in time: it was not confirmed.
    package static let unstoredPage = 104
    /// The machine that answered is not the one that was expected: nothing was sent to it.
    package static let unexpectedStation = 105
    /// This side ended the call before its end, by DCN.
    package static let left = 106
    /// The call's record could not be written, so nothing more was sent.
    package static let unrecorded = 107
    /// The far end refused a page as it came (RTN, PIN): this side ended the call by DCN, and the page goes again in another.
    package static let rejectedPage = 108
    /// After the end of a document (EOM) the far end did not begin anew.
    package static let silentAfterDocument = 109

    /// The code in words. Nothing from the far end is in it.
    package static func meaning(of code: Int) -> String {
        switch code {
        case 0: "All pages were confirmed."
        case 1: "The answer tone (CED) did not end."
        case 2: "No fax machine was heard (T0)."
        case 3: "The fax machine said nothing in time (T1)."
        case 4: "A procedure interrupt was not resolved in time (T3)."
        case 5: "The far end's carrier did not stop."
        case 6: "No modem speed worked on this line."
        case 7: "Operator intervention failed."
        case 8: "The far end is not compatible."
        case 9: "The far end cannot receive."
        case 10: "The far end cannot send."
        case 11: "The far end does not have the resolution of the page."
        case 12: "The far end does not have the size of the page."
        case 13: "An unexpected message came."
        case 14: "The far end answered the training badly."
        case 15: "The far end disconnected after a page."
        case 16: "The far end's answer to a corrected page was not valid."
        case 17: "The far end disconnected before it said what it can do."
        case 18: "The far end's answer to a page was not valid."
        case 19: "The far end did not say what it can do."
        case 20: "The far end did not answer the training."
        case 21: "The far end did not answer after a page."
        case 22: "The far end stayed not ready for too long (T5)."
        case 23: "The sender's error correction message was not valid."
        case 24: "A command came in place of a poll."
        case 25: "An unexpected command came after a page."
        case 26: "The carrier was lost during a page."
        case 27: "A line of the page did not end."
        case 28: "The first line of a page did not come."
        case 29...34: "The sender fell silent (T2)."
        case 35...40: "The sender disconnected too early."
        case 41...47: "The document file was not usable."
        case 48: "Gave up after the permitted retries."
        case 49: "The call was dropped in mid-fax."
        case 50...61: "The far end refused the identification or the address."
        case unconfirmedPages: "The call ended before every page was confirmed."
        case deadline: "The call took longer than allowed."
        case unreadableDocument: "The pages to send could not be read."
        case unreadablePage: "A received page was not usable."
        case unstoredPage: "A received page could not be stored."
        case unexpectedStation: "The machine that answered is not the one that was expected."
        case left: "This side ended the call before its end."
        case rejectedPage: "The far end refused a page: it came too damaged."
        case silentAfterDocument: "The far end said nothing after a document."
        case unrecorded: "The record of the call could not be written to the disk."
        default: "The call failed for an unknown reason."
        }
    }
}
