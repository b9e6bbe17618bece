import Configuration
import Essentials

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

/// Asks a NATS server for its version, which it says by itself, and for a `PONG`.
func ask(nats probe: NATSProbe, until deadline: Deadline) async throws(Failure) -> NATSAnswer {
    var server = try await Conversation(with: probe.address, until: deadline)
    let greeting = try await server.line(until: deadline)
    guard greeting.hasPrefix("INFO "),
        let info = try? JSONDecoder().decode(Info.self, from: Data(greeting.dropFirst(5).utf8))
    else { throw Failure(.unexpectedAnswer, "what answers there is no NATS server") }
    guard info.tls_required != true else {
        throw Failure(.refused, "it requires TLS, which pgdr does not speak with NATS", hint: "Use kind tcp for it.")
    }
    let login = Login(
        user: probe.login.user, pass: try probe.login.password?.read(), auth_token: try probe.login.token?.read())
    guard let words = try? JSONEncoder().encode(login) else { throw Failure(.system, "could not write a login") }
    try await server.say(Array("CONNECT ".utf8) + words + Array("\r\nPING\r\n".utf8), until: deadline)
    while true {
        let line = try await server.line(until: deadline)
        if line == "PONG" { return NATSAnswer(version: info.version) }
        guard line.hasPrefix("-ERR") else { continue }
        let isLogin = line.lowercased().contains("authorization")
        throw Failure(
            isLogin ? .authentication : .server, "refuses:\(line.dropFirst(4).description.onOneLine)",
            hint: isLogin ? "Give the service \"token_file\", or \"user\" and \"password_file\"." : nil)
    }
}

/// What is read of a NATS server's greeting.
private struct Info: Decodable {
    var version: String
    var tls_required: Bool?
}

/// How a client introduces itself to a NATS server.
private struct Login: Encodable {
    var user: String?
    var pass: String?
    var auth_token: String?
    var verbose = false
    var pedantic = false
    var name = "pgdr"
    var lang = "swift"
    var version = "1"
    var `protocol` = 1
}
