import Audit
import Configuration
import Essentials
import Failover
import Lab
import Observation
import Postgres
import Replication
import SQLFiles
import Testing

extension RealServers {
    @Suite(.timeLimit(.minutes(5)))
    struct ControlStateTests {
        private static let timeline = Timeline(rawValue: 1)
        private static let later = Timeline(rawValue: 2)

        /// The longest that anything here may take.
        private var deadline: Deadline { .after(.seconds(20)) }

        /// Adds a failover, as the role that acts.
        private func record(
            _ run: String, of timeline: Timeline = Self.timeline, trigger: String? = nil, loss: String? = nil,
            on node: LabNode
        ) async throws {
            var connection = try await session(node, .admin)
            _ = try await connection.query(
                SQLFile.failoverRecord,
                [run, "primary", "replica", "\(timeline)", trigger, "\(trigger != nil)", loss, "host"],
                until: deadline)
        }

        /// Reads until it is as wanted; the last reading, wanted or not, after 20 seconds.
        private func read(_ store: ControlStore, until isWanted: (ControlReading) -> Bool) async -> ControlReading {
            let deadline = deadline
            while true {
                let reading = await store.read(until: .after(.seconds(5)))
                if isWanted(reading) || deadline.hasPassed { return reading }
                _ = await ReadinessLoop.shared.sleep(until: .after(.milliseconds(50)))
            }
        }

        private func events(_ directory: String) throws -> [AuditEvent] {
            var reader = try AuditReader(directory)
            var events: [AuditEvent] = []
            while let line = try reader.next() { if let event = line.event { events.append(event) } }
            return events
        }

        private func session(_ node: LabNode, _ role: LabRole) async throws -> Connection {
            let settings = SessionSettings(access: .readWrite, statementTimeout: .seconds(10))
            return try await Connection.open(
                ConnectionString(node.connectionString(as: role)), settings, until: .after(.seconds(10)))
        }

        private func sqlstate(_ statement: String, _ connection: inout Connection) async throws -> String? {
            do { _ = try await connection.query(statement, until: .after(.seconds(10))) } catch {
                guard case .server(let error) = error else { throw error }
                return error.sqlstate
            }
            return nil
        }

        /// The whole life of a pause and of a failover's record on each version, as the roles that pgdr has.
        @Test(arguments: installations)
        func itOutlivesThePrimary(postgresBin: String?) async throws {
            try await Stage.with(standbys: 1, postgresBin: postgresBin) { stage in
                let lab = stage.lab
                let log = try AuditLog.open("\(lab.directory)/audit", actor: Actor(user: "ann"))
                let store = ControlStore(stage.cluster)
                let fresh = await store.read(until: deadline)
                #expect(fresh.state == ControlState(isKnown: true, at: fresh.state.at))
                #expect(fresh.primaries == ["primary"] && fresh.reasons == [:] && fresh.pause == nil)
                #expect(abs(fresh.state.at - .wallClock) < 10)

                let first = try await store.pause(
                    for: .seconds(60), reason: "new 'switch'; --", actor: "ben", log: log, until: deadline)
                guard case .done(let now?, nil) = first else { Issue.record("\(first)"); return }
                #expect(abs(now.until - fresh.state.at - 60) < 10)
                let second = try await store.pause(for: .seconds(7200), reason: "longer", log: log, until: deadline)
                guard case .done(let last?, let before?) = second else { Issue.record("\(second)"); return }
                #expect(before.reason == "new 'switch'; --" && before.actor == "ben")
                #expect(abs(before.until - now.until) < 1e-5)

                try await record("r1", trigger: "alert-7", loss: #"{"bytes_at_least": 12}"#, on: lab.primary)
                try await record("r2", of: Self.later, on: lab.primary)
                // Doing it again changes nothing, nor does another observer that completes it.
                try await record("r2", of: Self.later, trigger: "other", on: lab.primary)
                try await record("r3", of: Self.later, on: lab.primary)
                #expect(
                    try await lab.primary.psql("SELECT run, loss, observer FROM pgdr.failover ORDER BY run")
                        == """
                        r1|{"bytes_at_least": 12}|host
                        r2||host
                        """)

                // Once the standby has replayed it, the primary's death changes nothing.
                var standby = stage.cluster
                standby.nodes.removeFirst()
                let level = await read(ControlStore(standby)) { $0.state.failovers.count == 2 }
                #expect(level.source == .node("dr") && level.primaries == [])
                try await lab.primary.stop(.immediate)
                let reading = await store.read(until: deadline)
                #expect(reading.source == .node("dr") && reading.primaries == [])
                #expect(reading.reasons.keys.sorted() == ["primary"])
                let pause = try #require(reading.pauseInForce)
                #expect(pause.reason == "longer" && pause.actor == "ann")
                #expect(abs(pause.until - last.until) < 1e-5)
                #expect(reading.state.pausedUntil == pause.until && reading.state.pauseReason == "longer")
                #expect(reading.state.failovers.map(\.run) == ["r1", "r2"])
                #expect(reading.state.failovers.map(\.triggerID) == ["alert-7", nil])
                #expect(reading.state.failovers.map(\.isAutomatic) == [true, false])
                #expect(reading.state.failovers.map(\.timeline) == [Self.timeline, Self.later])
                #expect(reading.state.failovers.allSatisfy { $0.primary == "primary" })
                #expect(reading.state.failovers.allSatisfy { (0..<20).contains(reading.state.at - $0.at) })

                // Nobody can take it back until there is a primary.
                let refusal = await #expect(throws: Failure.self) {
                    try await store.unpause(reason: nil, log: log, until: deadline)
                }
                #expect(refusal?.code == .refused && refusal?.message == "no node that answers takes writes")
                try await lab.node("dr").psql("SELECT pg_promote()")
                guard case .done(nil, let ended?) = try await store.unpause(reason: "done", log: log, until: deadline)
                else { Issue.record("not ended"); return }
                #expect(ended.reason == "longer")
                #expect(try await store.unpause(reason: nil, log: log, until: deadline) == .nothingToDo)
                #expect((await store.read(until: deadline)).pause == nil)

                let events = try events("\(lab.directory)/audit").filter { $0.event.hasPrefix("failover.") }
                #expect(events.map(\.event) == ["failover.paused", "failover.paused", "failover.unpaused"])
                #expect(events.map(\.node) == ["primary", "primary", "dr"])
                #expect(events.first?.details["reason"]?.text == "new 'switch'; --")
            }
        }

