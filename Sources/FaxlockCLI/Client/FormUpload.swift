import AsyncHTTPClient
import Glibc
import NIOCore

/// A fax as multipart/form-data, read from its file as it is sent.
struct FormUpload {
    private static let boundary = "faxlock-form-7d1f0c2a9b"

    private let descriptor: Int32
    private let size: Int
    private let fields: [(String, String)]

    /// - Throws: ``CommandFailure`` when the file cannot be read.
    init(path: String, fields: [(String, String)]) throws {
        descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else {
            throw CommandFailure(.refused, "\(path) cannot be read: \(String(cString: strerror(errno))).")
        }
        // A folder can be opened, and has no end to seek to.
        let end = lseek(descriptor, 0, SEEK_END)
        guard end >= 0, end < Int.max, lseek(descriptor, 0, SEEK_SET) == 0 else {
            close(descriptor)
            throw CommandFailure(.refused, "\(path) is not a file.")
        }
        size = end
        self.fields = fields
    }

    static var contentType: String { "multipart/form-data; boundary=\(boundary)" }

    /// The form; it can be sent once.
    func body() -> HTTPClientRequest.Body {
        var head = ""
        for (name, value) in fields {
            head += "--\(Self.boundary)\r\nContent-Disposition: form-data; name=\"\(name)\"\r\n\r\n\(value)\r\n"
        }
        // The file's own name stays here: it may hold a patient's.
        head += "--\(Self.boundary)\r\nContent-Disposition: form-data; name=\"file\"; filename=\"document\"\r\n\r\n"
        let tail = "\r\n--\(Self.boundary)--\r\n"
        let length = head.utf8.count + size + tail.utf8.count
        return .stream(
            FormChunks(head: Array(head.utf8), descriptor: descriptor, size: size, tail: Array(tail.utf8)),
            length: .known(Int64(length)))
    }
}

/// The bytes of a form, pulled as the connection takes them. Reading a regular file may block this process: it has nothing else to do.
private struct FormChunks: AsyncSequence, Sendable {
    let head: [UInt8]
    let descriptor: Int32
    let size: Int
    let tail: [UInt8]

    func makeAsyncIterator() -> Iterator { Iterator(form: self) }

    struct Iterator: AsyncIteratorProtocol {
        private static let chunkBytes = 256 << 10
        private enum Step { case head, file(left: Int), done }

        let form: FormChunks
        private var step = Step.head

        init(form: FormChunks) {
            self.form = form
        }

        mutating func next() async throws -> ByteBuffer? {
            switch step {
            case .head:
                step = .file(left: form.size)
                return ByteBuffer(bytes: form.head)
            case .file(0):
                step = .done
                close(form.descriptor)
                return ByteBuffer(bytes: form.tail)
            case .file(let left):
                var chunk = [UInt8](repeating: 0, count: Swift.min(left, Self.chunkBytes))
                let count = read(form.descriptor, &chunk, chunk.count)
                guard count > 0 else { throw CommandFailure(.refused, "The file changed while it was read.") }
                step = .file(left: left - count)
                return ByteBuffer(bytes: chunk.prefix(count))
            case .done:
                return nil
            }
        }
    }
}
