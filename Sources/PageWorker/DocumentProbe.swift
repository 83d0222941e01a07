import Glibc
import WorkerProtocol

/// What the renderer says of a PDF before any page is drawn.
struct DocumentProbe {
    struct Page {
        /// Points, as it is read (turned pages are turned).
        let wide: Double
        let tall: Double
        /// Whether it mixes CMYK: the renderer makes wrong greys of CMYK pictures and groups (the four inks are added
        /// up), and right colours.
        let isCMYK: Bool
    }

    let pages: [Page]

    /// The script that the renderer runs. It prints words and numbers only.
    private static let script = """
        var visits;
        function isCMYK(space) {
            if (!space) return false;
            if (space.isName()) return String(space) === "/DeviceCMYK";
            if (!space.isArray()) return false;
            switch (String(space[0])) {
            case "/ICCBased": return Number(space[1].N) === 4;
            case "/Indexed": return isCMYK(space[1]);
            case "/Separation": case "/DeviceN": return isCMYK(space[2]);
            }
            return false;
        }
        function mixesCMYK(holder, depth) {
            if (holder.Group && isCMYK(holder.Group.CS)) return true;
            var found = false;
            var objects = holder.Resources && holder.Resources.XObject;
            if (objects && depth < 8) objects.forEach(function (key, object) {
                if (found || ++visits > 500) return;
                var kind = String(object.Subtype);
                if (kind === "/Image") found = isCMYK(object.ColorSpace) || (!object.ColorSpace && !object.ImageMask);
                if (kind === "/Form") found = mixesCMYK(object, depth + 1);
            });
            return found || visits > 500;
        }
        var document = new Document("/proc/self/fd/0");
        if (document.needsPassword()) {
            print("password");
        } else {
            var pages = document.countPages();
            print("pages", pages);
            if (pages <= Number(scriptArgs[0])) {
                for (var i = 0; i < pages; ++i) {
                    var bounds = document.loadPage(i).bound();
                    visits = 0;
                    var mixes = true;
                    try { mixes = mixesCMYK(document.findPage(i), 0); } catch (error) { }
                    print("page", bounds[2] - bounds[0], bounds[3] - bounds[1], mixes ? "cmyk" : "grey");
                    if (i % 64 === 63) gc();
                }
            }
            print("end");
        }
        """

    /// Opens the document on `descriptor`, and closes it again.
    init(descriptor: Int32, job: PageJob) throws(PageFailure) {
        let process = try Self.run(Self.script, argument: "\(job.maximumPages)", descriptor: descriptor, job: job)
        var pages: [Page] = []
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
                guard words.count == 4, let wide = Double(words[1]), let tall = Double(words[2]) else {
                    throw PageFailure(
                        code: .broken, message: "Page \(pages.count + 1) has no size.", page: pages.count + 1)
                }
                pages.append(Page(wide: wide, tall: tall, isCMYK: words[3] == "cmyk"))
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
            throw process.renderer.failure(page: pages.isEmpty ? nil : pages.count + 1)
        }
        // A repaired document is complete only if its end is there.
        if process.renderer.says("repair"), !Self.hasEnd(DocumentBytes(descriptor: descriptor)) {
            throw PageFailure(code: .broken, message: "The document ends too early.")
        }
        self.pages = pages
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
            renderer.finish()
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