        /// Failovers can be added and not changed; and only the role that acts changes anything.
        @Test(arguments: installations)
        func whatTheRolesMayDo(postgresBin: String?) async throws {
            try await Stage.with(standbys: 1, postgresBin: postgresBin) { stage in
                let lab = stage.lab
                let version = try await lab.primary.psql("SHOW server_version_num")
                let isOld = (Int(version) ?? 0) < 150_000
                let add =
                    "INSERT INTO pgdr.failover (run, primary_node, old_primary, timeline, automatic, observer) VALUES"
                // Whichever of the files was run last.
                for file in [SQLFile.schema, SQLFile.adminRole] {
                    try await lab.primary.psql("DROP TABLE IF EXISTS pgdr.failover;\n\(SQLFile.schema)")
                    if file == SQLFile.adminRole {
                        try await lab.primary.psql("REVOKE ALL ON pgdr.failover FROM pgdr_admin;\n\(file)")
                    }
                    var admin = try await session(lab.primary, .admin)
                    #expect(try await sqlstate("\(add) ('r', 'a', 'b', 1, true, 'h')", &admin) == nil)
                    #expect(try await sqlstate("\(add) ('r', 'a', 'b', 1, true, 'h')", &admin) == "23505")
                    #expect(try await sqlstate("\(add) ('s', 'a', 'b', 0, true, 'h')", &admin) == "23514")
                    // On 14 the role is a superuser.
                    let denied = isOld ? nil : "42501"
                    for statement in [
                        "INSERT INTO pgdr.failover VALUES ('t', now(), 'a', 'b', 1, NULL, true, NULL, 'h')",
                        "UPDATE pgdr.failover SET at = now()", "DELETE FROM pgdr.failover",
                    ] {
                        #expect(try await sqlstate("BEGIN", &admin) == nil)
                        #expect(try await sqlstate(statement, &admin) == denied, "\(statement)")
                        #expect(try await sqlstate("ROLLBACK", &admin) == nil)
                    }
                    var pgdr = try await session(lab.primary, .monitoring)
                    #expect(try await sqlstate("SELECT * FROM pgdr.failover", &pgdr) == nil)
                    #expect(try await sqlstate("\(add) ('u', 'a', 'b', 1, true, 'h')", &pgdr) == "42501")
                }

                // Who may only look can't pause; that is said, and written to the log.
                var cluster = stage.cluster
                cluster.admin = nil
                let log = try AuditLog.open("\(lab.directory)/audit", actor: Actor(user: "ann"))
                let change = try await ControlStore(cluster).pause(
                    for: .seconds(60), reason: "x", log: log, until: deadline)
                guard case .failed(let failure) = change else { Issue.record("\(change)"); return }
                #expect(failure.code == .server && failure.node == "primary")
                let events = try events("\(lab.directory)/audit")
                #expect(events.map(\.event) == ["failover.paused", "failover.control_failed"])
                #expect(events.last?.details["event"]?.text == "failover.paused")
            }
        }

