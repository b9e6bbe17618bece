import Configuration
import Essentials
import Hosts
import Observation
import Postgres
import Replication

/// Operations that a running server does itself, over SQL.
extension PlanningFacts {
    func checkpoint(_ name: String) -> Operation {
        let isStandby = snapshot.node(name)?.snapshot?.inRecovery == true
        return Operation(
            "write a \(isStandby ? "restartpoint" : "checkpoint") on \(name)",
            [.statement(Statement("CHECKPOINT", on: name))])
    }

    /// `pg_promote(false)` returns at once; the standby's startup process may be asleep for up to
    /// `wal_retrieve_retry_interval` before it looks at the request, and a reload wakes it.
    func promote(_ name: String) -> Operation {
        let isPrimary = Probe.statement(
            Statement("SELECT NOT pg_is_in_recovery() AS is_primary", on: name, expected: "t"))
        return Operation(
            "promote \(name)",
            [
                // Promoted since it was looked at: the wait tells.
                .statement(
                    Statement(
                        Self.promotion, on: name, [snapshot.node(name)?.snapshot?.currentTimeline.map { "\($0)" }],
                        expected: "true", tolerating: ["55000"])),
                .wait(isPrimary, nudge: Statement("SELECT pg_reload_conf()", on: name)),
            ], unless: isPrimary, guards: [.noPrimary(but: [name], acceptsSilence: true)])
    }

    /// Promotes unless the standby is on a later timeline than it was planned for; a NULL allows any.
    ///
    /// `pg_promote` itself would promote whatever the standby follows by now. On a later timeline it has another primary:
    /// a request that comes late does nothing.
    private static let promotion = """
        SELECT CASE WHEN $1::bigint IS NULL OR $1::bigint >= GREATEST( \
        (SELECT received_tli FROM pg_stat_get_wal_receiver() WHERE status IS NOT NULL), \
        (SELECT max(('x' || left(name, 8))::bit(32)::bigint) FROM pg_ls_waldir() WHERE name ~ '^[0-9A-F]{24}$')) \
        THEN pg_promote(false)::text ELSE 'on a later timeline' END AS promoted
        """

    func repoint(_ name: String, to upstream: String) throws(Failure) -> Operation {
        let node = try node(name)
        return Operation(
            "make \(name) follow \(upstream)", try following(node, upstream),
            verification: .streams(node: name, upstream: upstream, applicationName: node.applicationName),
            undo: try followingAsBefore(node))
    }

    private func following(_ node: NodeConfiguration, _ upstream: String) throws(Failure) -> [Act] {
        let connection = try upstreamConnection(of: node, to: upstream)
        return settings([("primary_conninfo", connection), ("primary_slot_name", slot(of: node.name))], on: node.name)
    }

    /// What makes a standby follow the node that it follows now; nothing where that isn't known.
    private func followingAsBefore(_ node: NodeConfiguration) throws(Failure) -> [Act] {
        let report = assess(snapshot, cluster.thresholds)
        // Of a primary that is silent only the standby's own setting may tell.
        guard let upstream = report.node(node.name)?.upstream ?? cluster.namedUpstream(of: node.name, in: snapshot),
            cluster.node(named: upstream) != nil
        else { return [] }
        return try following(node, upstream)
    }

    func detach(_ name: String) throws(Failure) -> Operation {
        Operation(
            "make \(name) follow nobody", settings([("primary_conninfo", "")], on: name),
            verification: .statement(
                Statement(
                    "SELECT count(*) = 0 AS detached FROM pg_stat_get_wal_receiver() WHERE status IS NOT NULL", on: name
                )), undo: try followingAsBefore(node(name)))
    }

    /// A slot that lost its WAL (`wal_status`) serves nobody any more and is made anew.
    func createSlot(on name: String, for follower: String) -> Operation {
        let slot = slot(of: follower)
        return Operation(
            "make slot \(slot) on \(name)",
            [
                .statement(
                    Statement(
                        "SELECT pg_drop_replication_slot(slot_name) FROM pg_replication_slots WHERE slot_name = $1 "
                            + "AND slot_type = 'physical' AND NOT active AND wal_status = 'lost'",
                        on: name, [slot], tolerating: ["42704"])),
                reserve(slot, on: name),
            ], unless: .statement(has(slot, on: name)), undo: dropSlot(slot, on: name).acts)
    }

    /// A copy and a rewound server have no slots: those of the standbys behind it are made again.
    func restoreSlots(on name: String) -> Operation {
        let report = assess(snapshot, cluster.thresholds)
        let slots = standbys.filter { report.node($0)?.upstream == name }.map(slot)
        guard !slots.isEmpty else {
            return .nothing("make the slots of its standbys on \(name)", because: "it has none")
        }
        return Operation(
            "make the slots \(slots.joined(separator: ", ")) on \(name)", slots.map { reserve($0, on: name) })
    }

    /// A slot that belongs to the run alone: what a copy needs until the new standby streams through its own.
    func pinWAL(of name: String) -> Operation {
        Operation(
            "keep the WAL of \(name) from now on", [reserve(pin, on: name)], unless: .statement(has(pin, on: name)),
            undo: dropSlot(pin, on: name).acts)
    }

    func unpinWAL(of name: String) -> Operation {
        var operation = dropSlot(pin, on: name)
        operation.title = "let go of the WAL of \(name)"
        return operation
    }

