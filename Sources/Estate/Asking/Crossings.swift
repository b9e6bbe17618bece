import Configuration
package import Essentials
import Hosts
package import SSH

extension HostShell {
    /// How many ways are tried at a time: each that waits costs a login, of which a server takes few at once.
    private static func lanes(_ count: Int) -> Int { min(4, (count + 3) / 4) }

    /// Tries ways from this host, some at a time; each gets its share of the time.
    func sights(_ crossings: [Crossing], until deadline: Deadline) async -> [Crossing: CrossingSight] {
        await withTaskGroup(of: [Crossing: CrossingSight].self) { group in
            let lanes = Self.lanes(crossings.count)
            for lane in 0..<lanes {
                let own = crossings.enumerated().filter { $0.offset % lanes == lane }.map(\.element)
                group.addTask { await self.sightsInTurn(own, until: deadline) }
            }
            var all: [Crossing: CrossingSight] = [:]
            for await sights in group { all.merge(sights) { $1 } }
            return all
        }
    }

    private func sightsInTurn(_ crossings: [Crossing], until deadline: Deadline) async -> [Crossing: CrossingSight] {
        var sights: [Crossing: CrossingSight] = [:]
        for (index, crossing) in crossings.enumerated() {
            let start = ContinuousClock.now
            let trouble = await trouble(on: crossing, until: deadline.share(of: crossings.count - index))
            sights[crossing] = CrossingSight(trouble: trouble, latency: start.duration(to: .now).seconds)
        }
        return sights
    }

    private func trouble(on crossing: Crossing, until deadline: Deadline) async -> Failure? {
        do throws(Failure) {
            let reach = try await reach(
                crossing.address.host, port: crossing.address.port, greeting: crossing.manner.greeting, until: deadline)
            return crossing.manner.trouble(reach)
        } catch {
            // The host let us in before: what gets neither a yes nor a no is what lies behind it.
            guard error.code == .timeout else { return error }
            return Failure(.timeout, "no answer in time", hint: "Does a firewall drop what the server sends?")
        }
    }
}

extension Crossing.Manner {
    /// What is said first; empty: the other side speaks first; nil: nothing is said or waited for.
    var greeting: [UInt8]? {
        switch self {
        case .connection: nil
        // An SSLRequest, which every postmaster answers with one letter before anybody logs in.
        case .postgres: [0, 0, 0, 8, 4, 0xD2, 0x16, 0x2F]
        case .redis: Array("PING\r\n".utf8)
        case .nats: []
        }
    }

    /// What speaks against a way by what came of it; nil: nothing.
    package func trouble(_ reach: Reach) -> Failure? {
        switch reach {
        case .failed(let words):
            Failure(.connection, "could not connect: nobody listens there, or there is no way", detail: words)
        case .forbidden(let words):
            Failure(
                .refused, "the server's sshd does not connect for us", detail: words,
                hint: "Allow it for the user there: AllowTcpForwarding, PermitOpen.")
        case .silent:
            self == .connection ? nil : Failure(.timeout, "takes the connection, but does not answer")
        case .answered(let bytes): trouble(answer: bytes)
        }
    }

    private func trouble(answer bytes: [UInt8]) -> Failure? {
        let words = String(
            decoding: bytes.prefix { $0 != UInt8(ascii: "\r") && $0 != UInt8(ascii: "\n") }, as: UTF8.self)
        func isOneOf(_ starts: [String]) -> Bool { starts.contains { words.hasPrefix($0) } }
        switch self {
        case .connection: return nil
        case .postgres where bytes.count == 1 && isOneOf(["S", "N"]): return nil
        // It answers, and wants to know who asks: what a pipeline says next.
        case .redis where isOneOf(["+PONG", "-NOAUTH", "-NOPERM"]): return nil
        case .redis where isOneOf(["-"]):
            return Failure(.server, "refuses: \(words.dropFirst())")
        case .nats where isOneOf(["INFO "]): return nil
        case .postgres: return Failure(.unexpectedAnswer, "what answers there is no PostgreSQL server")
        case .redis: return Failure(.unexpectedAnswer, "what answers there is no Redis server")
        case .nats: return Failure(.unexpectedAnswer, "what answers there is no NATS server")
        }
    }
}
