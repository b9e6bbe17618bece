extension Duration {
    /// A length of time written as in the configuration, such as `500ms`, `30s` or `2min`; nil when it isn't.
    package init?(configured text: String) {
        let nowhere = SourceLocation(path: "", line: 0, column: 0)
        guard let duration = try? Quantity.duration(text, at: nowhere, for: "duration") else { return nil }
        self = duration
    }
}
