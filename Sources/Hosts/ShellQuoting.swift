/// Words in and out of the text of a POSIX shell, for the few places where a program keeps or takes such a text.
enum ShellQuoting {
    /// The word so that a shell takes it as it is.
    static func quoted(_ word: String) -> String {
        // By scalars: a quote with a combining mark after it is one character to Swift, and still a quote to a shell.
        let parts = word.unicodeScalars.split(separator: "'", omittingEmptySubsequences: false).map(String.init)
        return "'" + parts.joined(separator: "'\\''") + "'"
    }

    /// The words of a `postmaster.opts`, in which PostgreSQL writes the program bare and each argument in double quotes
    /// without escaping anything; empty when it has another form.
    static func postmasterOptions(_ text: String) -> [String] {
        let line = text.prefix { $0 != "\n" }
        guard let end = line.firstIndex(of: "\"") else {
            let program = line.trimmingSpaces
            return program.isEmpty ? [] : [program]
        }
        let program = line[..<end].trimmingSpaces
        guard !program.isEmpty, line.last == "\"", line[end...].count >= 2 else { return [] }
        let words = String(line[end...].dropFirst().dropLast()).split(
            separator: "\" \"", omittingEmptySubsequences: false)
        return [program] + words.map(String.init)
    }
}

extension StringProtocol {
    /// The text without spaces at its ends.
    var trimmingSpaces: String {
        String(drop { $0 == " " }.reversed().drop { $0 == " " }.reversed())
    }
}
