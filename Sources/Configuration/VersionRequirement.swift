/// Which versions of a program are expected: `>= 7`, `>= 15, < 18`, or `15` for all that begin with 15.
package struct VersionRequirement: Sendable, Equatable {
    /// As the configuration writes it.
    package let text: String
    private let conditions: [Condition]

    fileprivate struct Condition: Sendable, Equatable {
        var comparison: Comparison
        var version: [Int]
    }

    fileprivate enum Comparison: String, CaseIterable {
        case atLeast = ">="
        case atMost = "<="
        case more = ">"
        case less = "<"
        /// Its first numbers are these.
        case begins = ""
    }

    /// Parses conditions with commas between them, all of which must hold; nil when the text has another form.
    package init?(_ text: String) {
        var conditions: [Condition] = []
        for part in text.split(separator: ",", omittingEmptySubsequences: false) {
            let part = part.drop { $0 == " " }
            guard let comparison = Comparison.allCases.first(where: { part.hasPrefix($0.rawValue) }) else { return nil }
            let number = part.dropFirst(comparison.rawValue.count).drop { $0 == " " }
            let trimmed = String(number.reversed().drop { $0 == " " }.reversed())
            guard let version = Self.numbers(trimmed), Self.written(version) == trimmed else { return nil }
            conditions.append(Condition(comparison: comparison, version: version))
        }
        self.text = text
        self.conditions = conditions
    }

    /// Whether a version, as the program itself writes it, is one of those; nil when no number stands at its start.
    package func accepts(_ version: String) -> Bool? {
        guard let numbers = Self.numbers(version) else { return nil }
        return conditions.allSatisfy { $0.holds(numbers) }
    }

    /// The numbers at the start of a version such as `v2.9.10` or `15.18 (Debian 15.18-0+deb12u1)`; nil without any.
    private static func numbers(_ version: String) -> [Int]? {
        let text = version.first == "v" ? version.dropFirst() : version[...]
        let digits = text.prefix { $0.isASCII && ($0.isNumber || $0 == ".") }
        var numbers: [Int] = []
        for part in digits.split(separator: ".") {
            guard let number = Int(part) else { return nil }
            numbers.append(number)
        }
        return numbers.isEmpty ? nil : numbers
    }

    private static func written(_ version: [Int]) -> String { version.map(String.init).joined(separator: ".") }
}

extension VersionRequirement.Condition {
    fileprivate func holds(_ numbers: [Int]) -> Bool {
        switch comparison {
        case .begins: numbers.starts(with: version)
        case .atLeast: !isLess(numbers, version)
        case .atMost: !isLess(version, numbers)
        case .more: isLess(version, numbers)
        case .less: isLess(numbers, version)
        }
    }

    /// A number that isn't there is zero.
    private func isLess(_ left: [Int], _ right: [Int]) -> Bool {
        for index in 0..<max(left.count, right.count) {
            let pair = (index < left.count ? left[index] : 0, index < right.count ? right[index] : 0)
            if pair.0 != pair.1 { return pair.0 < pair.1 }
        }
        return false
    }
}
