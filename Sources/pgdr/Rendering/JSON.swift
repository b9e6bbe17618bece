#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

/// JSON as all commands print it: keys in alphabetical order, slashes as they are.
enum JSON {
    /// How a document is laid out.
    enum Layout {
        /// For people: indented.
        case indented
        /// For streams: one line a document.
        case oneLine
    }

    /// The document as text.
    static func text(_ document: some Encodable, _ layout: Layout = .indented) throws -> String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        if layout == .indented { encoder.outputFormatting.insert(.prettyPrinted) }
        return String(decoding: try encoder.encode(document), as: UTF8.self)
    }
}
