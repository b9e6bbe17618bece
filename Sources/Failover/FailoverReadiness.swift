package import Configuration
package import Replication

/// What can be said of a cluster's failover before there is any need for one.
package struct FailoverReadiness: Sendable, Equatable {
    /// How much happens without a person.
    package var mode: FailoverPolicy.Mode
    /// What the cluster survives: with its primary, or where it isn't known which node that is, with each that may be.
    package var outlooks: [Outlook]
    /// What holds for all observers.
    package var control: ControlReading
    /// What stands in the way of a failover.
    package var findings: [Finding]
    /// What its times have to do with what was measured; nil: nothing was.
    package var thresholds: ThresholdAdvice?

    /// Readiness by its parts.
    package init(
        mode: FailoverPolicy.Mode, outlooks: [Outlook], control: ControlReading, findings: [Finding],
        thresholds: ThresholdAdvice? = nil
    ) {
        self.mode = mode
        self.outlooks = outlooks
        self.control = control
        self.findings = findings
        self.thresholds = thresholds
    }

    /// Something that stands in the way.
    package struct Finding: Sendable, Equatable {
        /// A stable word for it.
        package enum Code: String, Sendable, CaseIterable {
            /// No node may take over.
            case nobodyToPromote = "nobody_to_promote"
            /// One voter decides alone.
            case oneVoter = "one_voter"
            /// A node has a vote, and no host to keep a decision on.
            case voterWithoutSSH = "voter_without_ssh"
            /// Fencing is required, and there is no means for it.
            case noFencing = "no_fencing"
            /// The control state could not be read.
            case controlUnknown = "control_unknown"
            /// Answers come too late for `timeout`, or might.
            case timeoutShort = "timeout_short"
            /// `timeout` is much longer than answers take.
            case timeoutLong = "timeout_long"
            /// One look decides.
            case confirmForZero = "confirm_for_zero"
            /// A pause that was seen may outlast `confirm_for`.
            case confirmForShort = "confirm_for_short"
            /// `confirm_for` is much longer than any pause that was seen.
            case confirmForLong = "confirm_for_long"
            /// It is looked more seldom than it could be.
            case intervalLong = "interval_long"
            /// Something gave no answer at all, so that nothing is known of how long one takes.
            case notMeasured = "not_measured"
        }

        /// What it is.
        package var code: Code
        /// `warning` where failover happens by itself, otherwise `ok`: then a person is there to see it.
        package var severity: Severity
        /// The node it is about; nil: the cluster.
        package var node: String?
        /// What was found, one line without a full stop.
        package var message: String
        /// What to do about it; nil: nothing more than the message says.
        package var hint: String?

        /// A finding by its parts.
        package init(_ code: Code, _ severity: Severity, node: String? = nil, _ message: String, hint: String? = nil) {
            self.code = code
            self.severity = severity
            self.node = node
            self.message = message
            self.hint = hint
        }
    }

    /// The worst finding.
    package var severity: Severity {
        (findings + (thresholds?.findings ?? [])).map(\.severity).max() ?? .ok
    }
}

extension ClusterConfiguration {
    /// How ready the cluster is for a failover, given what its nodes have just said.
    package func failoverReadiness(_ control: ControlReading) -> FailoverReadiness {
        let primaries =
            control.primaries.count == 1
            ? control.primaries : nodes.filter { $0.kind != .backup }.map(\.name)
        let outlooks = primaries.map { outlook(ofPrimary: $0) }
        let findings = votes(outlooks) + recordless(outlooks) + unfenced(primaries) + unknown(control)
        return FailoverReadiness(mode: failover.mode, outlooks: outlooks, control: control, findings: findings)
    }

    private var severity: Severity { failover.mode == .automatic ? .warning : .ok }

    private func votes(_ outlooks: [Outlook]) -> [FailoverReadiness.Finding] {
        outlooks.compactMap { outlook in
            guard let first = outlook.voters.nodes.first else {
                return .init(
                    .nobodyToPromote, severity, node: outlook.primary,
                    "no node may take over from node \"\(outlook.primary)\"",
                    hint: "One may that is no backup and has another priority than 0.")
            }
            guard outlook.voters.count == 1 else { return nil }
            return .init(
                .oneVoter, severity, node: first,
                "node \"\(first)\" decides alone whether it takes over from node \"\(outlook.primary)\"",
                hint: "Nothing but fencing then keeps apart a primary that is dead and one that it can't reach. "
                    + "Add a standby, or witnesses.")
        }
    }

    private func recordless(_ outlooks: [Outlook]) -> [FailoverReadiness.Finding] {
        let voters = Set(outlooks.flatMap(\.voters.nodes))
        return nodes.filter { voters.contains($0.name) && $0.ssh == nil }.map { node in
            .init(
                .voterWithoutSSH, severity, node: node.name,
                "node \"\(node.name)\" has a vote, and can't keep a record of what was decided",
                hint: "Give it \"ssh\".")
        }
    }

    private func unfenced(_ primaries: [String]) -> [FailoverReadiness.Finding] {
        guard failover.fencing == .required, failover.fenceCommand == nil else { return [] }
        return nodes.filter { primaries.contains($0.name) && $0.ssh == nil }.map { node in
            .init(
                .noFencing, severity, node: node.name,
                "node \"\(node.name)\" can't be fenced, which is required before another one is promoted",
                hint: "Give it \"ssh\", or the cluster a \"fence_command\".")
        }
    }

    private func unknown(_ control: ControlReading) -> [FailoverReadiness.Finding] {
        let effect = "nothing happens by itself as long as it isn't known whether failover is paused"
        switch control.source {
        case .node: return []
        case .noSchema:
            return [
                .init(
                    .controlUnknown, severity, "\(effect): no node has the tables for that",
                    hint: "Run sql/schema.sql on the primary, as a superuser, in the database that pgdr connects to.")
            ]
        case .nobody: return [.init(.controlUnknown, severity, "\(effect): no node tells it")]
        case .severalClusters:
            return [.init(.controlUnknown, severity, "\(effect): the nodes belong to different clusters")]
        }
    }
}
