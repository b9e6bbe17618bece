extension Finding {
    /// The stable name of the diagnosis, for scripts.
    public var code: String { diagnosis.code }
    /// What is wrong, in one line.
    public var message: String { text.message }
    /// The evidence; nil when the message holds all of it.
    public var detail: String? { text.detail }
    /// What a person can do; nil when nothing needs to be done.
    public var hint: String? { text.hint }

    private var text: Diagnosis.Text { diagnosis.text(node ?? "") }
}

extension Diagnosis {
    /// The words of a diagnosis.
    struct Text {
        var message: String
        var detail: String?
        var hint: String?

        init(_ message: String, detail: String? = nil, hint: String? = nil) {
            self.message = message
            self.detail = detail
            self.hint = hint
        }

        static func list(_ differences: [ParameterDifference]) -> String {
            differences.map { "\($0.name) \($0.standby) against the primary's \($0.primary)" }
                .joined(separator: "; ") + "."
        }
    }

    /// The words for `node`; without a `default`, so that none can be forgotten.
    func text(_ node: String) -> Text {
        switch self {
        case .primaryUnreachable(let silence, let streaming): .primaryUnreachable(node, silence, streaming)
        case .noPrimary(let silent): .noPrimary(silent)
        case .twoPrimaries(let names): .twoPrimaries(names)
        case .nodeUnreachable(let silence): .nodeUnreachable(node, silence)
        case .roleDiffersFromKind: .roleDiffersFromKind(node)
        case .sameServer(let other): .sameServer(node, other)
        case .systemIdentifierDiffers(let own, let primarys): .systemIdentifierDiffers(node, own, primarys)
        case .versionMismatch(let own, let primarys): .versionMismatch(node, own, primarys)
        case .divergedTimeline(let timeline, let position, let fork): .divergedTimeline(node, timeline, position, fork)
        case .timelineAhead(let own, let primarys): .timelineAhead(node, own, primarys)
        case .timelinesNotComparable(let reason): .timelinesNotComparable(node, reason)
        case .notStreaming(let position, let behind, let receiver): .notStreaming(node, position, behind, receiver)
        case .wrongUpstream(let expected, let actual): .wrongUpstream(node, expected, actual)
        case .unknownUpstream(let host, let port): .unknownUpstream(node, host, port)
        case .upstreamCycle(let names): .upstreamCycle(names)
        case .replayPaused(let behind): .replayPaused(node, behind)
        case .replayPausedByTarget(let target): .replayPausedByTarget(node, target)
        case .replayPausedByParameters(let differences): .replayPausedByParameters(node, differences)
        case .replayWaitsForQuery(let event): .replayWaitsForQuery(node, event)
        case .delayedStandby(let seconds): .delayedStandby(node, seconds)
        case .lagBytes(let bytes, let limit): .lagBytes(node, bytes, limit)
        case .lagSeconds(let seconds, let limit, let source): .lagSeconds(node, seconds, limit, source)
        case .slotInactive(let slot, let retained): .slotInactive(node, slot, retained)
        case .slotUnreserved(let slot, let safe): .slotUnreserved(node, slot, safe)
        case .slotLost(let slot): .slotLost(node, slot)
        case .slotMissing(let slot, let upstream): .slotMissing(node, slot, upstream)
        case .retainedWAL(let slot, let bytes, let limit): .retainedWAL(node, slot, bytes, limit)
        case .slotHoldsVacuum(let slot, let age): .slotHoldsVacuum(node, slot, age)
        case .logicalSlotLostOnFailover(let slot): .logicalSlotLostOnFailover(node, slot)
        case .archiverFailing(let file, let count): .archiverFailing(node, file, count)
        case .archiverStuck(let segments, let seconds): .archiverStuck(node, segments, seconds)
        case .synchronousCommitWaits(let needed, let present, let waiting):
            .synchronousCommitWaits(node, needed, present, waiting)
        case .walLevelUnfit(let level): .walLevelUnfit(node, level)
        case .tooFewWALSenders(let setting, let needed): .tooFewWALSenders(node, setting, needed)
        case .hotStandbyOff: .hotStandbyOff(node)
        case .rewindImpossible(let reason): .rewindImpossible(node, reason)
        case .parametersLower(let differences): .parametersLower(node, differences)
        case .connectionsNearLimit(let used, let limit, let percent): .connectionsNearLimit(node, used, limit, percent)
        case .drillOverdue(let kind, let age, let limit): .drillOverdue(kind, age, limit)
        case .drillsUnknown(let reason): .drillsUnknown(reason)
        case .notMonitor: .notMonitor(node)
        case .clockOffset(let seconds, let uncertainty, let limit): .clockOffset(node, seconds, uncertainty, limit)
        }
    }
}
