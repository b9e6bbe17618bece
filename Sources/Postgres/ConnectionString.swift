internal import CLibpq
public import Essentials

/// A connection string in any form libpq takes: keywords and values, a URI, several hosts, a service name.
///
/// Holding one doesn't reveal its secrets: every textual form of this type leaves `password` and `sslpassword` out.
public struct ConnectionString: Sendable, Equatable {
    private let text: String
    /// The settings that stand in the string itself, in libpq's order of keywords; secrets included.
    private let settings: [Setting]

    /// One libpq connection parameter.
    struct Setting: Sendable, Equatable {
        var keyword: String
        var value: String
    }

    /// Parses `text` with libpq; nothing is looked up and nobody is asked.
    /// - Throws: `Failure` with code `connection_string` when libpq doesn't take it. The failure never repeats the
    ///   text, which may hold a password.
    public init(_ text: String) throws(Failure) {
        var message: UnsafeMutablePointer<CChar>?
        guard let options = PQconninfoParse(text, &message) else {
            PQfreemem(message)
            throw Failure(
                .connectionString, "could not parse the connection string",
                hint: "Write it as \"host=... port=... dbname=... user=...\" or as postgresql://user@host:port/dbname;"
                    + " values with spaces need single quotes.")
        }
        defer { PQconninfoFree(options) }
        self.text = text
        self.settings = Setting.list(options)
        try refuseStrayPassword()
    }

    /// An unescaped "@" or "/" in a URI's password moves the password's rest into the host, port or database name, from
    /// where it would get into logs.
    private func refuseStrayPassword() throws(Failure) {
        let hint = "In a URI write \"@\" in a password as %40, \"/\" as %2F and \":\" as %3A."
        let isURI = text.hasPrefix("postgres://") || text.hasPrefix("postgresql://")
        let suspects = isURI && !text.contains("%40") ? ["host", "hostaddr", "dbname"] : ["host", "hostaddr"]
        // Elsewhere a host that begins with it is an abstract socket.
        let isStray = suspects.flatMap { (value(of: $0) ?? "").split(separator: ",") }.contains { part in
            (isURI ? part : part.dropFirst()).contains("@")
        }
        guard !isStray else {
            throw Failure(.connectionString, "the connection string has an \"@\" where none can be", hint: hint)
        }
        let ports = (value(of: "port") ?? "").split(separator: ",").map { $0.drop { $0 == " " } }
        guard ports.allSatisfy({ $0.allSatisfy(\.isNumber) && UInt16($0).map { $0 > 0 } ?? $0.isEmpty }) else {
            throw Failure(
                .connectionString, "the connection string has an invalid port",
                detail: "A port is a number from 1 to 65535.", hint: hint)
        }
    }

    /// Whether a password stands in the string itself, where anyone who reads the file sees it.
    public var containsPassword: Bool { settings.contains { Self.secrets.contains($0.keyword) } }

    /// The value of a keyword as it stands in the string, nil when it doesn't; secrets are never returned.
    public func value(of keyword: String) -> String? {
        guard !Self.secrets.contains(keyword) else { return nil }
        return settings.first { $0.keyword == keyword }?.value
    }

    /// The same connection to another server: host and port replaced, everything else kept.
    /// - Throws: `connection_string` when the host is not one libpq takes.
    public func replacing(host: String, port: Int?) throws(Failure) -> ConnectionString {
        var kept = settings.filter { !["host", "hostaddr", "port"].contains($0.keyword) }
        kept.append(Setting(keyword: "host", value: host))
        if let port { kept.append(Setting(keyword: "port", value: String(port))) }
        return try ConnectionString(kept.map { "\($0.keyword)=\(Self.quoted($0.value))" }.joined(separator: " "))
    }

    /// The same connection with the settings of `other` in place of its own, for example to log in as another role.
    ///
    /// A password belongs to its user: where `other` names another one, this string's password isn't offered for it.
    public func merging(_ other: ConnectionString) -> ConnectionString {
        let replaced = Set(other.settings.map(\.keyword))
        let isOtherUser = other.value(of: "user").map { $0 != value(of: "user") } ?? false
        let kept = settings.filter { setting in
            !replaced.contains(setting.keyword) && !(isOtherUser && setting.keyword == "password")
        }
        return ConnectionString(settings: kept + other.settings)
    }

