import Glibc
import WorkerProtocol

/// What the renderer says of a PDF before any page is drawn.
struct DocumentProbe {
    /// Width and height of each page, in points, as it is read (turned pages are turned).
    let sizes: [(wide: Double, tall: Double)]

    /// The script that the renderer runs. It prints words and numbers only.
    private static let script = """
        var document = new Document("/proc/self/fd/0");
        if (document.needsPassword()) {
            print("password");
        } else {
            var pages = document.countPages();
            print("pages", pages);
            if (pages <= Number(scriptArgs[0])) {
                for (var i = 0; i < pages; ++i) {
                    var bounds = document.loadPage(i).bound();
                    print("page", bounds[2] - bounds[0], bounds[3] - bounds[1]);
                    if (i % 64 === 63) gc();
                }
            }
            print("end");
        }
        """

    /// Opens the document on `descriptor`, and closes it again.
    init(descriptor: Int32, job: PageJob) throws(PageFailure) {
        let process = try Self.run(Self.script, argument: "\(job.maximumPages)", descriptor: descriptor, job: job)
        var sizes: [(Double, Double)] = []
        var isComplete = false
        for line in process.lines {
            let words = line.split(separator: " ")
            switch words.first {
            case "password":
                throw PageFailure(code: .encrypted, message: "The document can be opened only with a password.")
            case "pages":
                guard let count = words.last.flatMap({ Int($0) }), count > 0 else {
                    throw PageFailure(code: .empty, message: "The document has no pages.")
                }
                guard count <= job.maximumPages else {
                    throw PageFailure(
                        code: .tooManyPages,
                        message: "The document has \(count) pages; \(job.maximumPages) are allowed.")
                }
            case "page":
                guard words.count == 3, let wide = Double(words[1]), let tall = Double(words[2]) else {
                    throw PageFailure(
                        code: .broken, message: "Page \(sizes.count + 1) has no size.", page: sizes.count + 1)
                }
                sizes.append((wide, tall))
            case "end":
                isComplete = true
            default:
                break
            }
        }
        guard isComplete else {
            if process.renderer.says("encryption") || process.renderer.says("crypt")
                || process.renderer.says("password")
            {
                throw PageFailure(
                    code: .encrypted, message: "The document is encrypted in a way that cannot be opened.")
            }
            throw process.renderer.failure(page: sizes.isEmpty ? nil : sizes.count + 1)
        }
        // A repaired document is complete only if its end is there.
        if process.renderer.says("repair"), !Self.hasEnd(DocumentBytes(descriptor: descriptor)) {
            throw PageFailure(code: .broken, message: "The document ends too early.")
        }
        self.sizes = sizes
    }

    /// Whether a page that has come out all white, not without complaints of the renderer, is just that: a page without
    /// pictures that is run without an error.
    static func isBlank(page: Int, descriptor: Int32, job: PageJob) throws(PageFailure) -> Bool {
        let script = """
            var pictures = 0;
            function count() { ++pictures; }
            var device = { fillImage: count, fillImageMask: count, clipImageMask: count };
            new Document("/proc/self/fd/0").loadPage(Number(scriptArgs[0]) - 1).run(device, [1, 0, 0, 1, 0, 0]);
            print("pictures", pictures);
            """
        let found = try run(script, argument: "\(page)", descriptor: descriptor, job: job)
        return found.lines == ["pictures 0"] && !found.renderer.says("error:")
    }

    private static func run(
        _ script: String, argument: String, descriptor: Int32, job: PageJob
    ) throws(PageFailure) -> (lines: [Substring], renderer: RendererProcess) {
        guard let file = MemoryFile.make(Array(script.utf8)) else {
            throw PageFailure(code: .renderer, message: "No memory file could be made.")
        }
        defer { close(file) }
        let renderer = try RendererProcess(
            arguments: ["run", "/proc/self/fd/3", argument], input: descriptor, script: file,
            secondsPerPage: job.secondsPerPage)
        do {
            let output = try renderer.readAll(limit: 1 << 20)
            renderer.end(killing: false)
            return (String(decoding: output, as: UTF8.self).split(separator: "\n"), renderer)
        } catch {
            throw PageFailure(code: .tooComplex, message: "The document took too much time to open.")
        }
    }

    private static func hasEnd(_ document: DocumentBytes) -> Bool {
        let tail = document.read(at: max(0, document.count - 2048), length: 2048)
        return String(decoding: tail, as: UTF8.self).contains("%%EOF")
    }
}
