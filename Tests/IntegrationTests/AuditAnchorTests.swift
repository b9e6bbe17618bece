import Audit
import Configuration
import Essentials
import Lab
import Observation
import Postgres
import Replication
import SQLFiles
import Testing

extension RealServers {
    @Suite(.timeLimit(.minutes(5)))
    struct AuditAnchorTests {
        private static let hash = String(repeating: "a", count: 64)
        private static let other = String(repeating: "b", count: 64)

        private func session(_ node: LabNode, _ role: LabRole) async throws -> Connection {
            let settings = SessionSettings(access: .readWrite, statementTimeout: .seconds(10))
            return try await Connection.open(
                ConnectionString(node.connectionString(as: role)), settings, until: .after(.seconds(10)))
        }

        /// The SQLSTATE with which the server refuses a statement; nil when it doesn't.
        private func refusal(
            _ statement: String, _ connection: inout Connection, _ parameters: [String?] = []
        ) async throws -> String? {
            do { _ = try await connection.query(statement, parameters, until: .after(.seconds(10))) } catch {
                guard case .server(let error) = error else { throw error }
                return error.sqlstate
            }
            return nil
        }

        /// The schema's files in any order, and again.
        private func remake(_ lab: Lab, _ files: [String]) async throws {
            try await lab.primary.psql("DROP SCHEMA pgdr CASCADE;")
            for file in files { try await lab.primary.psql(file) }
        }

        @Test(arguments: installations)
        func headsAreKeptAndNeverChanged(postgresBin: String?) async throws {
            try await Stage.with(standbys: 1, postgresBin: postgresBin) { stage in
                let lab = stage.lab
                try await remake(lab, [SQLFile.schema, SQLFile.schema, SQLFile.monitoringRole, SQLFile.adminRole])
                try await check(stage)
                try await remake(lab, [SQLFile.monitoringRole, SQLFile.adminRole, SQLFile.schema])
                try await check(stage)
            }
        }

        private func check(_ stage: Stage) async throws {
            let deadline = Deadline.after(.seconds(30))
            var pgdr = try await session(stage.lab.primary, .monitoring)
            let first = StoredAnchor(seq: 7, hash: Self.hash)
            for (anchor, stands) in [
                (first, true), (first, true), (StoredAnchor(seq: 7, hash: Self.other), false),
                (StoredAnchor(seq: UInt64(Int64.max), hash: Self.other), true),
            ] {
                #expect(try await anchor.store(of: "h:/log", over: &pgdr, until: deadline) == stands)
            }
            #expect(try await StoredAnchor(seq: 9, hash: Self.hash).store(of: "other", over: &pgdr, until: deadline))
            // Neither a forged time nor an edit nor a deletion.
            for statement in [
                "UPDATE pgdr.audit_anchor SET seq = 8", "DELETE FROM pgdr.audit_anchor", "TRUNCATE pgdr.audit_anchor",
                "INSERT INTO pgdr.audit_anchor VALUES ('h', 1, repeat('a', 64), now())", "CREATE TABLE pgdr.x ()",
                "INSERT INTO pgdr.control (key, actor) VALUES ('pause', 'ann')",
            ] {
                #expect(try await refusal(statement, &pgdr) == "42501", "\(statement)")
            }
            #expect(
                try await refusal(SQLFile.auditAnchorWrite, &pgdr, ["h", "1", String(repeating: "A", count: 64)])
                    == "23514")
            for (statement, parameters) in [
                (SQLFile.heartbeatWrite, ["r", "1"]), (SQLFile.heartbeatRead, ["r", "1"]),
                (SQLFile.heartbeatKept, ["r"]),
                (SQLFile.heartbeatSweep, ["r"]),
            ] {
                #expect(try await refusal(statement, &pgdr, parameters) == nil, "\(statement)")
            }
            #expect(try await refusal("UPDATE pgdr.heartbeat SET at = now()", &pgdr) == "42501")
            var admin = try await session(stage.lab.primary, .admin)
            for statement in [
                "INSERT INTO pgdr.control (key, value, actor) VALUES ('pause', '{\"until\": null}', 'ann')",
                "UPDATE pgdr.control SET value = NULL, actor = 'ben', at = now() WHERE key = 'pause'",
                "INSERT INTO pgdr.audit_anchor (observer, seq, hash) VALUES ('h', 2, repeat('a', 64))",
            ] {
                #expect(try await refusal(statement, &admin) == nil, "\(statement)")
            }

            // The standby has them too.
            let lag = try await stage.look { $0.node("dr")?.lag?.replay.bytes == 0 }
            #expect(lag.node("dr")?.lag?.replay.bytes == 0)
            let known = await StoredAnchors(of: "h:/log", in: stage.cluster, until: deadline)
            #expect(
                known
                    == StoredAnchors(
                        cluster: "lab", anchors: [first, StoredAnchor(seq: UInt64(Int64.max), hash: Self.other)],
                        nodes: ["primary", "dr"], problems: []))
            var part = stage.cluster
            part.nodes.removeFirst()
            #expect(await StoredAnchors(of: "h:/log", in: part, until: deadline).anchors == known.anchors)
        }

        @Test func aLogThatWasCutIsFoundByItsCluster() async throws {
            try await Stage.with(standbys: 1) { stage in
                let lab = stage.lab
                let directory = "\(lab.directory)/audit"
                let log = try AuditLog.open(directory, actor: .current())
                try log.append([AuditEntry("a"), AuditEntry("b")])
                let head = try log.append(AuditEntry("c"))
                var session = try await session(lab.primary, .admin)
                #expect(
                    try await StoredAnchor(seq: head.seq, hash: head.hash).store(
                        of: log.observer, over: &session, until: .after(.seconds(10))))

                let observer = AuditLog.observer(of: directory)
                #expect(observer == log.observer)
                let known = await StoredAnchors(of: observer, in: stage.cluster, until: .after(.seconds(10)))
                let anchors = known.anchors.map { AuditHead(seq: $0.seq, hash: $0.hash) }
                #expect(anchors == [head])
                #expect(try verify(directory: directory, anchors: anchors).isIntact)
                try log.append(AuditEntry("d"))
                #expect(try verify(directory: directory, anchors: anchors).isIntact)

                // Without the schema, and without the server, that is said.
                try await lab.primary.psql("DROP SCHEMA pgdr CASCADE;")
                try await lab.node("dr").stop()
                let unknown = await StoredAnchors(of: observer, in: stage.cluster, until: .after(.seconds(10)))
                #expect(unknown.anchors == [] && unknown.nodes == [])
                #expect(unknown.problems.map(\.node) == ["primary", "dr"])
                #expect(unknown.problems.first?.text == "it keeps no anchors: sql/schema.sql was not run there")
            }
        }
    }
}

extension StoredAnchor {
    /// Keeps the anchor over a session with a primary, by the statement that runs keep theirs with.
    fileprivate func store(
        of observer: String, over connection: inout Connection, until deadline: Deadline
    ) async throws(PostgresError) -> Bool {
        try await connection.query(SQLFile.auditAnchorWrite, [observer, "\(seq)", hash], until: deadline).onlyRow()
            .bool("stands") ?? false
    }
}
