import Essentials

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

/// A result that goes to a file, whole or not at all.
enum OutputFile {
    /// Writes a text to a file; nil: to standard output.
    static func write(_ text: String, to path: String?) throws(Failure) {
        guard let path else { return Terminal.print(text.hasSuffix("\n") ? String(text.dropLast()) : text) }
        do { try Data(text.utf8).write(to: URL(filePath: path), options: .atomic) } catch {
            throw Failure(.system, "could not write \"\(path)\"", detail: "\(error)")
        }
        Terminal.note("Written to \(path).")
    }
}
