import Essentials

extension ServiceConfiguration {
    private static let kinds = ["systemd", "pg_ctlcluster", "pg_ctl", "container", "custom"]

    /// Reads the mapping under `service`, which has exactly one key.
    init(_ value: YAMLValue) throws(Failure) {
        let expected = "a mapping with one of \(quotedList(Self.kinds, conjunction: "or"))"
        let fields = try value.fields(expected, for: "service", known: Self.kinds)
        guard let entry = fields.all.first else { throw value.unexpected(expected, for: "service") }
        guard fields.all.count == 1 else {
            throw .configuration(
                at: fields.all[1].location, "a node has one service, found \(quotedList(fields.all.map(\.key)))")
        }
        switch entry.key {
        case "systemd": self = .systemd(unit: try Self.unit(entry.value))
        case "pg_ctlcluster": self = try Self.pgCtlCluster(entry.value)
        case "pg_ctl": self = .pgCtl(binDirectory: try entry.value.absolutePath(for: "pg_ctl"))
        case "container": self = try Self.container(entry.value)
        default: self = try Self.custom(entry.value)
        }
    }

    private static func unit(_ value: YAMLValue) throws(Failure) -> String {
        try word(value, "a unit such as postgresql@15-main", for: "systemd", punctuation: ":-_.\\@")
    }

    private static func pgCtlCluster(_ value: YAMLValue) throws(Failure) -> ServiceConfiguration {
        let expected = "a version and a cluster such as 15 main"
        let words = try value.text(expected, for: "pg_ctlcluster").split(separator: " ")
        guard words.count == 2, words[0].allSatisfy({ $0.isASCII && ($0.isNumber || $0 == ".") }),
            isWord(words[1], punctuation: "-_.")
        else { throw value.unexpected(expected, for: "pg_ctlcluster") }
        return .pgCtlCluster(version: String(words[0]), cluster: String(words[1]))
    }

    private static func container(_ value: YAMLValue) throws(Failure) -> ServiceConfiguration {
        let fields = try value.fields(
            "a mapping of \"runtime\" and \"name\"", for: "container", known: ["runtime", "name", "bin"])
        guard let runtimeValue = fields["runtime"], let nameValue = fields["name"] else {
            throw value.unexpected("both \"runtime\" and \"name\"", for: "container")
        }
        let binValue = fields["bin"]
        return .container(
            runtime: try runtimeValue.choice(for: "runtime"),
            name: try word(nameValue, "a container's name", for: "name", punctuation: "-_."),
            binDirectory: try binValue.map { value throws(Failure) in try value.absolutePath(for: "bin") })
    }

    private static func custom(_ value: YAMLValue) throws(Failure) -> ServiceConfiguration {
        let fields = try value.fields(
            "a mapping of commands", for: "custom", known: ["start", "stop", "restart", "status"])
        guard let start = fields["start"], let stop = fields["stop"] else {
            throw value.unexpected("both \"start\" and \"stop\"", for: "custom")
        }
        return .custom(
            start: try command(start, for: "start"), stop: try command(stop, for: "stop"),
            restart: try optionalCommand("restart", fields), status: try optionalCommand("status", fields))
    }

    private static func optionalCommand(_ key: String, _ fields: YAMLValue.Fields) throws(Failure) -> [String]? {
        guard let value = fields[key] else { return nil }
        return try command(value, for: key)
    }

    private static func command(_ value: YAMLValue, for key: String) throws(Failure) -> [String] {
        try value.command(for: key, example: "[systemctl, start, postgresql]")
    }

    private static func word(
        _ value: YAMLValue, _ expected: String, for key: String, punctuation: String
    ) throws(Failure) -> String {
        let text = try value.text(expected, for: key)
        guard isWord(text, punctuation: punctuation) else { throw value.unexpected(expected, for: key) }
        return text
    }

    /// Whether it is made of ASCII letters, digits and `punctuation` and can't be taken for an option.
    private static func isWord(_ text: some StringProtocol, punctuation: String) -> Bool {
        text.first != "-"
            && text.allSatisfy { ($0.isASCII && ($0.isLetter || $0.isNumber)) || punctuation.contains($0) }
    }
}

extension YAMLValue {
    /// A command as a list of words: it runs without a shell, so a single text has no meaning.
    func command(for key: String, example: String) throws(Failure) -> [String] {
        guard case .list(let list) = content, !list.isEmpty else {
            throw unexpected("a list of words such as \(example)", for: key)
        }
        var words: [String] = []
        for element in list {
            guard case .text(let word) = element.content, !(words.isEmpty && word.isEmpty) else {
                throw element.unexpected("a word of the command", for: key)
            }
            words.append(word)
        }
        return words
    }

    /// A command as a list of words, or as a text without any quoting that is split at its blanks.
    func commandOrText(for key: String, example: String) throws(Failure) -> [String] {
        guard case .text(let text) = content else { return try command(for: key, example: example) }
        let words = text.split(whereSeparator: \.isWhitespace).map(String.init)
        guard !words.isEmpty, !text.contains(where: { "'\"\\$`".contains($0) }) else {
            throw unexpected("words or a list of them such as \(example)", for: key)
        }
        return words
    }
}
