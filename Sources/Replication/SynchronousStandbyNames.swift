/// The setting `synchronous_standby_names`, parsed as PostgreSQL's `syncrep_gram.y` does.
public struct SynchronousStandbyNames: Sendable, Equatable {
    /// How the standbys that count are chosen.
    public enum Method: String, Sendable {
        /// The first ones listed.
        case first = "FIRST"
        /// Any of those listed (quorum).
        case any = "ANY"
    }

    /// How the standbys that count are chosen.
    public let method: Method
    /// How many standbys must confirm a commit.
    public let count: Int
    /// The names listed; `*` stands for every standby, quoted or not.
    public let names: [String]

    /// Parses the setting; nil when it is empty (nothing is synchronous) or not of PostgreSQL's form.
    public init?(_ setting: String) {
        guard let tokens = Self.tokens(setting), !tokens.isEmpty else { return nil }
        var rest = tokens[...]
        var method = Method.first
        var count = 1
        var parenthesised = false
        if rest.count > 2, case .word(let keyword, quoted: false) = rest[rest.startIndex],
            let chosen = Method(rawValue: keyword.uppercased()),
            case .word(let number, quoted: false) = rest[rest.startIndex + 1],
            let parsed = Int(number), rest[rest.startIndex + 2] == .open
        {
            (method, count, parenthesised) = (chosen, parsed, true)
            rest = rest.dropFirst(3)
        } else if rest.count > 1, case .word(let number, quoted: false) = rest[rest.startIndex],
            let parsed = Int(number), rest[rest.startIndex + 1] == .open
        {
            (count, parenthesised) = (parsed, true)
            rest = rest.dropFirst(2)
        }
        if parenthesised {
            guard rest.last == .close else { return nil }
            rest = rest.dropLast()
        }
        guard count > 0, let names = Self.list(rest) else { return nil }
        self.method = method
        self.count = count
        self.names = names
    }

    /// Whether a standby of that `application_name` may confirm commits; case makes no difference, in quoted names
    /// neither.
    public func includes(_ applicationName: String) -> Bool {
        names.contains { $0 == "*" || $0.lowercased() == applicationName.lowercased() }
    }

    private enum Token: Equatable {
        case word(String, quoted: Bool)
        case open
        case close
        case comma
    }

    private static func list(_ tokens: ArraySlice<Token>) -> [String]? {
        var names: [String] = []
        var expectsName = true
        for token in tokens {
            switch token {
            case .word(let name, let quoted) where expectsName:
                // The keywords are names only in quotes.
                guard quoted || Method(rawValue: name.uppercased()) == nil else { return nil }
                names.append(name)
            case .comma where !expectsName: break
            default: return nil
            }
            expectsName.toggle()
        }
        return expectsName ? nil : names
    }

    /// By scalars, as the server does by bytes: a quote with a combining mark after it is one character to Swift.
    private static func tokens(_ text: String) -> [Token]? {
        var tokens: [Token] = []
        var rest = text.unicodeScalars[...]
        while let scalar = rest.first {
            switch scalar {
            case _ where scalar.properties.isWhitespace: rest.removeFirst()
            case "(", ")", ",":
                tokens.append(scalar == "(" ? .open : scalar == ")" ? .close : .comma)
                rest.removeFirst()
            case "\"":
                guard let name = quotedName(&rest) else { return nil }
                tokens.append(.word(name, quoted: true))
            default:
                guard let word = word(rest) else { return nil }
                tokens.append(.word(String(word), quoted: false))
                rest = rest.dropFirst(word.count)
            }
        }
        return tokens
    }

    /// What stands unquoted at the start: `*`, a number or an identifier; nil for anything else.
    private static func word(_ rest: Substring.UnicodeScalarView) -> Substring.UnicodeScalarView? {
        guard let first = rest.first else { return nil }
        if first == "*" { return rest.prefix(1) }
        if isDigit(first) { return rest.prefix(while: isDigit) }
        guard isIdentifierStart(first) else { return nil }
        return rest.prefix { isIdentifierStart($0) || isDigit($0) || $0 == "$" }
    }

    private static func isDigit(_ scalar: Unicode.Scalar) -> Bool { ("0"..."9").contains(scalar) }

    private static func isIdentifierStart(_ scalar: Unicode.Scalar) -> Bool {
        ("a"..."z").contains(scalar) || ("A"..."Z").contains(scalar) || scalar == "_" || !scalar.isASCII
    }

    /// A name in double quotes, in which a doubled quote stands for one; nil when it isn't closed.
    private static func quotedName(_ rest: inout Substring.UnicodeScalarView) -> String? {
        rest.removeFirst()
        var name = String.UnicodeScalarView()
        while let scalar = rest.popFirst() {
            if scalar != "\"" {
                name.append(scalar)
            } else if rest.first == "\"" {
                name.append(scalar)
                rest.removeFirst()
            } else {
                return String(name)
            }
        }
        return nil
    }
}
