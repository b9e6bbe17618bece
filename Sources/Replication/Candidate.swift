/// A standby looked at as the next primary.
struct Candidate {
    typealias Condition = PromotionCheck.Condition

    let node: ObservedNode
    let own: NodeSnapshot
    let status: NodeReport
    let primary: ObservedNode?
    let snapshot: ClusterSnapshot
    let report: ClusterReport
    let thresholds: Thresholds
    /// Why it could not be asked for everything.
    let problem: String?

    var others: [ObservedNode] { snapshot.nodes.filter { $0.name != node.name } }

    /// The end of a sentence about what could not be asked.
    var reason: String { problem.map { ": \($0)" } ?? "" }

    // MARK: Where it stands

    func standingConditions() -> [Condition] {
        [
            intended(), onePrimary(), sameSystem(), history(), streaming(), lossless(), replayed(), notPaused(),
        ]
    }

    private func intended() -> Condition {
        let excluded = node.kind == .backup || node.priority == 0
        return Condition(
            code: "eligible", severity: excluded ? .critical : .ok, title: "Meant to be promoted",
            evidence: "kind \(node.kind.rawValue), priority \(node.priority)")
    }

    private func onePrimary() -> Condition {
        let primaries = snapshot.primaries.map(\.name)
        switch primaries.count {
        case 1:
            return Condition(
                code: "one_primary", severity: .ok, title: "One primary", evidence: "\(primaries[0]) is primary")
        case 0:
            if let alive = silentPrimaryAlive {
                return Condition(code: "one_primary", severity: .critical, title: "One primary", evidence: alive)
            }
            return Condition(
                code: "one_primary", severity: .unknown, title: "One primary",
                evidence: "no node that answered is primary; prove that the old one is stopped before promoting")
        default:
            return Condition(
                code: "one_primary", severity: .critical, title: "One primary",
                evidence: takingWrites(primaries))
        }
    }

    /// What proves that the primary lives though it gives no answer here; nil for no proof.
    private var silentPrimaryAlive: String? {
        for case .primaryUnreachable(let silence, let streaming) in report.findings.map(\.diagnosis) {
            if silence.postmasterAlive { return "the primary lives: it answered with a refusal (\(silence.reason))" }
            if !streaming.isEmpty {
                let names = streaming.map(\.standby).joined(separator: ", ")
                return "walreceivers are still connected to the primary: \(names)"
            }
        }
        return nil
    }

    private func sameSystem() -> Condition {
        let title = "Same cluster as the primary"
        guard let mine = own.systemIdentifier, let theirs = primary?.snapshot?.systemIdentifier else {
            return Condition(
                code: "system_identifier", severity: .unknown, title: title,
                evidence: "system identifier \(own.systemIdentifier?.rawValue ?? "hidden"), no primary to compare with")
        }
        return Condition(
            code: "system_identifier", severity: mine == theirs ? .ok : .critical, title: title,
            evidence: mine == theirs ? "system identifier \(mine)" : "system identifier \(mine) against \(theirs)")
    }

    private func history() -> Condition {
        let title = "On the primary's line of history"
        let timeline = own.currentTimeline.map { "timeline \($0)" } ?? "timeline unknown"
        switch status.ancestry {
        case .descends: return Condition(code: "history", severity: .ok, title: title, evidence: timeline)
        case .diverged(let timeline, let position, let fork):
            return Condition(
                code: "history", severity: .critical, title: title,
                evidence: "diverged: at \(position) on timeline \(timeline), left at \(fork?.description ?? "no point")"
            )
        case .ahead(let timeline):
            return Condition(
                code: "history", severity: .critical, title: title,
                evidence: "on timeline \(timeline), beyond the primary's")
        case .otherSystem:
            return Condition(code: "history", severity: .critical, title: title, evidence: "another cluster")
        case .unknown(let reason):
            return Condition(code: "history", severity: .unknown, title: title, evidence: reason)
        case nil:
            return Condition(
                code: "history", severity: .unknown, title: title, evidence: "\(timeline), no primary to compare with")
        }
    }

    /// What speaks against a standby whose WAL comes from another primary; nil for one that follows the right one.
    private var strayEvidence: String? {
        guard primary != nil, let other = Topology(snapshot).otherPrimary(followedBy: node.name) else { return nil }
        return "follows \(other), which is not the primary that counts"
    }

    private func streaming() -> Condition {
        let title = "Streams from the primary"
        if let strayEvidence {
            return Condition(code: "streaming", severity: .critical, title: title, evidence: strayEvidence)
        }
        let isStreaming = status.state == "streaming"
        let isOpen = primary == nil || status.state == nil
        return Condition(
            code: "streaming", severity: isStreaming ? .ok : isOpen ? .unknown : .critical,
            title: title, evidence: "\(status.state ?? "unknown")" + (status.upstream.map { " from \($0)" } ?? ""))
    }

