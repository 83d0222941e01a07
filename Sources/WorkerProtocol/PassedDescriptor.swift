import Glibc

/// A descriptor that goes with a message from one process to another (SCM_RIGHTS, unix(7)).
package enum PassedDescriptor {
    /// `struct cmsghdr` with one descriptor behind it, as the C library's macros would lay it out, and room up to the next one.
    private struct Control {
        var header = cmsghdr()
        var descriptor: Int32 = -1
        var padding: Int32 = 0

        static var length: Int { MemoryLayout<cmsghdr>.size + MemoryLayout<Int32>.size }
    }

    /// Sends bytes on a stream socket, and with the first of them `descriptor`.
    /// - Returns: how many went; below 0 with `errno` on failure.
    package static func send(_ descriptor: Int32, with bytes: [UInt8], on socket: Int32) -> Int {
        var control = Control()
        control.header.cmsg_len = Control.length
        control.header.cmsg_level = SOL_SOCKET
        control.header.cmsg_type = Int32(SCM_RIGHTS)
        control.descriptor = descriptor
        var bytes = bytes
        return bytes.withUnsafeMutableBytes { buffer in
            message(buffer, control: &control) { sendmsg(socket, $0, Int32(MSG_NOSIGNAL)) }
        }
    }

    /// Reads bytes from a stream socket, and the descriptor that came with them: closed on exec; nil where none came.
    /// - Returns: how many bytes, 0 at the end, below 0 with `errno` on failure.
    package static func receive(
        into buffer: UnsafeMutableRawBufferPointer, from socket: Int32
    ) -> (count: Int, descriptor: Int32?) {
        var control = Control()
        let count = message(buffer, control: &control) { recvmsg(socket, $0, Int32(MSG_CMSG_CLOEXEC)) }
        guard count > 0, control.header.cmsg_len == Control.length, control.header.cmsg_level == SOL_SOCKET,
            control.header.cmsg_type == Int32(SCM_RIGHTS), control.descriptor >= 0
        else { return (count, nil) }
        return (count, control.descriptor)
    }

    private static func message(
        _ buffer: UnsafeMutableRawBufferPointer, control: inout Control, call: (UnsafeMutablePointer<msghdr>) -> Int
    ) -> Int {
        var part = iovec(iov_base: buffer.baseAddress, iov_len: buffer.count)
        return withUnsafeMutablePointer(to: &part) { part in
            withUnsafeMutableBytes(of: &control) { control in
                var message = msghdr()
                message.msg_iov = part
                message.msg_iovlen = 1
                message.msg_control = control.baseAddress
                message.msg_controllen = control.count
                return call(&message)
            }
        }
    }
}
