import CProcess

/// Where libtiff finds the pages: both documents are descriptors, never files with a name.
enum LineDocuments {
    /// The TIFF to send: descriptor 0.
    static let toSend = "/proc/self/fd/0"

    /// A fresh memory file for received pages, as a path; nil if the kernel refuses. It stays open until the process
    /// ends.
    static func makeReceived() -> String? {
        let descriptor = cprocess_memory_file("received")
        return descriptor >= 0 ? "/proc/self/fd/\(descriptor)" : nil
    }
}
