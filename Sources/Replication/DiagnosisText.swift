extension Finding {
    /// The stable name of the diagnosis, for scripts.
    public var code: String { diagnosis.text(node ?? "").code }
    /// What is wrong, in one line.
    public var message: String { diagnosis.text(node ?? "").message }
    /// The evidence; nil when the message holds all of it.
    public var detail: String? { diagnosis.text(node ?? "").detail }
    /// What a person can do; nil when nothing needs to be done.
    public var hint: String? { diagnosis.text(node ?? "").hint }
}

extension Diagnosis {
    /// The words of a diagnosis.
    struct Text {
        var code: String
        var message: String
        var detail: String?
        var hint: String?

        init(_ code: String, _ message: String, detail: String? = nil, hint: String? = nil) {
            self.code = code
            self.message = message
            self.detail = detail
            self.hint = hint
        }
    }

    func text(_ node: String) -> Text {
        membershipText(node) ?? followingText(node) ?? replayText(node) ?? retentionText(node) ?? fitnessText(node)
    }

    private func membershipText(_ node: String) -> Text? {
        switch self {
        case .primaryUnreachable(let silence, let streaming):
            let alive =
                silence.postmasterAlive
                ? " Its postmaster is alive: it answered with a refusal."
                : streaming.isEmpty
                    ? "" : " It is alive: WAL still arrives from it at \(streaming.joined(separator: ", "))."
            return Text(
                "primary_unreachable", "primary \"\(node)\" gives no answer (\(silence.reason))",
                detail: silence.detail + "." + alive,
                hint: streaming.isEmpty && !silence.postmasterAlive
                    ? "Check the server and the network before you promote another node."
                    : "Do not promote another node; repair the way from here to the primary.")
        case .noPrimary(let silent):
            return Text(
                "no_primary", "no node is primary",
                detail: silent.isEmpty
                    ? "All nodes answered, and all are in recovery."
                    : "All nodes that answered are in recovery; silent: \(silent.joined(separator: ", ")).",
                hint: "Find out which node was primary last; promote only after it is proven to be stopped.")
        case .twoPrimaries(let names):
            return Text(
                "two_primaries", "\(names.count) nodes are primary: \(names.joined(separator: ", "))",
                detail: "Each takes writes that the others don't have.",
                hint: "Stop the one that applications must not use, now; later bring it back as a standby"
                    + " (pg_rewind or a new base backup).")
        case .nodeUnreachable(let silence):
            return Text(
                "node_unreachable", "node \"\(node)\" gives no answer (\(silence.reason))", detail: silence.detail,
                hint: Self.hint(forSilence: silence.reason))
        case .roleDiffersFromKind:
            return Text(
                "role_differs_from_kind", "node \"\(node)\" is primary, which is not what it is configured for",
                hint: "After a planned role change adapt \"kind\" in the configuration, or switch back.")
        case .sameServer(let other):
            return Text(
                "same_server", "nodes \"\(node)\" and \"\(other)\" are one and the same server",
                detail: "System identifier and start time are equal.",
                hint: "Correct the connection of one of them; a copy can't stand in for itself.")
        case .systemIdentifierDiffers(let own, let primarys):
            return Text(
                "system_identifier_differs", "node \"\(node)\" belongs to another cluster than the primary",
                detail: "System identifier \(own) against \(primarys).",
                hint: "Correct its connection, or rebuild it from the primary.")
        case .versionMismatch(let own, let primarys):
            return Text(
                "version_mismatch", "node \"\(node)\" runs PostgreSQL \(own), the primary \(primarys)",
                hint: "Physical replication needs one major version; of minor versions update the standbys first.")
        default: return nil
        }
    }

    private func followingText(_ node: String) -> Text? {
        switch self {
        case .divergedTimeline(let timeline, let position, let fork):
            return Text(
                "diverged_timeline", "node \"\(node)\" has diverged from the primary",
                detail: "It has WAL up to \(position) on timeline \(timeline), which the primary "
                    + (fork.map { "left at \($0)." } ?? "never was on."),
                hint: "Save what it holds beyond the fork if it matters, then pg_rewind or rebuild it.")
        case .timelineAhead(let own, let primarys):
            return Text(
                "timeline_ahead", "node \"\(node)\" is on timeline \(own), the primary on \(primarys)",
                detail: "The node, or what it follows, was promoted later than this primary.",
                hint: "Find out which promotion is the valid one before you change anything.")
        case .timelinesNotComparable(let reason):
            return Text(
                "timelines_not_comparable", "whether node \"\(node)\" is behind or has diverged could not be told",
                detail: reason.prefix(1).uppercased() + reason.dropFirst() + ".",
                hint: "Run sql/monitoring_role.sql on the primary, so that pgdr can read the timeline history.")
        case .notStreaming(let position, let behind, let receiver):
            let distance = behind.map { Quantity.bytes($0) + " behind the primary" } ?? "at an unknown distance"
            return Text(
                "not_streaming", "standby \"\(node)\" is not streaming",
                detail: "It stands at \(position.map(\.description) ?? "no position"), \(distance); its walreceiver "
                    + (receiver.map { "is in state \"\($0)\"." } ?? "is not running.")
                    + " That it has replayed all it received proves nothing.",
                hint: "Read its log; check primary_conninfo, pg_hba.conf of the upstream, the slot, and whether the WAL"
                    + " it needs still exists.")
        case .wrongUpstream(let expected, let actual):
            return Text(
                "wrong_upstream", "standby \"\(node)\" receives from \"\(actual)\" instead of \"\(expected)\"",
                hint: "Correct primary_conninfo on the standby, or \"upstream\" in the configuration.")
        case .unknownUpstream(let host, let port):
            return Text(
                "unknown_upstream", "standby \"\(node)\" receives from a server that is not configured",
                detail: "Its walreceiver is connected to \(host)\(port.map { ", port \($0)" } ?? "").",
                hint: "Add that server to the configuration, or correct primary_conninfo.")
        case .upstreamCycle(let names):
            return Text(
                "upstream_cycle", "standbys receive from each other in a circle: \(names.joined(separator: " → "))",
                hint: "Point one of them at the primary.")
        default: return nil
        }
    }

