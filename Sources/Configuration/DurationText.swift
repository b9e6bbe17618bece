extension Duration {
    /// A length of time written as in the configuration, such as `500ms`, `30s` or `2min`; nil when it isn't.
    package init?(configured text: String) {
        let nowhere = SourceLocation(path: "", line: 0, column: 0)
        guard let duration = try? Quantity.duration(text, at: nowhere, for: "duration") else { return nil }
        self = duration
    }
}

extension UInt64 {
    /// A size in bytes written as in the configuration, such as `16MB`; nil when it isn't.
    package init?(configuredBytes text: String) {
        let nowhere = SourceLocation(path: "", line: 0, column: 0)
        let value = YAMLValue(content: .text(text), location: nowhere)
        guard let bytes = try? Quantity.bytes(value, for: "size") else { return nil }
        self = bytes
    }
}
