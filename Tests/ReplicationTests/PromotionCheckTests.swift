import Replication
import Testing

@Suite struct PromotionCheckTests {
    static let complete = PromotionFacts(extensions: [], collations: [], mayPromote: false)

    /// Checks a node whose host lacks nothing and whose `pg_hba.conf` gives the same answer to every login.
    static func check(
        _ cluster: Cluster, _ node: String = "dr", facts: PromotionFacts? = complete,
        logins answer: ReplicationLogin.Answer? = .rule(
            place: "line 3 of pg_hba.conf", method: "scram-sha-256", certain: true)
    ) -> PromotionCheck {
        let snapshot = cluster.snapshot
        let logins = replicationLogins(to: node, in: snapshot).compactMap { login in answer.map { (login, $0) } }
        return checkPromotion(
            of: node, in: snapshot, cluster.report, facts: facts, logins: Dictionary(uniqueKeysWithValues: logins))
    }

    struct Row: Sendable, CustomTestStringConvertible {
        var code: String
        var severity: Severity
        var evidence: String
        var change: Change
        var testDescription: String { "\(code): \(change.testDescription)" }

        init(_ code: String, _ severity: Severity, _ evidence: String, _ change: Change) {
            (self.code, self.severity, self.evidence, self.change) = (code, severity, evidence, change)
        }
    }

    static let standing: [Row] = [
        Row("eligible", .critical, "priority 0", Change("priority 0") { $0.observe("dr") { $0.priority = 0 } }),
        Row("eligible", .critical, "kind backup", Change("for backups") { $0.observe("dr") { $0.kind = .backup } }),
        Row(
            "one_primary", .critical, "primary and replica both take writes",
            Change("two") { $0.promote("replica", to: 2) }),
        Row(
            "one_primary", .unknown, "prove that the old one is stopped",
            Change("silent, and nobody receives from it") {
                $0.silence("primary")
                for name in ["dr", "replica"] { $0.change(name) { $0.receiver = nil } }
            }),
        Row(
            "one_primary", .critical, "walreceivers are still connected to the primary: dr, replica",
            Change("silent here, and standbys receive from it") { $0.silence("primary") }),
        Row(
            "one_primary", .critical, "too_many_clients",
            Change("it refuses, so it lives") { $0.silence("primary", "too_many_clients", postmasterAlive: true) }),
        Row(
            "system_identifier", .critical, "1 against 7412345678901234567",
            Change("another system") { $0.change("dr") { $0.systemIdentifier = SystemIdentifier(rawValue: "1") } }),
        Row(
            "system_identifier", .unknown, "hidden", Change("hidden") { $0.change("dr") { $0.systemIdentifier = nil } }),
        Row(
            "history", .critical, "left at 1/F0000000",
            Change("diverged") {
                AncestryTests.onTen(&$0)
                AncestryTests.place(&$0, control: 1, received: 1, at: AncestryTests.fork + 1)
            }),
        Row(
            "history", .critical, "timeline 2",
            Change("ahead") { $0.change("dr") { $0.receiver?.receivedTimeline = Timeline(rawValue: 2) } }),
        Row(
            "history", .unknown, "could not be read",
            Change("no history") {
                $0.change("primary") { $0.timeline = Timeline(rawValue: 10) }
            }),
        Row("streaming", .critical, "not streaming", Change("stopped") { $0.disconnect("dr") }),
        Row("lossless", .critical, "not streaming", Change("stopped") { $0.disconnect("dr") }),
        Row("streaming", .critical, "follows primary, which is not the primary that counts", LagTests.stray),
        Row("lossless", .critical, "follows primary, which is not the primary that counts", LagTests.stray),
        Row(
            "lossless", .unknown, "how far it is behind is unknown",
            Change("another system") { $0.change("dr") { $0.systemIdentifier = SystemIdentifier(rawValue: "1") } }),
        Row("lossless", .unknown, "no primary", Change("no primary") { $0.silence("primary") }),
        Row(
            "replayed", .warning, "17.0 MB", Change("much to replay") { LagTests.delay(&$0, replayed: 17 << 20) }),
        Row(
            "replayed", .critical, "1.00 GB", Change("very much to replay") { LagTests.delay(&$0, replayed: 1 << 30) }),
        Row(
            "replay_runs", .warning, "paused; a promotion would end the pause and replay first what was received",
            Change("field case 70: paused") { $0.change("dr") { $0.replayPauseState = "paused" } }),
        Row(
            "replay_runs", .warning, "pause requested",
            Change("about to pause") { $0.change("dr") { $0.replayPauseState = "pause requested" } }),
        Row(
            "replay_runs", .critical, "end at recovery_target_lsn",
            Change("paused by a recovery target") {
                $0.change("dr") { own in
                    own.replayPauseState = "paused"
                    own.recoveryTarget = [.init(name: "recovery_target_lsn", setting: "0/1", file: nil)]
                }
            }),
        Row(
            "replay_runs", .critical, "not possible",
            Change("field case 32: paused by parameters") {
                $0.set("max_connections", "200", on: "primary")
                $0.change("dr") { $0.replayPauseState = "paused" }
            }),
        Row(
            "replay_runs", .critical, "1 h 0 min", FindingTests.setting("recovery_min_apply_delay", "3600000", on: "dr")
        ),
    ]

