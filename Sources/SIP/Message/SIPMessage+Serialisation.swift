extension SIPMessage {
    /// The message on the wire. Content-Length is written from the body; control characters in the start line are
    /// replaced, so that data can never become syntax.
    package var bytes: [UInt8] {
        let startLine: String
        let body: [UInt8]
        switch self {
        case .request(let request):
            let uri = String(decoding: request.uri.text.utf8.filter { $0 > 0x20 && $0 != 0x7F }, as: UTF8.self)
            startLine = "\(request.method.rawValue) \(uri) SIP/2.0"
            body = request.body
        case .response(let response):
            startLine = "SIP/2.0 \(response.status) \(response.reason.withoutControls)"
            body = response.body
        }
        var text = startLine + "\r\n"
        for field in headers.fields where !field.name.equalsIgnoringCase("Content-Length") {
            text += "\(field.name): \(field.value)\r\n"
        }
        text += "Content-Length: \(body.count)\r\n\r\n"
        return Array(text.utf8) + body
    }
}