    private func replayText(_ node: String) -> Text? {
        switch self {
        case .replayPaused(let behind):
            return Text(
                "replay_paused", "replay is paused on standby \"\(node)\"",
                detail: behind.map { "\(Quantity.bytes($0)) wait to be replayed." },
                hint: "SELECT pg_wal_replay_resume() goes on.")
        case .replayPausedByTarget(let target):
            return Text(
                "replay_paused_by_target", "replay on standby \"\(node)\" has stopped at a recovery target",
                detail: "\(target.name) = '\(target.setting)' in \(target.file ?? "a file hidden from the role").",
                hint: "Remove the setting and restart the standby, or promote it if that was the aim.")
        case .replayPausedByParameters(let differences):
            return Text(
                "replay_paused_by_parameters", "replay on standby \"\(node)\" has stopped: its settings are too low",
                detail: Self.list(differences),
                hint: "Raise them to at least the primary's values and restart the standby.")
        case .replayWaitsForQuery(let event):
            return Text(
                "replay_waits_for_query", "replay on standby \"\(node)\" waits for a query",
                detail: "The startup process waits for \(event).",
                hint: "End the query, or lower max_standby_streaming_delay.")
        case .delayedStandby(let seconds):
            return Text(
                "delayed_standby", "standby \"\(node)\" replays \(Quantity.seconds(seconds)) late on purpose",
                detail: "recovery_min_apply_delay is set.")
        case .lagBytes(let bytes, let limit):
            return Text(
                "lag_bytes", "standby \"\(node)\" is \(Quantity.bytes(bytes)) behind",
                detail: "The limit is \(Quantity.bytes(limit)).",
                hint: "pgdr status --sample 10s shows whether it catches up.")
        case .lagSeconds(let seconds, let limit, let source):
            return Text(
                "lag_seconds", "standby \"\(node)\" is \(Quantity.seconds(seconds)) behind",
                detail: "The limit is \(Quantity.seconds(limit)); measured by \(source.rawValue).",
                hint: "pgdr status --sample 10s shows whether it catches up.")
        default: return nil
        }
    }

    private func retentionText(_ node: String) -> Text? {
        switch self {
        case .slotInactive(let slot, let retained):
            return Text(
                "slot_inactive", "nobody uses replication slot \"\(slot)\" on \"\(node)\"",
                detail: retained.map { "It keeps \(Quantity.bytes(UInt64(max(0, $0)))) of WAL." },
                hint: "Bring its standby back, or drop the slot if it is gone for good.")
        case .slotUnreserved(let slot, let safe):
            return Text(
                "slot_unreserved", "replication slot \"\(slot)\" on \"\(node)\" may lose WAL at the next checkpoint",
                detail: "wal_status is \"unreserved\"" + (safe.map { ", safe_wal_size \($0) bytes." } ?? "."),
                hint: "Let its standby catch up now, or raise max_slot_wal_keep_size.")
        case .slotLost(let slot):
            return Text(
                "slot_lost", "replication slot \"\(slot)\" on \"\(node)\" has lost WAL that its standby needs",
                detail: "wal_status is \"lost\".",
                hint: "Rebuild the standby, unless the archive still has the WAL; then drop the slot.")
        case .slotMissing(let slot, let upstream):
            return Text(
                "slot_missing", "standby \"\(node)\" wants replication slot \"\(slot)\", which \"\(upstream)\" lacks",
                hint: "Create the slot on \"\(upstream)\" if the WAL the standby needs is still there.")
        case .retainedWAL(let slot, let bytes, let limit):
            return Text(
                "retained_wal", "replication slot \"\(slot)\" on \"\(node)\" keeps \(Quantity.bytes(bytes)) of WAL",
                detail: "The limit is \(Quantity.bytes(limit)).",
                hint: "Let its receiver catch up, or drop the slot before the disk is full.")
        case .slotHoldsVacuum(let slot, let age):
            return Text(
                "slot_holds_vacuum", "inactive replication slot \"\(slot)\" on \"\(node)\" holds vacuum back",
                detail: "Its xmin is \(age) transactions old.",
                hint: "Bring its standby back, or drop the slot.")
        case .logicalSlotLostOnFailover(let slot):
            return Text(
                "logical_slot_lost_on_failover", "a failover would lose logical replication slot \"\(slot)\"",
                detail: "It is on \"\(node)\" only, and not synchronised to standbys.",
                hint: "From version 17 on create it with failover = true and set sync_replication_slots on the"
                    + " standbys; before that, plan to recreate it.")
        case .archiverFailing(let file, let count):
            return Text(
                "archiver_failing", "WAL archiving fails on \"\(node)\"",
                detail: "\(count) failures" + (file.map { ", the last one for \($0)." } ?? "."),
                hint: "Read the server's log; pg_wal grows until the archive command works again.")
        case .archiverStuck(let segments, let seconds):
            return Text(
                "archiver_stuck", "WAL archiving is behind on \"\(node)\"",
                detail: "\(segments) complete segments wait; the last one was archived"
                    + " \(Quantity.seconds(seconds)) ago.",
                hint: "Check whether the archive command hangs.")
        case .synchronousCommitWaits(let needed, let present, let waiting):
            return Text(
                "synchronous_commit_waits",
                waiting > 0
                    ? "\(waiting) commits on \"\(node)\" wait for a synchronous standby"
                    : "commits on \"\(node)\" will wait for a synchronous standby that isn't there",
                detail: "synchronous_standby_names wants \(needed) standbys, \(present) of them stream.",
                hint: "Bring a standby back, or take it out of synchronous_standby_names and reload.")
        default: return nil
        }
    }

