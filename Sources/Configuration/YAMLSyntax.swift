import Essentials
import Yams

/// Says in pgdr's words what Yams refuses; never repeats a line of the file, which may hold a password.
struct YAMLSyntax {
    let yaml: String
    let path: String

    /// The failure for one of Yams's errors.
    func failure(_ error: YamlError) -> Failure {
        switch error {
        case .composer(.some, _, let mark, _):
            // The only one that has a context.
            return .configuration(at: location(mark), "a second YAML document begins, where one is expected")
        case .scanner(let context, let problem, let mark, _),
            .parser(let context, let problem, let mark, _),
            .composer(let context, let problem, let mark, _):
            return .configuration(
                at: location(mark), "invalid YAML: \(problem)",
                detail: context.map { detail($0) },
                hint: hint(at: mark, problem: problem))
        case .reader(let problem, let offset, let value, _):
            // Yams gives no mark here, only how many characters lie before.
            let code = value >= 0 ? " (U+\(String(value, radix: 16, uppercase: true).leftPadded(to: 4)))" : ""
            return .configuration(at: location(after: offset ?? 0), "invalid YAML: \(problem)\(code)")
        case .duplicatedKeysInMapping(let keys, let context):
            return duplicate(key: keys.first ?? "", first: context.mark)
        default:
            return Failure(.configuration, "could not read \(path) as YAML")
        }
    }

    private func detail(_ context: YamlError.Context) -> String {
        let location = location(context.mark)
        return "\(context.text.firstUppercased), line \(location.line), column \(location.column)."
    }

    /// libyaml adds a line break to a file that ends without one; what is missing there is missing at the end.
    private func location(_ mark: Mark) -> SourceLocation {
        let lines = yaml.split(omittingEmptySubsequences: false, whereSeparator: \.isNewline)
        guard mark.line > lines.count, let last = lines.last else {
            return SourceLocation(path: path, line: mark.line, column: mark.column)
        }
        return SourceLocation(path: path, line: lines.count, column: last.unicodeScalars.count + 1)
    }

    private func location(after characters: Int) -> SourceLocation {
        var line = 1
        var column = 1
        for character in yaml.prefix(characters) {
            if character.isNewline {
                line += 1
                column = 1
            } else {
                column += character.unicodeScalars.count
            }
        }
        return SourceLocation(path: path, line: line, column: column)
    }

    private func hint(at mark: Mark, problem: String) -> String? {
        let line = self.line(mark.line)
        if line.dropFirst(mark.column - 1).first == "\t" { return "Indent with spaces, not with tabs." }
        if problem.contains("mapping values are not allowed") {
            return "Put values that hold \": \" in quotes, and indent the keys of one mapping alike."
        }
        return nil
    }

    private func line(_ number: Int) -> [Unicode.Scalar] {
        let lines = yaml.split(omittingEmptySubsequences: false, whereSeparator: \.isNewline)
        return lines.indices.contains(number - 1) ? Array(lines[number - 1].unicodeScalars) : []
    }

    /// Yams marks the first of two equal keys; the second is the one to look at, and in a block mapping it stands
    /// in the same column further down.
    private func duplicate(key: String, first: Mark) -> Failure {
        let second = secondLine(of: key, first: first)
        return .configuration(
            at: SourceLocation(path: path, line: second ?? first.line, column: first.column),
            "the key\(key.echo) appears twice",
            detail: second.map { _ in "The first one is in line \(first.line)." })
    }

    private func secondLine(of key: String, first: Mark) -> Int? {
        let spellings = [key, "'\(key)'", "\"\(key)\""].map { Array($0.unicodeScalars) }
        let lines = yaml.split(omittingEmptySubsequences: false, whereSeparator: \.isNewline)
        for (index, line) in lines.enumerated().dropFirst(first.line) {
            let scalars = Array(line.unicodeScalars)
            let indentation = scalars.prefix { $0 == " " }.count
            guard indentation < scalars.count, scalars[indentation] != "#" else { continue }
            guard indentation >= first.column - 1 else { return nil }
            guard indentation == first.column - 1 else { continue }
            let text = scalars.dropFirst(indentation)
            for spelling in spellings where text.starts(with: spelling) {
                if text.dropFirst(spelling.count).first(where: { $0 != " " }) == ":" { return index + 1 }
            }
        }
        return nil
    }
}

extension String {
    /// The text with its first letter in upper case, to begin a sentence.
    fileprivate var firstUppercased: String { prefix(1).uppercased() + dropFirst() }

    /// The text with zeros before it up to `width`.
    fileprivate func leftPadded(to width: Int) -> String {
        String(repeating: "0", count: max(0, width - count)) + self
    }
}
