package import Configuration
import Essentials
import Replication

extension EstateFinding {
    /// What the login to a server comes to.
    package init(login: Observation) {
        switch login.result {
        case .success: self = .pass("lets us in")
        case .failure(let failure): self.init(failure)
        }
    }

    /// What a service's answer comes to beside what is expected of it.
    /// - Parameter now: seconds since 1970-01-01 UTC.
    package init(_ probe: EstateProbe, _ observation: Observation, at now: Double) {
        let sight: Sight
        switch observation.result {
        case .success(let seen): sight = seen
        case .failure(let failure):
            self.init(failure)
            return
        }
        switch (probe, sight) {
        case (.tcp, .connected): self = .pass("takes connections")
        case (.http(let probe), .http(let answer)): self.init(probe, answer, at: now)
        case (.postgres(let probe), .postgres(let answer)): self.init(probe, answer)
        case (.redis(let probe), .redis(let answer)): self.init(probe, answer)
        case (.sentinel(let probe), .sentinel(let answer)): self.init(probe, answer)
        case (.nats(let probe), .nats(let answer)):
            self = Self.version(answer.version, probe.version) ?? .pass("version \(answer.version)")
        default: self = .unasked
        }
    }

    /// A part that gave no answer.
    init(_ failure: Failure) {
        let reason = [failure.message, failure.detail].compactMap(\.self).joined(separator: ": ")
        self = .fail(reason, hint: failure.hint)
    }

    private init(_ probe: HTTPProbe, _ answer: HTTPAnswer, at now: Double) {
        guard probe.status.contains(answer.status) else {
            let expected = probe.status.map(String.init).joined(separator: " or ")
            self = .fail("status \(answer.status), expected \(expected)")
            return
        }
        guard let end = answer.certificateEnd else {
            let isMissed = probe.certificateDays != nil
            self =
                isMissed
                ? .fail(
                    "status \(answer.status), but when the certificate ends is not known",
                    hint: "That takes curl 7.88 or later.", severity: .unknown)
                : .pass("status \(answer.status)")
            return
        }
        let days = Int(((end - now) / 86_400).rounded(.down))
        let words = "status \(answer.status), certificate valid for \(days) more day\(days == 1 ? "" : "s")"
        guard let least = probe.certificateDays, days < least else {
            self = .pass(words)
            return
        }
        // It still does its work.
        self = .fail("\(words), expected \(least)", hint: "Renew the certificate.", severity: .warning)
    }

    private init(_ probe: PostgresProbe, _ answer: PostgresAnswer) {
        let role: RecoveryState = answer.isStandby ? .standby : .primary
        let place = probe.addresses.count > 1 ? answer.arrivedAt.map { " at \($0.text)" } ?? "" : ""
        if let expected = probe.role, expected != role {
            self = .fail(
                "arrives at a \(role.rawValue)\(place), expected a \(expected.rawValue)",
                hint: expected == .primary
                    ? "Lead its clients to the new primary: target_session_attrs=read-write, or the pooler's route."
                    : nil)
            return
        }
        if probe.role == .primary, answer.isReadOnly {
            self = .fail(
                "arrives at the primary\(place), but its transactions are read only",
                hint: "Look at default_transaction_read_only of the server, the database and the role.")
            return
        }
        self =
            Self.version(answer.version, probe.version)
            ?? .pass("arrives at a \(role.rawValue)\(place), version \(answer.version)")
    }

    private init(_ probe: RedisProbe, _ answer: RedisAnswer) {
        let words: String
        switch answer.role {
        case .master: words = "master"
        case .replica(let master, _): words = "replica of \(master)"
        case nil: words = "answers"
        }
        if let expected = probe.role {
            switch (expected, answer.role) {
            case (.master, .master), (.replica, .replica): break
            case (_, nil):
                self = .fail("does not tell its role", hint: "The user must be allowed the command ROLE.")
                return
            default:
                self = .fail("is a \(words), expected a \(expected.rawValue)")
                return
            }
        }
        if probe.role == .replica, case .replica(let master, let link) = answer.role, link != "connected" {
            self = .fail("replica of \(master), but its link to it is \"\(link)\"")
            return
        }
        self =
            Self.version(answer.version, probe.version)
            ?? .pass([words, answer.version.map { "version \($0)" }].compactMap(\.self).joined(separator: ", "))
    }

    private init(_ probe: SentinelProbe, _ answer: SentinelAnswer) {
        guard let master = answer.master else {
            self = .fail("watches no master \"\(probe.master)\"")
            return
        }
        if let expected = probe.names, expected != master {
            self = .fail("names \(master.text) as master, expected \(expected.text)")
            return
        }
        if let trouble = answer.quorumTrouble {
            self = .fail("names \(master.text) as master, but could not replace it: \(trouble)")
            return
        }
        self =
            Self.version(answer.version, probe.version) ?? .pass("names \(master.text) as master, has its quorum")
    }

    /// What speaks against a version; nil: nothing.
    private static func version(_ version: String?, _ expected: VersionRequirement?) -> EstateFinding? {
        guard let expected else { return nil }
        guard let version, let isAccepted = expected.accepts(version) else { return .fail("does not tell its version") }
        return isAccepted ? nil : .fail("version \(version), expected \(expected.text)")
    }

    /// What the ways from a server to a service come to, and how long the one that counts took, in seconds.
    ///
    /// Where the service has several addresses, the one counts at which its clients arrive; any, where that isn't known.
    /// A service that answers otherwise than expected fails its pipelines; one that gives this machine no answer may
    /// still answer that server.
    /// - Parameters:
    ///   - login: the login to the server.
    ///   - ways: what came of the ways that were tried from there.
    ///   - service: what was seen of the service itself.
    ///   - now: seconds since 1970-01-01 UTC.
    package static func crossing(
        from server: String, to target: EstateService, login: Observation?, ways: [Crossing: CrossingSight],
        service: Observation?, at now: Double
    ) -> (EstateFinding, latency: Double?) {
        guard let login else { return (.unasked, nil) }
        if case .failure(let failure) = login.result {
            let finding = EstateFinding(failure)
            return (.fail("server \"\(server)\": \(finding.reason)", hint: finding.hint), nil)
        }
        var addresses = target.probe.addresses
        if case .success(.postgres(let answer)) = service?.result, let place = answer.arrivedAt,
            addresses.contains(place)
        {
            addresses = [place]
        }
        let manner = Crossing.Manner(target.kind)
        let tried = addresses.compactMap { address in ways[Crossing(address, manner)].map { (address, $0) } }
        if let (address, sight) = tried.first(where: { $0.1.trouble == nil }) {
            if let service, case .success = service.result {
                let own = EstateFinding(target.probe, service, at: now)
                if own.outcome == .fail, own.severity == .critical {
                    let words = "\(server) reaches \(address.text), but it is not as expected: \(own.reason)"
                    return (.fail(words, hint: own.hint), sight.latency)
                }
            }
            let words = manner == .connection ? "connects to" : "is answered by"
            return (.pass("\(server) \(words) \(address.text)"), sight.latency)
        }
        guard let (address, sight) = tried.first, let trouble = sight.trouble else { return (.unasked, nil) }
        let finding = EstateFinding(trouble)
        return (.fail("from \(server) to \(address.text): \(finding.reason)", hint: finding.hint), nil)
    }
}
