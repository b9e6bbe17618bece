import Replication
import Testing

@Suite struct DiagnosisTextTests {
    /// Words that must stand in a finding: where two values of one type could be swapped, or where a field case asks.
    static func words() throws -> [(Finding, String)] {
        let one = try #require(SystemIdentifier(rawValue: "1"))
        let two = try #require(SystemIdentifier(rawValue: "2"))
        let difference = ParameterDifference(name: "max_connections", standby: 100, primary: 200)
        let target = RecoveryTargetSetting(name: "recovery_target_time", setting: "now", file: "/pg/auto.conf")
        let alive = NodeSilence(reason: "too_many_clients", detail: "full", postmasterAlive: true)
        let dead = NodeSilence(reason: "refused", detail: "no", postmasterAlive: false)
        let connected = [Receiver(standby: "dr", silentFor: 2), Receiver(standby: "replica", silentFor: nil)]
        return [
            (Finding(.critical, "dr", .systemIdentifierDiffers(own: one, primarys: two)), "identifier 1 against 2"),
            (Finding(.ok, "dr", .versionMismatch(own: "15.1", primarys: "15.2")), "PostgreSQL 15.1, the primary 15.2"),
            (
                Finding(.critical, "dr", .timelineAhead(own: Timeline(rawValue: 3), primarys: Timeline(rawValue: 2))),
                "timeline 3, the primary on 2"
            ),
            (Finding(.warning, "dr", .wrongUpstream(expected: "a", actual: "b")), "from \"b\" instead of \"a\""),
            (Finding(.critical, "dr", .slotMissing(slot: "s", upstream: "p")), "\"s\", which \"p\" lacks"),
            (
                Finding(.critical, "dr", .replayPausedByParameters([difference])),
                "max_connections 100 against the primary's 200"
            ),
            (
                Finding(.warning, "dr", .replayPausedByTarget(target)),
                "recovery_target_time = 'now' in /pg/auto.conf"
            ),
            (Finding(.warning, "dr", .lagBytes(17 << 20, limit: 16 << 20)), "17.0 MB behind"),
            (Finding(.warning, "dr", .lagBytes(17 << 20, limit: 16 << 20)), "limit is 16.0 MB"),
            (Finding(.warning, nil, .drillOverdue(.clone, age: 90_000, limit: 3600)), "clone drill was 1 d 1 h ago"),
            (Finding(.warning, nil, .drillOverdue(.clone, age: nil, limit: 3600)), "wanted every 1 h 0 min"),
            (Finding(.warning, nil, .drillsUnknown(reason: "It is away.")), "It is away."),
            (Finding(.critical, "p", .retainedWAL(slot: "s", bytes: 40 << 30, limit: 32 << 30)), "keeps 40.0 GB"),
            (Finding(.critical, "p", .synchronousCommitWaits(needed: 2, present: 1, waiting: 4)), "4 commits"),
            (
                Finding(.critical, "p", .synchronousCommitWaits(needed: 2, present: 1, waiting: 0)),
                "wants 2 to confirm, 1 of those it names stream"
            ),
            (Finding(.warning, "p", .tooFewWALSenders(setting: 2, needed: 3)), "is 2 on \"p\", 3 are needed"),
            (Finding(.warning, "p", .connectionsNearLimit(used: 78, limit: 97, percent: 80.4)), "78 of 97"),
            (
                Finding(.critical, "dr", .notStreaming(position: Cluster.position, behind: 3 << 30, receiver: nil)),
                "2/0, 3.00 GB behind the primary; its walreceiver is not running"
            ),
            (
                Finding(.critical, "p", .primaryUnreachable(alive, stillStreaming: [])),
                "Do not promote another node. End idle sessions there; from version 16 on reserved_connections"
            ),
            (
                Finding(.critical, "p", .primaryUnreachable(alive, stillStreaming: [])),
                "full. Its postmaster is alive: it answered with a refusal."
            ),
            (
                Finding(.critical, "p", .primaryUnreachable(dead, stillStreaming: connected)),
                "Do not promote another node. Start the server, or check its address and port."
            ),
            (
                Finding(.critical, "p", .primaryUnreachable(dead, stillStreaming: connected)),
                "still connected to it: dr (last message 2.0 s ago), replica. Unless its host has just vanished"
            ),
            (
                Finding(.critical, "p", .primaryUnreachable(dead, stillStreaming: [])),
                "check its address and port. Promote another node only when it is proven to be stopped."
            ),
            (Finding(.warning, "dr", .lagSeconds(40, limit: 30, source: .replayTimestamp)), "is at most 40.0 s behind"),
            (Finding(.warning, "dr", .lagSeconds(40, limit: 30, source: .lsnClock)), "is 40.0 s behind"),
            (Finding(.critical, "dr", .slotLost(slot: "s")), "Rebuild the standby"),
            (Finding(.warning, "dr", .clockOffset(seconds: -90, uncertainty: 0.01, limit: 2)), "1 min 30 s apart"),
            (Finding(.warning, "dr", .clockOffset(seconds: -90, uncertainty: 0.01, limit: 2)), "±10.0 ms"),
        ]
    }

    @Test(
        "What to do about a silent node depends on why it is silent",
        arguments: [
            ("refused", "Start the server"), ("unreachable", "the network"), ("connect_timeout", "try psql from its"),
            ("query_timeout", "overloaded"), ("tls_failed", "sslmode"), ("authentication_failed", "pg_hba.conf"),
            ("too_many_clients", "reserved_connections"), ("starting_up", "until it is consistent"),
            ("shutting_down", "who stopped it"), ("no_hot_standby", "Set hot_standby = on"),
            ("terminated", "an administrator ended the session"), ("not_postgres", "something else answers"),
            ("rejected", "Correct the connection string"), ("connection_string", "Correct the connection string"),
            ("statement_refused", "a member of pg_monitor"), ("name_not_found", "the resolver"),
            ("other", "Check the server, its host and the network."),
        ])
    func silences(reason: String, words: String) throws {
        let silence = NodeSilence(reason: reason, detail: "no", postmasterAlive: false)
        let hint = try #require(Finding(.critical, "dr", .nodeUnreachable(silence)).hint)
        #expect(hint.contains(words), "\(hint)")
        let primary = Finding(.critical, "p", .primaryUnreachable(silence, stillStreaming: []))
        #expect(primary.hint == "\(hint) Promote another node only when it is proven to be stopped.")
    }

    @Test("Each value stands where it belongs")
    func texts() throws {
        for (finding, words) in try Self.words() {
            let text = [finding.message, finding.detail, finding.hint].compactMap(\.self).joined(separator: "\n")
            #expect(text.contains(words), "\(text)")
        }
    }
}