    /// At a switchover the primary sends all its WAL, the shutdown checkpoint included, to walsenders that stream
    /// before it ends; a standby behind another standby gets it only through that one.
    private func lossless() -> Condition {
        let title = "A switchover would lose nothing"
        guard let primary else {
            return Condition(code: "lossless", severity: .unknown, title: title, evidence: "no primary to compare with")
        }
        if let strayEvidence {
            return Condition(code: "lossless", severity: .critical, title: title, evidence: strayEvidence)
        }
        guard let behind = status.lag?.receive.bytes else {
            return Condition(
                code: "lossless", severity: .unknown, title: title, evidence: "how far it is behind is unknown")
        }
        let direct = status.upstream == primary.name
        let evidence = "\(Quantity.bytes(behind)) not received yet"
        guard status.state == "streaming" else {
            return Condition(
                code: "lossless", severity: status.state == nil ? .unknown : .critical, title: title,
                evidence: "\(evidence), \(status.state ?? "whether it streams is hidden from the role")")
        }
        return Condition(
            code: "lossless", severity: direct ? .ok : .warning, title: title,
            evidence: direct
                ? "\(evidence); the primary sends all its WAL before it stops"
                : "\(evidence), through \(status.upstream ?? "an unknown server")")
    }

    private func replayed() -> Condition {
        guard let replay = own.replayLSN, let position = own.position else {
            return Condition(
                code: "replayed", severity: .unknown, title: "Little to replay", evidence: "no replay position")
        }
        let bytes = position.bytesAhead(of: replay)
        return Condition(
            code: "replayed", severity: thresholds.lagBytes.severity(of: bytes), title: "Little to replay",
            evidence: "\(Quantity.bytes(bytes)) received and not replayed")
    }

    private func notPaused() -> Condition {
        let title = "Replay runs"
        if own.isReplayPaused || own.replayPauseState == "pause requested" {
            let (severity, consequence) = consequenceOfPause
            return Condition(
                code: "replay_runs", severity: severity, title: title,
                evidence: "\(own.replayPauseState ?? "paused"); \(consequence)")
        }
        if own.applyDelay > 0 {
            return Condition(
                code: "replay_runs", severity: .critical, title: title,
                evidence: "delayed by \(Quantity.seconds(own.applyDelay)) on purpose")
        }
        return Condition(
            code: "replay_runs", severity: .ok, title: title,
            evidence: own.startupWait.map { "not paused; waits for \($0)" } ?? "not paused")
    }

    /// What a promotion would do while replay is paused (`recoveryPausesHere` in PostgreSQL's `xlogrecovery.c`).
    private var consequenceOfPause: (Severity, String) {
        for finding in report.findings where finding.node == node.name {
            switch finding.diagnosis {
            case .replayPausedByParameters:
                return (.critical, "with settings lower than the primary's a promotion is not possible")
            case .replayPausedByTarget(let target):
                return (.critical, "a promotion would end at \(target.name) and lose the WAL beyond it")
            default: continue
            }
        }
        return (.warning, "a promotion would end the pause and replay first what was received")
    }

    // MARK: What it will need as a primary

    func primaryRoleConditions() -> [Condition] {
        [walLevel(), senders(), slots(), parameters(), archive(), synchronous(), rewind(), logicalSlots()]
    }

    private func walLevel() -> Condition {
        let level = own.setting("wal_level")
        return Condition(
            code: "wal_level", severity: level == nil ? .unknown : level == "minimal" ? .critical : .ok,
            title: "wal_level lets standbys follow", evidence: level ?? "hidden from the role")
    }

    private func senders() -> Condition {
        let needed = Int64(others.count + 1)
        guard let maximum = own.integerSetting("max_wal_senders") else {
            return Condition(
                code: "wal_senders", severity: .unknown, title: "Enough walsenders", evidence: "hidden from the role")
        }
        return Condition(
            code: "wal_senders",
            severity: maximum < Int64(others.count) ? .critical : maximum < needed ? .warning : .ok,
            title: "Enough walsenders",
            evidence: "max_wal_senders \(maximum), \(needed) needed with one for a base backup")
    }

    private func slots() -> Condition {
        let title = "Room for the others' replication slots"
        let wanting = others.count { other in
            !(other.snapshot?.setting("primary_slot_name") ?? "").isEmpty || other.name == primary?.name
        }
        guard let maximum = own.integerSetting("max_replication_slots") else {
            return Condition(code: "slots", severity: .unknown, title: title, evidence: "hidden from the role")
        }
        let free = maximum - Int64(own.slots.count)
        return Condition(
            code: "slots", severity: free < Int64(wanting) ? .warning : .ok, title: title,
            evidence: "\(free) of \(maximum) free, \(wanting) wanted")
    }

