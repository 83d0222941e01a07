import Glibc
import WorkerProtocol

/// Descriptor 1. When the gateway is gone the worker has nothing left to do.
enum FrameOutput {
    static func write(_ frame: Frame) {
        let bytes = frame.encoded
        var written = 0
        while written < bytes.count {
            let count = bytes.withUnsafeBytes {
                Glibc.write(1, $0.baseAddress.map { $0 + written }, $0.count - written)
            }
            if count < 0 && errno == EINTR { continue }
            guard count > 0 else { exit(74) }
            written += count
        }
    }
}