    private func fitnessText(_ node: String) -> Text {
        switch self {
        case .walLevelUnfit(let level):
            return Text(
                "wal_level_unfit", "wal_level is \"\(level)\" on \"\(node)\": no standby can follow it",
                hint: "Set it to replica or logical and restart.")
        case .tooFewWALSenders(let setting, let needed):
            return Text(
                "too_few_wal_senders", "max_wal_senders is \(setting) on \"\(node)\", \(needed) are needed",
                detail: "As a primary it would have to serve all other nodes and a base backup.",
                hint: "Raise max_wal_senders and restart.")
        case .hotStandbyOff:
            return Text(
                "hot_standby_off", "hot_standby is off on \"\(node)\": as a standby it could not be asked anything",
                hint: "Set hot_standby = on.")
        case .rewindImpossible(let reason):
            return Text(
                "rewind_impossible", "pg_rewind could not bring \"\(node)\" back after a failover", detail: reason,
                hint: "Set wal_log_hints = on (restart) or enable data checksums, and keep full_page_writes on.")
        case .parametersLower(let differences):
            return Text(
                "parameters_lower", "settings on standby \"\(node)\" are lower than on the primary",
                detail: Self.list(differences),
                hint: "Raise them and restart the standby, or its replay stops when the primary's are logged anew.")
        case .connectionsNearLimit(let used, let limit, let percent):
            return Text(
                "connections_near_limit", "\"\(node)\" is running out of connections",
                detail: "\(used) of \(limit) are used (\(Quantity.fixed(percent, 0)) %).",
                hint: "Look for idle sessions, pool connections, or raise max_connections.")
        case .notMonitor:
            return Text(
                "not_monitor", "the role that asks \"\(node)\" is not a member of pg_monitor",
                detail: "States, positions and settings are hidden from it, so lag may be unknown.",
                hint: "GRANT pg_monitor TO the role, or run sql/monitoring_role.sql.")
        case .clockOffset(let seconds, let uncertainty, let limit):
            return Text(
                "clock_offset", "the clocks of \"\(node)\" and the primary are \(Quantity.seconds(abs(seconds))) apart",
                detail: "Measured to ±\(Quantity.fixed(uncertainty * 1000, 1)) ms; the limit is"
                    + " \(Quantity.seconds(limit)). Lag in seconds is corrected for it.",
                hint: "Check time synchronisation on both hosts.")
        default:
            // Every other case has its text above; the switches together cover the enum, which a test checks.
            return Text("internal", "a diagnosis without words")
        }
    }

    private static func list(_ differences: [ParameterDifference]) -> String {
        differences.map { "\($0.name) \($0.standby) against the primary's \($0.primary)" }.joined(separator: "; ") + "."
    }

    private static func hint(forSilence reason: String) -> String {
        switch reason {
        case "refused": "Start the server, or check its address and port."
        case "authentication_failed": "Check user, password (passfile) and pg_hba.conf."
        case "too_many_clients": "Free connections there; reserve some for pgdr (superuser_reserved_connections)."
        case "starting_up": "Wait until it is consistent, and look at its log."
        case "name_not_found": "Check the host name and the resolver."
        case "not_postgres": "Check the port: something else answers there."
        case "tls_failed": "Check sslmode, sslrootcert and the server's certificate."
        default: "Check the server, its host and the network."
        }
    }
}