    static let role: [Row] = [
        Row("wal_level", .critical, "minimal", FindingTests.setting("wal_level", "minimal", on: "dr")),
        Row(
            "wal_senders", .warning, "max_wal_senders 2, 3 needed",
            FindingTests.setting("max_wal_senders", "2", on: "dr")),
        Row("wal_senders", .critical, "max_wal_senders 1", FindingTests.setting("max_wal_senders", "1", on: "dr")),
        Row("slots", .warning, "1 of 1 free, 2 wanted", FindingTests.setting("max_replication_slots", "1", on: "dr")),
        Row(
            "parameters", .warning, "max_worker_processes 8 against 16",
            FindingTests.setting("max_worker_processes", "16", on: "primary")),
        Row(
            "parameters", .warning, "\"\" against \"timescaledb\"",
            FindingTests.setting("shared_preload_libraries", "timescaledb", on: "primary")),
        Row("archive", .warning, "no longer be archived", FindingTests.setting("archive_mode", "off", on: "dr")),
        Row("archive", .warning, "commands differ", FindingTests.setting("archive_command", "cp", on: "dr")),
        Row(
            "synchronous", .critical, "none could confirm",
            FindingTests.setting("synchronous_standby_names", "dr", on: "dr")),
        Row("rewind", .warning, "wal_log_hints off", FindingTests.setting("wal_log_hints", "off", on: "dr")),
        Row(
            "logical_slots", .warning, "orders",
            Change("a logical slot") {
                $0.change("primary") { $0.slots.append(SlotRow(slotName: "orders", slotType: "logical", active: true)) }
            }),
    ]

    @Test("What speaks against a promotion is found, with its evidence", arguments: standing + role)
    func finds(row: Row) throws {
        let check = Self.check(row.change.cluster)
        let condition = try #require(check.conditions.first { $0.code == row.code })
        #expect(condition.severity == row.severity)
        #expect(condition.evidence.contains(row.evidence), "\(condition.evidence)")
    }

    @Test("A healthy standby meets every condition")
    func healthy() {
        let check = Self.check(.healthy)
        #expect(check.conditions.filter { $0.severity != .ok } == [])
        let elsewhere: Set = ["logins", "extensions", "collations", "may_promote"]
        #expect(Set(check.conditions.map(\.code)) == Set((Self.standing + Self.role).map(\.code)).union(elsewhere))
        #expect(check.text == "dr may be promoted; a switchover would lose nothing")
    }

    @Test(
        "The others' logins are judged by the first rule that fits (field case 121)",
        arguments: [
            (
                .noRule, .critical,
                "its pg_hba.conf has no replication rule for primary (role \"replicator\" from 10.0.0.1)"
            ),
            (
                .rule(place: "line 7 of pg_hba.conf", method: "reject", certain: true), .critical,
                "line 7 of pg_hba.conf rejects primary"
            ),
            (
                .rule(place: "line 7 of pg_hba.conf", method: "md5", certain: true), .ok,
                "line 7 of pg_hba.conf lets primary in by md5"
            ),
            (.rule(place: "line 7 of pg_hba.conf", method: "md5", certain: false), .unknown, "only a login can tell"),
            (nil, .unknown, "whether its pg_hba.conf lets primary in could not be told"),
        ] as [(ReplicationLogin.Answer?, Severity, String)])
    func logins(answer: ReplicationLogin.Answer?, severity: Severity, evidence: String) throws {
        let check = Self.check(.healthy, logins: answer)
        let condition = try #require(check.conditions.first { $0.code == "logins" })
        #expect(condition.severity == severity)
        #expect(condition.evidence.contains(evidence), "\(condition.evidence)")
    }

    @Test("Why it could not be asked is part of the evidence")
    func problem() throws {
        let check = checkPromotion(
            of: "dr", in: Cluster.healthy.snapshot, Cluster.healthy.report, problem: "the dog ate it")
        for code in ["host", "logins"] {
            let condition = try #require(check.conditions.first { $0.code == code })
            #expect(condition.evidence.hasSuffix(": the dog ate it"), "\(condition.evidence)")
        }
    }