        /// A commit of a pause waits for no standby, and an endless one or one that can't be read isn't passed over.
        @Test func aPauseWaitsForNobody() async throws {
            try await Stage.with(standbys: 1) { stage in
                let lab = stage.lab
                let log = try AuditLog.open("\(lab.directory)/audit", actor: Actor(user: "ann"))
                let store = ControlStore(stage.cluster)
                try await lab.primary.setParameter("synchronous_standby_names", "dr")
                try await lab.node("dr").stop()
                let change = try await store.pause(
                    for: .seconds(60), reason: "x", log: log, until: .after(.seconds(5)))
                guard case .done(.some, nil) = change else { Issue.record("\(change)"); return }
                try await lab.primary.setParameter("synchronous_standby_names", nil)

                func set(_ value: String) async throws -> ControlReading {
                    try await lab.primary.psql("UPDATE pgdr.control SET value = '\(value)' WHERE key = 'pause'")
                    return await store.read(until: deadline)
                }
                let endless = try await set("{\"until\": null}")
                #expect(endless.pauseInForce?.isEndless == true)
                #expect(try await set("{\"until\": \"infinity\"}").pauseInForce?.isEndless == true)
                #expect(try await set("{\"until\": \"2020-01-01T00:00:00Z\"}").pauseInForce == nil)
                let broken = try await set("{\"until\": \"soon\"}")
                #expect(!broken.state.isKnown && broken.source == .nobody)
                #expect(broken.reasons["primary"]?.contains("soon") == true, "\(broken.reasons)")
            }
        }

        @Test func withoutTheTables() async throws {
            try await Stage.with(standbys: 1) { stage in
                let lab = stage.lab
                let log = try AuditLog.open("\(lab.directory)/audit", actor: Actor(user: "ann"))
                let store = ControlStore(stage.cluster)
                // Those of an older pgdr, then none.
                for statement in ["DROP TABLE pgdr.failover", "DROP SCHEMA pgdr CASCADE"] {
                    try await lab.primary.psql(statement)
                    let reading = await read(store) { $0.source == .noSchema && $0.reasons.count == 2 }
                    #expect(reading.source == .noSchema && !reading.state.isKnown)
                    #expect(reading.primaries == ["primary"])
                    let failure = await #expect(throws: Failure.self) {
                        try await store.pause(for: .seconds(60), reason: "x", log: log, until: deadline)
                    }
                    #expect(failure?.code == .refused && failure?.node == "primary")
                    #expect(failure?.hint?.hasPrefix("Run sql/schema.sql there") == true)
                }
                try await lab.primary.psql(SQLFile.schema)
                #expect(await read(store) { $0.reasons == [:] }.state.isKnown)
                try await lab.primary.stop()
                try await lab.node("dr").stop()
                let silent = await store.read(until: deadline)
                #expect(silent.source == .nobody && silent.reasons.count == 2)
                #expect(try events("\(lab.directory)/audit") == [])
            }
        }

        /// A server that hangs costs the deadline, unless it isn't asked.
        @Test func aNodeThatIsLostNeedNotBeAsked() async throws {
            try await Stage.with(standbys: 1) { stage in
                let store = ControlStore(stage.cluster)
                #expect(await read(store) { $0.reasons == [:] }.state.isKnown)
                try stage.lab.primary.freeze()
                defer { #expect(throws: Never.self) { try stage.lab.primary.thaw() } }
                let began = ContinuousClock.now
                let reading = await store.read(except: ["primary"], until: .after(.seconds(5)))
                #expect(began.duration(to: .now) < .seconds(1))
                #expect(reading.source == .node("dr") && reading.reasons == ["primary": "not asked"])
                let asked = await store.read(until: .after(.milliseconds(500)))
                #expect(asked.source == .node("dr") && asked.reasons["primary"] != nil)
                #expect(began.duration(to: .now) < .seconds(2))
            }
        }

        /// Two that take writes: which of them counts nobody can tell.
        @Test func withTwoPrimaries() async throws {
            try await Stage.with(standbys: 1) { stage in
                let log = try AuditLog.open("\(stage.lab.directory)/audit", actor: Actor(user: "ann"))
                try await stage.lab.node("dr").psql("SELECT pg_promote()")
                let store = ControlStore(stage.cluster)
                let failure = await #expect(throws: Failure.self) {
                    try await store.pause(for: .seconds(60), reason: "x", log: log, until: deadline)
                }
                #expect(failure?.code == .refused)
                #expect(failure?.message.hasPrefix("\"primary\" and \"dr\" take writes") == true)
                // The one on the later timeline knows more, however much the other one wrote on.
                try await stage.write()
                let reading = await store.read(until: deadline)
                #expect(reading.source == .node("dr") && reading.primaries == ["primary", "dr"])
            }
        }
    }
}
