package import Audit
internal import Essentials
internal import Replication
package import RunbookEngine

/// A drill that moves the primary role to a standby and back, as far as it has come.
package struct SwitchoverDrill: Sendable {
    /// What identifies it in the audit log.
    package var id: String
    /// The cluster.
    package var cluster: String
    /// The standby that takes the role over.
    package var target: String
    /// The primary, which gets it back.
    package var home: String
    /// The looks at the cluster, in their order.
    package var looks: [DrillLook] = []
    /// The switchovers, in their order: there, then back.
    package var legs: [Leg] = []
    /// The runs that had standbys follow again whom they followed before.
    package var repoints: [Leg] = []
    /// Who is the primary at the end; nil: not asked yet.
    package var roles: RoleSurvey?
    /// What else went wrong, a sentence each.
    package var troubles: [String] = []
    /// What clients may see at most.
    package var limits = Limits()

    /// What clients may see at most.
    package struct Limits: Sendable, Equatable {
        /// The longest time without an acknowledged commit; nil: any.
        package var outage: Duration?
        /// How many acknowledged commits may be gone; nil: any number.
        package var loss: Int?

        /// Limits by their parts.
        package init(outage: Duration? = nil, loss: Int? = nil) {
            self.outage = outage
            self.loss = loss
        }
    }

    /// One switchover.
    package struct Leg: Sendable {
        /// The run; nil: none was begun.
        package var run: String?
        /// How it ended.
        package var end: End
        /// What a client saw; nil: there was none.
        package var measurement: ClientMeasurement?

        /// How a switchover ended.
        package enum End: Sendable, Equatable {
            /// The role has moved; steps that failed and were passed over are named.
            case moved(failed: [String])
            /// The role has moved, and no write went through the clients' path to the new primary.
            case notProven(String)
            /// Nothing is changed, and why.
            case unmoved(String)
            /// It is unfinished, and why.
            case partWay(String)
        }

        /// A switchover by its parts.
        package init(run: String?, end: End, measurement: ClientMeasurement? = nil) {
            self.run = run
            self.end = end
            self.measurement = measurement
        }

        /// Whether the role is at the other node now.
        package var hasMoved: Bool {
            switch end {
            case .moved, .notProven: true
            case .unmoved, .partWay: false
            }
        }
    }

    /// A drill that hasn't begun.
    package init(id: String, cluster: String, target: String, home: String) {
        self.id = id
        self.cluster = cluster
        self.target = target
        self.home = home
    }

    /// Where the role is.
    package enum Place: Sendable, Equatable {
        /// Where it was before.
        case home
        /// At the other node.
        case away
        /// A run is unfinished.
        case open
        /// Somewhere else, or it can't be told.
        case unclear
    }

    /// Where the role is.
    package var place: Place {
        if openRun != nil { return .open }
        guard let primaries = roles?.primaries, primaries.count == 1 else { return .unclear }
        return primaries == [home] ? .home : primaries == [target] ? .away : .unclear
    }

    /// The run that is unfinished; nil: none is.
    package var openRun: String? {
        (legs + repoints).first { if case .partWay = $0.end { true } else { false } }?.run
    }

    /// The longest time a client could not commit; nil: not measured.
    package var outage: ClientMeasurement.Outage? {
        let outages = legs.map { $0.measurement?.longestOutage }
        return outages.compactMap(\.self).map(\.length).max().map { longest in
            // What was not measured, or not to its end, may have been longer.
            ClientMeasurement.Outage(length: longest, isAtLeast: outages.contains { $0?.isAtLeast ?? true })
        }
    }

    /// How many acknowledged commits are gone; nil: not known of each switchover.
    package var lost: Int? {
        let counts = legs.map { $0.measurement?.lost?.count }
        return counts.isEmpty || counts.contains(nil) ? nil : counts.compactMap(\.self).reduce(0, +)
    }

    /// What isn't as it has to be, a sentence each; empty: all is.
    package var problems: [String] {
        var problems = looks.flatMap { look in look.problems.map { "\(look.moment.rawValue): \($0)" } }
        for leg in legs + repoints {
            switch leg.end {
            case .moved(let failed):
                problems += failed.map { "step \($0) of run \(leg.run ?? "?") failed" }
            case .notProven(let reason), .unmoved(let reason), .partWay(let reason): problems.append(reason)
            }
        }
        for leg in legs where limits != Limits() {
            guard case .moved = leg.end else { continue }
            switch leg.measurement?.verdict(outage: limits.outage, loss: limits.loss) {
            case .within: continue
            case .exceeded: problems.append("clients waited for longer, or lost more, than the drill allows")
            case .notMeasured, nil: problems.append("what clients saw was not measured")
            }
        }
        if legs.count < 2, legs.allSatisfy(\.hasMoved) { problems.append("it was cut off") }
        return problems + troubles
    }

    /// Whether the role went there and back, and all is as it has to be.
    package var passed: Bool { legs.count == 2 && place == .home && problems.isEmpty }

    /// What the audit log says of its beginning.
    package var beginning: AuditEntry {
        AuditEntry(
            DrillEvent.began.rawValue, cluster: cluster, run: id,
            details: [
                "kind": .text(DrillKind.switchover.rawValue), "node": .text(target), "home": .text(home),
                "rto_limit_seconds": .optional(limits.outage?.seconds), "rpo_limit": .optional(limits.loss),
            ])
    }

    /// What the audit log says of the beginning of one of its runs.
    package func beginning(ofRun run: String) -> AuditEntry {
        AuditEntry(DrillEvent.leg.rawValue, cluster: cluster, run: id, details: ["run": .text(run)])
    }

    /// What the audit log says of its end.
    package var ending: AuditEntry {
        AuditEntry(
            DrillEvent.ended.rawValue, cluster: cluster, run: id,
            details: [
                "passed": .bool(passed), "problems": .list(problems.map(AuditValue.text)),
                "runs": .list((legs + repoints).compactMap(\.run).map(AuditValue.text)),
                "rto_seconds": outage.map { .number($0.seconds) } ?? .null,
                "rto_at_least": outage.map { .bool($0.isAtLeast) } ?? .null,
                "lost": lost.map { .integer(Int64($0)) } ?? .null,
            ])
    }
}
