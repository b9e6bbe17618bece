package import Essentials

extension YAMLValue {
    /// A text on one line.
    func line(_ expected: String, for key: String) throws(Failure) -> String {
        let text = try text(expected, for: key)
        guard text.unicodeScalars.allSatisfy({ $0.properties.generalCategory != .control }) else {
            throw unexpected("\(expected) on one line", for: key)
        }
        return text
    }

    /// A path from the root; a relative one would depend on where a command happens to start.
    func absolutePath(for key: String) throws(Failure) -> String {
        let path = try line("an absolute path", for: key)
        guard path.first == "/" else { throw unexpected("an absolute path", for: key) }
        return path
    }

    /// Whether it is the word that switches a limit off.
    var isOff: Bool {
        if case .text(let text) = content { text.lowercased() == "off" } else { false }
    }

    /// One of the words that a type has for its cases.
    func choice<Choice: CaseIterable & RawRepresentable<String>>(for key: String) throws(Failure) -> Choice {
        let expected = quotedList(Choice.allCases.map(\.rawValue), conjunction: "or")
        guard let choice = Choice(rawValue: try text(expected, for: key)) else {
            throw unexpected(expected, for: key)
        }
        return choice
    }

    /// A number in decimal digits.
    func wholeNumber(in range: ClosedRange<Int>, for key: String) throws(Failure) -> Int {
        let expected = "a whole number from \(range.lowerBound) to \(range.upperBound)"
        let text = try text(expected, for: key)
        guard text.allSatisfy({ $0.isASCII && $0.isNumber }), let number = Int(text), range.contains(number) else {
            throw unexpected(expected, for: key)
        }
        return number
    }

    /// `true` or `false`.
    package func flag(for key: String) throws(Failure) -> Bool {
        let text = try text("true or false", for: key)
        guard ["true", "false"].contains(text) else { throw unexpected("true or false", for: key) }
        return text == "true"
    }

    /// A list's elements.
    package func elements(_ expected: String, for key: String) throws(Failure) -> [YAMLValue] {
        guard case .list(let list) = content else { throw unexpected(expected, for: key) }
        return list
    }
}
