/// Writes events as the log's lines: one JSON object, the keys in the order of the contract, those of the details in
/// the order of their bytes, no space, no newline.
///
/// Written here rather than by an encoder, because the chain is made over these bytes.
struct EventLine {
    /// No line is longer: what reads the log needs no more memory than this.
    static let greatestLength = 16 << 20

    var actor: String
    var host: String

    /// Adds the line, without its newline.
    func append(_ entry: AuditEntry, seq: UInt64, at: String, prev: LineHash, to bytes: inout [UInt8]) {
        bytes.append(ascii: "{\"seq\":\(seq),\"at\":\"")
        bytes.append(ascii: at)
        bytes.append(ascii: "\",\"actor\":")
        bytes.append(json: actor)
        bytes.append(ascii: ",\"host\":")
        bytes.append(json: host)
        bytes.append(ascii: ",\"cluster\":")
        bytes.append(json: entry.cluster)
        bytes.append(ascii: ",\"run\":")
        bytes.append(json: entry.run)
        bytes.append(ascii: ",\"event\":")
        bytes.append(json: entry.event)
        bytes.append(ascii: ",\"node\":")
        bytes.append(json: entry.node)
        bytes.append(ascii: ",\"details\":")
        bytes.append(json: entry.details)
        bytes.append(ascii: ",\"prev\":\"")
        prev.append(to: &bytes)
        bytes.append(ascii: "\"}")
    }
}

extension AuditValue {
    /// The value as JSON, in one line, keys sorted.
    package var json: String {
        var bytes: [UInt8] = []
        bytes.append(json: self)
        return String(decoding: bytes, as: UTF8.self)
    }
}

extension [UInt8] {
    fileprivate mutating func append(ascii text: String) { append(contentsOf: text.utf8) }

    mutating func append(json text: String?) {
        guard var text else { return append(ascii: "null") }
        append(UInt8(ascii: "\""))
        text.withUTF8 { bytes in
            var start = 0
            for index in bytes.indices where Self.isEscaped(bytes[index]) {
                append(contentsOf: bytes[start..<index])
                append(escaped: bytes[index])
                start = index + 1
            }
            append(contentsOf: bytes[start...])
        }
        append(UInt8(ascii: "\""))
    }

    private static func isEscaped(_ byte: UInt8) -> Bool {
        byte < 0x20 || byte == 0x7F || byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "\\")
    }

    private mutating func append(escaped byte: UInt8) {
        switch byte {
        case UInt8(ascii: "\""): append(ascii: "\\\"")
        case UInt8(ascii: "\\"): append(ascii: "\\\\")
        case UInt8(ascii: "\n"): append(ascii: "\\n")
        case UInt8(ascii: "\r"): append(ascii: "\\r")
        case UInt8(ascii: "\t"): append(ascii: "\\t")
        default:
            append(ascii: byte < 0x10 ? "\\u000" : "\\u00")
            append(ascii: String(byte, radix: 16))
        }
    }

    fileprivate mutating func append(json value: AuditValue) {
        switch value {
        case .null: append(ascii: "null")
        case .bool(let value): append(ascii: value ? "true" : "false")
        case .integer(let value): append(ascii: "\(value)")
        // JSON has no infinity and nothing that is no number.
        case .number(let value): append(ascii: value.isFinite ? "\(value)" : "null")
        case .text(let value): append(json: value)
        case .list(let values):
            append(UInt8(ascii: "["))
            for (index, value) in values.enumerated() {
                if index > 0 { append(UInt8(ascii: ",")) }
                append(json: value)
            }
            append(UInt8(ascii: "]"))
        case .object(let values):
            append(UInt8(ascii: "{"))
            let sorted = values.sorted { $0.key.utf8.lexicographicallyPrecedes($1.key.utf8) }
            for (index, entry) in sorted.enumerated() {
                if index > 0 { append(UInt8(ascii: ",")) }
                append(json: entry.key)
                append(UInt8(ascii: ":"))
                append(json: entry.value)
            }
            append(UInt8(ascii: "}"))
        }
    }
}
