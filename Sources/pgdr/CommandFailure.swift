import Essentials

/// A failure on its way out of a command: how it is printed and what exit status it gives.
struct CommandFailure: Error {
    var failure: Failure
    var status: Int32
    var format: OutputFormat = .table

    /// Prints it where the reader of that format looks for it.
    func report() {
        switch format {
        case .json: Terminal.note((try? JSON.text(FailureDocument(failure: failure), .oneLine)) ?? "{}")
        // A monitor shows what a check prints on standard output, and that only.
        case .nagios: Terminal.print(NagiosOutput.text(failure))
        case .table, .openmetrics: Terminal.note(FailureText(failure: failure).text)
        }
    }
}

/// A failure for people, as PostgreSQL prints its own.
struct FailureText {
    var failure: Failure

    var text: String {
        // Many a message names its node already.
        let node = failure.node.map { "\"\($0)\"" }.flatMap { failure.message.contains($0) ? nil : "node \($0): " }
        let lines = [
            "pgdr: \(node ?? "")\(failure.message)",
            failure.detail.map { part("DETAIL", $0) },
            failure.hint.map { part("HINT", $0) },
        ]
        return lines.compactMap(\.self).joined(separator: "\n")
    }

    /// A part with the lines that follow its first one indented, so that they can't be taken for parts of their own.
    private func part(_ title: String, _ text: String) -> String {
        let lines = text.split(whereSeparator: \.isNewline).map { $0.drop { $0 == "\t" || $0 == " " } }
        return "\(title): " + lines.joined(separator: "\n    ")
    }
}

/// A failure as JSON.
struct FailureDocument: Encodable {
    var failure: Failure

    enum CodingKeys: String, CodingKey { case code, message, detail, hint, node }

    func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode(failure.code.rawValue, forKey: .code)
        try container.encode(failure.message, forKey: .message)
        try container.encode(failure.detail, forKey: .detail)
        try container.encode(failure.hint, forKey: .hint)
        try container.encode(failure.node, forKey: .node)
    }
}