    @Test("A host that could not be asked is not proven to have what the data need")
    func unasked() {
        #expect(Self.check(.healthy, facts: nil).conditions.filter { $0.severity == .unknown }.map(\.code) == ["host"])
    }

    @Test("A standby behind another one gets the last WAL only through that")
    func cascade() throws {
        let check = Self.check(LagTests.cascade.cluster, "replica")
        let lossless = try #require(check.conditions.first { $0.code == "lossless" })
        #expect(lossless.severity == .warning)
        #expect(lossless.evidence.hasSuffix("through dr"))
        let logins = try #require(
            Self.check(LagTests.cascade.cluster, logins: nil).conditions.first { $0.code == "logins" })
        // That replica streams from dr is proof.
        #expect(logins.evidence == "whether its pg_hba.conf lets primary in could not be told")
    }

    @Test("Behind another standby, too, it is the primary at the end that counts", arguments: ["dr", "replica"])
    func stray(node: String) throws {
        let conditions = Self.check(LagTests.strayCascade.cluster, node).conditions
        for code in ["streaming", "lossless"] {
            let condition = try #require(conditions.first { $0.code == code })
            #expect(condition.severity == .critical)
            #expect(condition.evidence == "follows primary, which is not the primary that counts")
        }
    }

    @Test("A standby of the primary that counts loses nothing, whoever else takes writes")
    func faithful() {
        let conditions = Self.check(LagTests.faithful.cluster).conditions
        #expect(conditions.filter { ["streaming", "lossless"].contains($0.code) }.map(\.severity) == [.ok, .ok])
    }

    @Test("Synchronous standbys that would be there, and slots that are synchronised, are no obstacle")
    func neighbours() {
        var cluster = Cluster.healthy
        cluster.set("synchronous_standby_names", "ANY 1 (dr, replica)", on: "dr")
        cluster.change("primary") { $0.slots.append(SlotRow(slotName: "orders", slotType: "logical", active: true)) }
        cluster.change("dr") { own in
            var slot = SlotRow(slotName: "orders", slotType: "logical", active: false)
            slot.synced = true
            own.slots = [slot]
        }
        #expect(Self.check(cluster).conditions.filter { $0.severity != .ok } == [])
    }

    @Test(
        "The answer in one sentence",
        arguments: [
            (
                Change("a refusal names the first reason") {
                    $0.disconnect("dr")
                    $0.observe("dr") { $0.priority = 0 }
                }, "dr must not be promoted now: meant to be promoted: kind dr, priority 0 (and 2 more)"
            ),
            (
                Change("what can't be proven is not allowed") {
                    $0.silence("primary")
                    for name in ["dr", "replica"] { $0.change(name) { $0.receiver = nil } }
                },
                "dr could not be proven safe to promote: one primary: no node that answered is primary; prove that the"
                    + " old one is stopped before promoting"
            ),
            (
                Change("what is worth a look is counted") { $0.set("wal_log_hints", "off", on: "dr") },
                "dr may be promoted; a switchover would lose nothing (1 to look at)"
            ),
            (
                Change("silent") { $0.silence("dr", "refused") },
                "dr must not be promoted now: answers: refused: no luck"
            ),
        ])
    func text(change: Change, expected: String) {
        #expect(Self.check(change.cluster).text == expected)
    }

    @Test("A primary needs no promotion, a stranger gets none")
    func others() {
        let primary = Self.check(.healthy, "primary")
        #expect(primary.isPrimary)
        #expect(primary.text == "primary is the primary already")
        #expect(Self.check(.healthy, "nobody").severity == .critical)
    }

    @Test("What the host lacks")
    func host() {
        let facts = PromotionFacts(
            extensions: [
                .init(name: "plpgsql", version: "1.0", available: true, versionAvailable: true),
                .init(name: "postgis", version: "3.4", available: true, versionAvailable: false),
                .init(name: "pgaudit", version: "1.7", available: false, versionAvailable: false),
            ], collations: [.init(name: "de_DE", recorded: "2.31", actual: "2.36")], mayPromote: false)
        let bad = Dictionary(uniqueKeysWithValues: Self.check(.healthy, facts: facts).conditions.map { ($0.code, $0) })
        #expect(bad["extensions"]?.severity == .critical)
        #expect(bad["extensions"]?.evidence == "missing: postgis 3.4, pgaudit 1.7")
        #expect(bad["collations"]?.severity == .critical)
        #expect(bad["collations"]?.evidence.contains("de_DE 2.31 against 2.36") == true)
        #expect(bad["may_promote"]?.evidence.contains("may not call pg_promote") == true)
    }
}
