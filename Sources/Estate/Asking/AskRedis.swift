import Configuration
import Essentials

/// Asks a Redis server for a sign of life, its role and its version.
func ask(redis probe: RedisProbe, until deadline: Deadline) async throws(Failure) -> RedisAnswer {
    var server = try await Conversation(with: probe.address, until: deadline)
    try await server.logIn(probe.login, until: deadline)
    guard try await server.ask(["PING"], until: deadline).text == "PONG" else { throw .noRedis }
    // Who may not ask that is told nothing.
    let role = try await server.answer(["ROLE"], until: deadline)
    return RedisAnswer(role: RedisAnswer.Role(role), version: try await server.version(until: deadline))
}

/// Asks a Redis Sentinel which address a master has, and whether it could replace it.
func ask(sentinel probe: SentinelProbe, until deadline: Deadline) async throws(Failure) -> SentinelAnswer {
    var server = try await Conversation(with: probe.address, until: deadline)
    try await server.logIn(probe.login, until: deadline)
    let master = try await server.ask(["SENTINEL", "GET-MASTER-ADDR-BY-NAME", probe.master], until: deadline)
    guard case .list(let parts) = master, parts.count == 2, let host = parts[0].text,
        let port = parts[1].text.flatMap({ Int($0) })
    else { return SentinelAnswer(master: nil) }
    let quorum = try await server.answer(["SENTINEL", "CKQUORUM", probe.master], until: deadline)
    var trouble: String?
    if case .error(let words) = quorum { trouble = words.onOneLine }
    return SentinelAnswer(
        master: ServerAddress(host: host, port: port), quorumTrouble: trouble,
        version: try await server.version(until: deadline))
}

extension RedisAnswer.Role {
    /// The role in the answer to `ROLE`; nil when it is none.
    package init?(_ value: RESPValue) {
        guard case .list(let parts) = value, let word = parts.first?.text else { return nil }
        switch word {
        case "master": self = .master
        case "slave" where parts.count >= 4:
            let master = ServerAddress(host: parts[1].text ?? "?", port: parts[2].text.flatMap { Int($0) } ?? 0)
            self = .replica(of: master.text, link: parts[3].text ?? "?")
        default: return nil
        }
    }
}

extension Conversation {
    /// Logs in where there is a password.
    fileprivate mutating func logIn(_ login: ServiceLogin, until deadline: Deadline) async throws(Failure) {
        guard let password = try login.password?.read() else { return }
        let answer = try await answer(["AUTH"] + [login.user].compactMap(\.self) + [password], until: deadline)
        // Who doesn't know the command repeats its words: only the first one of the answer holds no secret.
        if case .error(let error) = answer { throw .refusal(String(error.prefix { $0 != " " })) }
    }

    /// Sends a command and takes its answer, which may be an error.
    fileprivate mutating func answer(_ words: [String], until deadline: Deadline) async throws(Failure) -> RESPValue {
        try await say(RESPValue.command(words), until: deadline)
        while true {
            let parsed: (RESPValue, length: Int)?
            do throws(RESPValue.Flaw) { parsed = try RESPValue.parse(received[...]) } catch { throw .noRedis }
            if let (value, length) = parsed {
                drop(length)
                return value
            }
            try await receive(until: deadline)
        }
    }

    /// Sends a command and takes its answer.
    fileprivate mutating func ask(_ words: [String], until deadline: Deadline) async throws(Failure) -> RESPValue {
        let value = try await answer(words, until: deadline)
        guard case .error(let error) = value else { return value }
        throw .refusal(error)
    }

    /// The server's version; nil where it doesn't tell.
    fileprivate mutating func version(until deadline: Deadline) async throws(Failure) -> String? {
        guard let info = try await answer(["INFO", "server"], until: deadline).text else { return nil }
        let key = "redis_version:"
        return info.split(whereSeparator: \.isNewline).first { $0.hasPrefix(key) }.map {
            String($0.dropFirst(key.count))
        }
    }
}

extension Failure {
    fileprivate static let noRedis = Failure(.unexpectedAnswer, "what answers there is no Redis server")

    fileprivate static func refusal(_ words: String) -> Failure {
        let needsPassword = ["NOAUTH", "WRONGPASS", "NOPERM"].contains { words.hasPrefix($0) }
        return Failure(
            needsPassword ? .authentication : .server, "refuses: \(words.onOneLine)",
            hint: needsPassword ? "Give the service \"password_file\", and \"user\" where it has users." : nil)
    }
}
