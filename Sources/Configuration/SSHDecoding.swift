import Essentials

extension SSHAddress {
    /// Reads `[user@]host[:port]` or a mapping of the parts.
    init(_ value: YAMLValue) throws(Failure) {
        try self.init(value, for: "ssh", known: Self.own + ["jump", "become"])
        guard case .mapping = value.content else { return }
        let fields = try value.fields("a mapping", for: "ssh", known: Self.own + ["jump", "become"])
        if let value = fields["jump"] { jumps = try Self.jumps(value) }
        if let value = fields["become"] { become = try value.commandOrText(for: "become", example: "[sudo, -n]") }
    }

    private static let own = ["host", "user", "port", "identity_file", "known_hosts", "askpass"]

    /// One host or several, in the order in which they are passed.
    private static func jumps(_ value: YAMLValue) throws(Failure) -> [SSHAddress] {
        guard case .list(let list) = value.content else { return [try SSHAddress(value, for: "jump", known: own)] }
        guard !list.isEmpty else { throw value.unexpected("a host or a list of hosts", for: "jump") }
        var jumps: [SSHAddress] = []
        for element in list { jumps.append(try SSHAddress(element, for: "jump", known: own)) }
        return jumps
    }

    private init(_ value: YAMLValue, for key: String, known: [String]) throws(Failure) {
        if case .text(let text) = value.content {
            do throws(Flaw) {
                try self.init(parsing: text)
            } catch {
                throw Self.invalid(value.location, error)
            }
            return
        }
        let fields = try value.fields(
            "[user@]host[:port] or a mapping", for: key, known: known)
        guard let host = fields["host"] else { throw value.unexpected("a mapping with \"host\"", for: key) }
        self.init(host: try host.line("a host", for: "host"))
        if let value = fields["user"] { user = try value.line("a user", for: "user") }
        if let value = fields["identity_file"] { identityFile = try Self.path(value, for: "identity_file") }
        if let value = fields["known_hosts"] { knownHosts = try Self.path(value, for: "known_hosts") }
        if let value = fields["askpass"] { askpass = try value.command(for: "askpass", example: "[pass, show, ssh]") }
        do throws(Flaw) {
            try check()
        } catch {
            throw Self.invalid(value.location, error)
        }
        guard let value = fields["port"] else { return }
        do throws(Flaw) {
            port = try Self.port(value.scalar)
        } catch {
            throw Self.invalid(value.location, error)
        }
    }

    private static func invalid(_ location: SourceLocation, _ flaw: Flaw) -> Failure {
        .configuration(
            at: location, "invalid SSH address", detail: flaw.sentence,
            hint: "Write it as user@host, user@host:22 or user@[fd00::2]:22.")
    }

    private static func path(_ value: YAMLValue, for key: String) throws(Failure) -> String {
        let expected = "an absolute path or one that begins with ~/"
        let path = try value.line(expected, for: key)
        guard path.hasPrefix("/") || path.hasPrefix("~/") else { throw value.unexpected(expected, for: key) }
        return path
    }
}

extension YAMLValue {
    /// A scalar's text, empty for anything else.
    fileprivate var scalar: String {
        if case .text(let text) = content { text } else { "" }
    }
}
