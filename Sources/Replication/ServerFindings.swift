extension Examination {
    /// What concerns any server, whatever its role.
    func serverFindings(_ node: ObservedNode, _ own: NodeSnapshot) -> [Finding] {
        fitnessFindings(node, own) + slotFindings(node, own) + connectionFindings(node, own)
    }

    /// What only a primary can have.
    func primaryFindings(_ node: ObservedNode, _ own: NodeSnapshot) -> [Finding] {
        commitFindings(node, own) + archiverFindings(node, own)
            + own.slots
            .filter { $0.slotType == "logical" && !$0.temporary && $0.failover != true && hasStandbys }
            .map { Finding(.warning, node.name, .logicalSlotLostOnFailover(slot: $0.slotName)) }
    }

    private var hasStandbys: Bool { snapshot.nodes.count > 1 }

    private func fitnessFindings(_ node: ObservedNode, _ own: NodeSnapshot) -> [Finding] {
        guard hasStandbys, node.kind != .backup else { return [] }
        var findings: [Finding] = []
        if let level = own.setting("wal_level"), level == "minimal" {
            findings.append(Finding(.critical, node.name, .walLevelUnfit(level)))
        }
        let others = snapshot.nodes.count - 1
        if let senders = own.integerSetting("max_wal_senders"), senders < Int64(others + 1) {
            findings.append(Finding(.warning, node.name, .tooFewWALSenders(setting: senders, needed: others + 1)))
        }
        if own.setting("hot_standby") == "off" { findings.append(Finding(.warning, node.name, .hotStandbyOff)) }
        if own.setting("data_checksums") == "off", own.setting("wal_log_hints") == "off" {
            let reason = "Neither data checksums nor wal_log_hints are on."
            findings.append(Finding(.warning, node.name, .rewindImpossible(reason: reason)))
        } else if own.setting("full_page_writes") == "off" {
            findings.append(Finding(.warning, node.name, .rewindImpossible(reason: "full_page_writes is off.")))
        }
        return findings
    }

    private func slotFindings(_ node: ObservedNode, _ own: NodeSnapshot) -> [Finding] {
        var findings: [Finding] = []
        // A copy that a standby keeps synchronised for a later failover is never active there; on a primary "synced"
        // means nothing any more.
        for slot in own.slots where !(own.inRecovery && slot.synced == true) {
            let bytes = slot.retainedBytes.map { UInt64(max(0, $0)) }
            switch slot.walStatus {
            case "lost": findings.append(Finding(.critical, node.name, .slotLost(slot: slot.slotName)))
            case "unreserved":
                findings.append(
                    Finding(
                        .critical, node.name,
                        .slotUnreserved(slot: slot.slotName, safeWALSize: slot.safeWALSize)))
            default:
                if !slot.active, !slot.temporary, slot.restartLSN != nil {
                    findings.append(
                        Finding(
                            .warning, node.name, .slotInactive(slot: slot.slotName, retained: slot.retainedBytes)))
                }
            }
            if let bytes, let (severity, limit) = thresholds.retainedWAL.exceeded(by: bytes) {
                findings.append(
                    Finding(severity, node.name, .retainedWAL(slot: slot.slotName, bytes: bytes, limit: limit)))
            }
            let age = max(slot.xminAge ?? 0, slot.catalogXminAge ?? 0)
            if !slot.active, age > Self.vacuumHeldBack {
                findings.append(Finding(.warning, node.name, .slotHoldsVacuum(slot: slot.slotName, xminAge: age)))
            }
        }
        return findings
    }

    /// Transactions; a quarter of `autovacuum_freeze_max_age`'s default, long before anything is forced.
    private static let vacuumHeldBack: Int64 = 50_000_000

    private func connectionFindings(_ node: ObservedNode, _ own: NodeSnapshot) -> [Finding] {
        guard let used = own.connections?.used, let maximum = own.integerSetting("max_connections") else { return [] }
        let reserved = ["superuser_reserved_connections", "reserved_connections"].compactMap(own.integerSetting)
        let limit = maximum - reserved.reduce(0, +)
        guard limit > 0 else { return [] }
        let percent = Double(used) / Double(limit) * 100
        let severity = thresholds.connections.severity(of: percent)
        guard severity > .ok else { return [] }
        return [Finding(severity, node.name, .connectionsNearLimit(used: used, limit: limit, percent: percent))]
    }

    /// With fewer confirming standbys than `synchronous_standby_names` wants, each commit waits for ever.
    private func commitFindings(_ node: ObservedNode, _ own: NodeSnapshot) -> [Finding] {
        // Without pg_monitor the states of the standbys are hidden.
        guard own.monitor, let setting = own.setting("synchronous_standby_names"),
            let names = SynchronousStandbyNames(setting)
        else { return [] }
        let present = own.standbys.count { row in
            ["streaming", "stopping"].contains(row.state) && row.flushLSN != nil
                && names.includes(row.applicationName ?? "")
        }
        guard present < names.count else { return [] }
        let waiting = own.connections?.waitingForSync ?? 0
        return [
            Finding(
                .critical, node.name,
                .synchronousCommitWaits(needed: names.count, present: present, waiting: waiting))
        ]
    }

    /// Whether archiving fails (the last attempt did) or is stuck (complete segments wait though nothing failed).
    ///
    /// An idle server has none waiting, however long ago the last one was archived. The label of a base backup, which
    /// is archived after its segments under the name of the first, doesn't tell how far archiving has come.
    private func archiverFindings(_ node: ObservedNode, _ own: NodeSnapshot) -> [Finding] {
        guard let archiver = own.archiver, let mode = own.setting("archive_mode"), mode != "off" else { return [] }
        if let failed = archiver.lastFailedTime, failed > archiver.lastArchivedTime ?? Moment(rawValue: 0) {
            let delay = own.now - (archiver.lastArchivedTime ?? failed)
            let severity = max(.warning, thresholds.archiveDelay.severity(of: delay))
            return [
                Finding(
                    severity, node.name,
                    .archiverFailing(file: archiver.lastFailedWAL, count: archiver.failedCount))
            ]
        }
        guard let size = own.integerSetting("wal_segment_size").flatMap({ UInt64(exactly: $0) }),
            let timeline = own.timeline, let position = own.currentLSN,
            let current = WALSegment(containing: position, on: timeline, size: size),
            let name = archiver.lastArchivedWAL, !name.hasSuffix(".backup"),
            let last = WALSegment(name: name, size: size),
            let time = archiver.lastArchivedTime, current.number > last.number + 1
        else { return [] }
        let severity = thresholds.archiveDelay.severity(of: own.now - time)
        guard severity > .ok else { return [] }
        return [
            Finding(
                severity, node.name,
                .archiverStuck(segments: current.number - last.number - 1, seconds: own.now - time))
        ]
    }
}
