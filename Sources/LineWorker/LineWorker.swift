import CProcess
import Glibc
import WorkerProtocol

/// `faxlock-line`: one fax call in one process, so that whatever the far end does to the T.30 engine hits this call
/// alone.
///
/// Descriptor 0 is the TIFF to send, descriptor 1 the conversation with the gateway (``CallCommand``, ``CallEvent``).
/// Nothing is written to disk but the call's record, nothing to standard error, and nothing but exit status 0 (the call was reported), 1 (the
/// gateway went away) or 2 (the gateway said something unintelligible, or named an address or ports that cannot be bound) tells
/// how it went.
@main
struct LineWorker {
    static func main() {
        // A write to a gone gateway, or past the file limit, must be an error code and not a death.
        signal(SIGPIPE, SIG_IGN)
        signal(SIGXFSZ, SIG_IGN)
        // libtiff's dates are not used; this way the C library reads no file for them.
        setenv("TZ", "UTC0", 1)
        tzset()
        ProcessConfinement.apply()
        if CommandLine.arguments.dropFirst().first == DocumentReading.argument { DocumentReading.run() }

        do throws(Conversation.Failure) {
            var conversation = Conversation(descriptor: 1)
            let setup = try conversation.awaitStart()
            ProcessConfinement.limitProcessorTime(forCallOf: setup.deadlineSeconds)
            // Calls whose ticks are due within 2 ms of each other share one interrupt.
            if !setup.isUnpaced { _ = cprocess_prctl(PR_SET_TIMERSLACK, 2_000_000) }
            guard setup.firstPort <= setup.lastPort else { throw Conversation.Failure.unintelligible }
            let ports = setup.lastPort == 0 ? nil : max(1, setup.firstPort)...setup.lastPort
            let socket = try MediaSocket(bindAddress: setup.bindAddress, ports: ports)
            ProcessConfinement.seal(record: conversation.record)
            var call = FaxCall(setup: setup, conversation: conversation, socket: socket)
            try call.run()
            exit(0)
        } catch {
            exit(error.exitStatus)
        }
    }
}