    private func parameters() -> Condition {
        let title = "Settings not lower than the primary's"
        guard primary != nil else {
            return Condition(
                code: "parameters", severity: .unknown, title: title, evidence: "no primary to compare with")
        }
        for finding in report.findings where finding.node == node.name {
            switch finding.diagnosis {
            case .parametersLower(let lower), .replayPausedByParameters(let lower):
                let list = lower.map { "\($0.name) \($0.standby) against \($0.primary)" }.joined(separator: ", ")
                return Condition(code: "parameters", severity: .warning, title: title, evidence: list)
            default: continue
            }
        }
        let preload = "shared_preload_libraries"
        if let mine = own.setting(preload), let theirs = primary?.snapshot?.setting(preload), mine != theirs {
            return Condition(
                code: "parameters", severity: .warning, title: title,
                evidence: "\(preload) \"\(mine)\" against \"\(theirs)\"")
        }
        return Condition(code: "parameters", severity: .ok, title: title, evidence: "connections, workers, locks")
    }

    private func archive() -> Condition {
        let title = "Archives as the primary does"
        guard let theirs = primary?.snapshot, let mode = own.setting("archive_mode") else {
            return Condition(code: "archive", severity: .unknown, title: title, evidence: "no primary to compare with")
        }
        let primarys = theirs.setting("archive_mode") ?? "hidden"
        if primarys == "off" || mode != "off" {
            let sameCommand =
                own.setting("archive_command") == theirs.setting("archive_command")
                && own.setting("archive_library") == theirs.setting("archive_library")
            let differs = mode != "off" && primarys != "off" && !sameCommand
            return Condition(
                code: "archive", severity: differs ? .warning : .ok, title: title,
                evidence: "archive_mode \(mode)" + (differs ? "; the archive commands differ" : ""))
        }
        return Condition(
            code: "archive", severity: .warning, title: title,
            evidence: "archive_mode \(mode) against the primary's \(primarys): WAL would no longer be archived")
    }

    private func synchronous() -> Condition {
        let title = "Commits would not wait in vain"
        guard let setting = own.setting("synchronous_standby_names") else {
            return Condition(code: "synchronous", severity: .unknown, title: title, evidence: "hidden from the role")
        }
        guard let names = SynchronousStandbyNames(setting) else {
            return Condition(
                code: "synchronous", severity: .ok, title: title, evidence: "synchronous_standby_names is empty")
        }
        let able = others.filter { $0.snapshot?.inRecovery == true && names.includes($0.applicationName) }.map(\.name)
        return Condition(
            code: "synchronous", severity: able.count < names.count ? .critical : .ok, title: title,
            evidence: "\"\(setting)\" wants \(names.count); of the others "
                + (able.isEmpty ? "none" : able.joined(separator: ", ")) + " could confirm")
    }

    private func rewind() -> Condition {
        let able = own.setting("data_checksums") == "on" || own.setting("wal_log_hints") == "on"
        let whole = own.setting("full_page_writes") != "off"
        return Condition(
            code: "rewind", severity: able && whole ? .ok : .warning, title: "The old primary could be rewound",
            evidence: "data_checksums \(own.setting("data_checksums") ?? "?"), wal_log_hints"
                + " \(own.setting("wal_log_hints") ?? "?"), full_page_writes \(own.setting("full_page_writes") ?? "?")")
    }

    private func logicalSlots() -> Condition {
        let held = Set(own.slots.filter { $0.synced == true }.map(\.slotName))
        let lost = (primary?.snapshot?.slots ?? [])
            .filter { $0.slotType == "logical" && !$0.temporary && !held.contains($0.slotName) }
        return Condition(
            code: "logical_slots", severity: lost.isEmpty ? .ok : .warning, title: "No logical slot would be lost",
            evidence: lost.isEmpty ? "none, or synchronised" : lost.map(\.slotName).joined(separator: ", "))
    }

    // MARK: What its host lacks

    func hostConditions(_ facts: PromotionFacts?) -> [Condition] {
        guard let facts else {
            let title = "Its host has what the data need"
            return [
                Condition(code: "host", severity: .unknown, title: title, evidence: "it could not be asked" + reason)
            ]
        }
        let missing = facts.extensions.filter { !$0.available || !$0.versionAvailable }
        let collations = facts.collations.map { "\($0.name) \($0.recorded ?? "?") against \($0.actual ?? "?")" }
        return [
            Condition(
                code: "extensions", severity: missing.isEmpty ? .ok : .critical, title: "Has the extensions' files",
                evidence: missing.isEmpty
                    ? facts.extensions.map(\.name).joined(separator: ", ")
                    : "missing: " + missing.map { "\($0.name) \($0.version)" }.joined(separator: ", ")),
            Condition(
                code: "collations", severity: collations.isEmpty ? .ok : .critical, title: "Same collation versions",
                evidence: collations.isEmpty
                    ? "as recorded"
                    : collations.joined(separator: ", ") + ": indexes on text may be corrupt here"),
            Condition(
                code: "may_promote", severity: .ok, title: "How it would be promoted",
                evidence: facts.mayPromote
                    ? "the role that pgdr connects as may call pg_promote"
                    : "by a superuser or on its host; the role that pgdr connects as may not call pg_promote"),
        ]
    }
}