    /// Drops the slot of a node that no longer follows this one; not that of a node that is meant to.
    func dropSlot(on name: String, of follower: String) -> Operation {
        let slot = slot(of: follower)
        guard cluster.node(named: follower)?.upstream != name else {
            return .nothing("drop slot \(slot) on \(name)", because: "\(follower) is meant to follow \(name)")
        }
        var operation = dropSlot(slot, on: name)
        // Its walsender ends a moment after the follower has turned to another node.
        let isUnused = Statement(
            "SELECT count(*) = 0 AS unused FROM pg_replication_slots WHERE slot_name = $1 AND active", on: name, [slot])
        operation.acts.insert(.wait(.statement(isUnused), nudge: nil), at: 0)
        return operation
    }

    private func dropSlot(_ slot: String, on name: String) -> Operation {
        Operation(
            "drop slot \(slot) on \(name)",
            [
                .statement(
                    Statement(
                        "SELECT pg_drop_replication_slot(slot_name) FROM pg_replication_slots "
                            + "WHERE slot_name = $1 AND slot_type = 'physical' AND NOT active", on: name, [slot],
                        tolerating: ["42704"]))
            ],
            unless: .statement(
                Statement(
                    "SELECT count(*) = 0 AS gone FROM pg_replication_slots WHERE slot_name = $1", on: name, [slot])))
    }

    /// The WAL from now on is kept at once, not only from the first connection.
    private func reserve(_ slot: String, on name: String) -> Act {
        .statement(
            Statement("SELECT pg_create_physical_replication_slot($1, true)", on: name, [slot], tolerating: ["42710"]))
    }

    private func has(_ slot: String, on name: String) -> Statement {
        Statement(
            "SELECT count(*) = 1 AS exists FROM pg_replication_slots WHERE slot_name = $1 "
                + "AND slot_type = 'physical' AND wal_status IS DISTINCT FROM 'lost'", on: name, [slot])
    }

    var pin: String { "pgdr_" + run.replacing("-", with: "_") }

    func setParameter(_ parameter: String, to value: String, on name: String) throws(Failure) -> Operation {
        let parameter = try SettingText.name(parameter)
        let former = snapshot.node(name)?.snapshot?.setting(parameter)
        return Operation(
            "set \(parameter) to '\(value)' on \(name)", settings([(parameter, value)], on: name),
            unless: .statement(
                Statement("SELECT current_setting($1) = $2 AS is_set", on: name, [parameter, value])),
            undo: former.map { settings([(parameter, $0)], on: name) } ?? [])
    }

    func resetParameter(_ parameter: String, on name: String) throws(Failure) -> Operation {
        let parameter = try SettingText.name(parameter)
        return Operation(
            "reset \(parameter) on \(name)",
            [
                .statement(Statement("ALTER SYSTEM RESET \(parameter)", on: name)),
                .statement(Statement("SELECT pg_reload_conf()", on: name)),
            ])
    }

    /// Corrects the setting on a standby that is about to become the primary, so that its commits wait for nobody who
    /// can't answer.
    /// - Parameters:
    ///   - former: the former primary, nil when it doesn't come back as a standby.
    ///   - followers: the nodes that will follow.
    func synchronousNames(on name: String, former: String?, followers: [String]) throws(Failure) -> Operation {
        let title = "correct synchronous_standby_names on \(name)"
        let setting = snapshot.node(name)?.snapshot?.setting("synchronous_standby_names") ?? ""
        guard let names = SynchronousStandbyNames(setting) else {
            return .nothing(title, because: "synchronous_standby_names is empty")
        }
        func applicationName(_ node: String) throws(Failure) -> String { try self.node(node).applicationName }
        var following: [String] = []
        for follower in followers { following.append(try applicationName(follower)) }
        let corrected = names.corrected(
            own: try applicationName(name), former: try former.map(applicationName), followers: following)
        guard let corrected else {
            return .nothing(title, because: "synchronous_standby_names names only standbys that will follow")
        }
        return try setParameter("synchronous_standby_names", to: corrected, on: name)
    }

    /// Whether a node's upstream gets its WAL from somewhere else than from the node.
    func noCircle(_ name: String, under upstream: String) -> Probe {
        let report = assess(snapshot, cluster.thresholds)
        var seen: [String] = []
        var next: String? = upstream
        while let node = next, !seen.contains(node) {
            seen.append(node)
            if node == name {
                return .known(false, evidence: "\(seen.joined(separator: " follows ")): that would be a circle")
            }
            next = report.node(node)?.upstream
        }
        return .known(true, evidence: "\(seen.joined(separator: " follows "))")
    }

    private func settings(_ settings: [(String, String)], on name: String) -> [Act] {
        settings.map { setting in
            .statement(Statement("ALTER SYSTEM SET \(setting.0) = \(SettingText.literal(setting.1))", on: name))
        } + [.statement(Statement("SELECT pg_reload_conf()", on: name))]
    }

    /// The value of `primary_conninfo` with which a node follows another one; no secret is in it.
    func upstreamConnection(of node: NodeConfiguration, to upstream: String) throws(Failure) -> String {
        try connection(to: upstream).setting("application_name", to: node.applicationName).description
    }

    /// A replication login to a node from another node's host: its password comes from a passfile there.
    func connection(to upstream: String) throws(Failure) -> ConnectionString {
        guard let replication else {
            throw Failure(
                .refused, "how standbys log in to their upstream is not known",
                detail: "No standby that answers has a primary_conninfo that pgdr may read.",
                hint: "Say it in the configuration: replication: \"user=... passfile=...\"")
        }
        let address = try node(upstream).replicationAddress()
        return try replication.replacing(host: address.host, port: address.port)
    }
}
