/// The words `items` as a sentence lists them: `"a", "b" and "c"`.
package func quotedList(_ items: [String], conjunction: String = "and") -> String {
    let quoted = items.map { "\"\($0)\"" }
    guard let last = quoted.last, quoted.count > 1 else { return quoted.first ?? "" }
    return quoted.dropLast().joined(separator: ", ") + " \(conjunction) " + last
}

extension String {
    /// The text in double quotes after a space when it may be repeated in an error, else nothing.
    ///
    /// What stands in the wrong place may be a connection string with a password, so only what is short, on one line
    /// and looks like neither a URI nor a list of settings is repeated.
    package var echo: String { isHarmless ? " \"\(self)\"" : "" }

    private var isHarmless: Bool {
        utf8.count <= 63 && !contains("://") && !contains("@")
            && !contains { $0 == "=" || $0.isNewline }
            && unicodeScalars.allSatisfy { $0.value >= 0x20 && $0.value != 0x7F }
    }
}

/// Finds the name that was meant.
package enum NearestName {
    /// The one of `candidates` that `name` is a slip of the pen away from; nil when none is near enough.
    static func of(_ name: String, among candidates: [String]) -> String? {
        let wanted = folded(name)
        // A long text is no slip, and its distance would cost the product of both lengths.
        guard wanted.count <= 100 else { return nil }
        let tolerance = wanted.count < 3 ? 0 : wanted.count < 5 ? 1 : wanted.count < 9 ? 2 : 3
        var best: (name: String, distance: Int)?
        for candidate in candidates {
            let distance = distance(wanted, folded(candidate))
            if distance <= tolerance, distance < best?.distance ?? .max { best = (candidate, distance) }
        }
        return best?.name
    }

    /// The hint `Did you mean "…"?`, nil when nothing is near.
    package static func hint(for name: String, among candidates: [String]) -> String? {
        of(name, among: candidates).map { "Did you mean \"\($0)\"?" }
    }

    /// Case and the choice between `-` and `_` are no difference.
    private static func folded(_ name: String) -> [UInt8] {
        name.lowercased().utf8.map { $0 == UInt8(ascii: "-") ? UInt8(ascii: "_") : $0 }
    }

    /// Edits from one to the other: insertions, deletions, replacements and swaps of neighbours (Damerau's, the
    /// restricted form).
    private static func distance(_ left: [UInt8], _ right: [UInt8]) -> Int {
        var beforePrevious: [Int] = []
        var previous = Array(0...right.count)
        for row in 0..<left.count {
            var current = [row + 1]
            for column in 0..<right.count {
                let replacement = previous[column] + (left[row] == right[column] ? 0 : 1)
                var least = min(replacement, previous[column + 1] + 1, current[column] + 1)
                if row > 0, column > 0, left[row] == right[column - 1], left[row - 1] == right[column] {
                    least = min(least, beforePrevious[column - 1] + 1)
                }
                current.append(least)
            }
            beforePrevious = previous
            previous = current
        }
        return previous[right.count]
    }
}
