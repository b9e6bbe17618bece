/// Tells from a file's text alone whether composing it could take for ever.
///
/// Yams hashes the keys of each mapping, and a key may be an alias that stands for a list of aliases that stand for
/// lists, and so on. Nothing bounds that work once it has begun, so what could do so isn't begun. Quotes and comments
/// are read like the rest, which can only make the estimate too high.
struct AliasExpansion {
    /// The most bytes that a file with unusual keys may stand for once its aliases are replaced.
    private static let limit: Double = 10_000_000

    private let bytes: [UInt8]

    /// Whether the text has what looks like an alias or a collection as key, and aliases that stand for too much.
    static func isUnbounded(_ text: String) -> Bool {
        let expansion = AliasExpansion(bytes: Array(text.utf8))
        return expansion.hasUnusualKey && expansion.size > limit
    }

    /// At most how many bytes the text has with each alias replaced by what it stands for.
    ///
    /// An anchored value has ended where its name is first used, so it holds at most what lies between; infinite when
    /// a name is given twice, because then it isn't known which of the two is meant.
    private var size: Double {
        var size = 0.0
        var starts: [ArraySlice<UInt8>: Double] = [:]
        var sizes: [ArraySlice<UInt8>: Double] = [:]
        for (index, byte) in bytes.enumerated() {
            size += 1
            guard byte == UInt8(ascii: "&") || byte == UInt8(ascii: "*") else { continue }
            let name = bytes[(index + 1)...].prefix(while: Self.isNameByte)
            guard !name.isEmpty else { continue }
            if byte == UInt8(ascii: "&") {
                if starts.updateValue(size, forKey: name) != nil { return .infinity }
            } else if let start = starts[name] {
                let held = sizes[name] ?? size - start
                sizes[name] = held
                size += held
            }
        }
        return size
    }

    /// Whether a `?` begins a key somewhere, or a `:` follows a bracket or an alias.
    private var hasUnusualKey: Bool {
        // The last byte that was no blank, and whether it ends an alias.
        var previous = UInt8(ascii: "\n")
        var isInAlias = false
        var followsAlias = false
        for (index, byte) in bytes.enumerated() {
            switch byte {
            case UInt8(ascii: " "), UInt8(ascii: "\t"):
                followsAlias = followsAlias || isInAlias
                isInAlias = false
                continue
            case UInt8(ascii: "?"):
                if index == 0 || !Self.isNameByte(bytes[index - 1]) || bytes[index - 1] == UInt8(ascii: "-") {
                    return true
                }
            case UInt8(ascii: ":"):
                if isInAlias || followsAlias { return true }
                if previous == UInt8(ascii: "]") || previous == UInt8(ascii: "}") { return true }
            default: break
            }
            isInAlias = byte == UInt8(ascii: "*") || (isInAlias && Self.isNameByte(byte))
            followsAlias = false
            previous = byte
        }
        return false
    }

    /// What libyaml takes into the name of an anchor.
    private static func isNameByte(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"), UInt8(ascii: "-"):
            true
        default: false
        }
    }
}