    /// The same connection with one setting in place of its own.
    public func setting(_ keyword: String, to value: String) -> ConnectionString {
        ConnectionString(
            settings: settings.filter { $0.keyword != keyword } + [Setting(keyword: keyword, value: value)])
    }

    private init(settings: [Setting]) {
        self.settings = settings
        text = settings.map { "\($0.keyword)=\(Self.quoted($0.value))" }.joined(separator: " ")
    }

    /// Keywords of the settings that stand in the string itself, secrets among them, in libpq's order.
    public var keywords: [String] { settings.map(\.keyword) }

    private static let secrets: Set<String> = [
        "password", "sslpassword", "oauth_client_secret", "scram_client_key", "scram_server_key",
    ]

    /// All settings that a connection would use, after service file, environment and defaults: libpq's own answer.
    ///
    /// libpq has no function that expands a service and goes no further, so it is given a
    /// `target_session_attrs` that it refuses after having collected everything and before it looks up a name.
    /// - Throws: `connection_string` with libpq's own words (for example: no such service, more ports than hosts).
    func expanded() throws(Failure) -> [Setting] {
        let refused = "pgdr-expands-only"
        let connection = withParameters([("dbname", text), ("target_session_attrs", refused)]) {
            PQconnectStartParams($0, $1, 1)
        }
        guard let connection else { throw Failure(.system, "out of memory") }
        defer { PQfinish(connection) }
        let answer = String(cString: PQerrorMessage(connection))
        guard answer.contains(refused), let options = PQconninfo(connection) else {
            throw Failure(
                .connectionString, "could not use the connection string",
                detail: answer.trimmingNewlines, hint: "It reads: \(description)")
        }
        defer { PQconninfoFree(options) }
        var settings = Setting.list(options).filter { $0.keyword != "target_session_attrs" }
        // PGHOSTADDR in the environment would send every node's connection to one server.
        if value(of: "hostaddr") == nil, value(of: "service") == nil {
            settings.removeAll { $0.keyword == "hostaddr" }
        }
        // The string's own wish; one that comes only from a service file is not seen behind the refused value.
        if let wish = value(of: "target_session_attrs") {
            settings.append(Setting(keyword: "target_session_attrs", value: wish))
        }
        return settings
    }
}

extension ConnectionString.Setting {
    /// Copies libpq's array of options that have a value.
    static func list(_ options: UnsafeMutablePointer<PQconninfoOption>) -> [Self] {
        var settings: [Self] = []
        var option = options
        while let keyword = option.pointee.keyword {
            if let value = option.pointee.val {
                settings.append(Self(keyword: String(cString: keyword), value: String(cString: value)))
            }
            option += 1
        }
        return settings
    }
}

extension ConnectionString: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    /// The settings as `keyword=value`, without any secret.
    public var description: String {
        settings
            .filter { !Self.secrets.contains($0.keyword) }
            .map { "\($0.keyword)=\(Self.quoted($0.value))" }
            .joined(separator: " ")
    }

    /// The same as `description`.
    public var debugDescription: String { description }

    /// A mirror that shows only `description`, so that `dump` reveals nothing either.
    public var customMirror: Mirror { Mirror(self, children: ["description": description]) }

    /// A value as libpq's keyword/value form wants it.
    private static func quoted(_ value: String) -> String {
        // By scalars: a quote with a combining mark after it is one character to Swift, and still a quote to libpq.
        let scalars = value.unicodeScalars
        let plain = !value.isEmpty && !scalars.contains { $0 == "'" || $0 == "\\" || $0.properties.isWhitespace }
        if plain { return value }
        var quoted = "'".unicodeScalars
        for scalar in scalars {
            if scalar == "'" || scalar == "\\" { quoted.append("\\") }
            quoted.append(scalar)
        }
        quoted.append("'")
        return String(quoted)
    }
}

extension String {
    /// The string without the line breaks at its end, which libpq's messages have.
    var trimmingNewlines: String {
        var text = self[...]
        while let last = text.last, last.isNewline { text.removeLast() }
        return String(text)
    }
}
