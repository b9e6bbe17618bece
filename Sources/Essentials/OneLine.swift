extension String {
    /// The text without line breaks and other control characters, at most 500 characters of it: words of servers and
    /// hosts are shown on terminals.
    package var onOneLine: String {
        let line = split(whereSeparator: \.isNewline).joined(separator: "; ")
        let visible = line.unicodeScalars.map { $0.properties.generalCategory == .control ? "\u{FFFD}" : $0 }
        let text = String(String.UnicodeScalarView(visible))
        return text.count > 500 ? "\(text.prefix(500))…" : text
    }
}
