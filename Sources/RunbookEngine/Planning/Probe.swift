/// A read-only question with a yes, a no or an "it can't be told"; in its final form, as a plan shows it.
package indirect enum Probe: Sendable, Equatable, Codable {
    /// The statement's only value is the expected one, or true where none is named.
    case statement(Statement)
    /// The command exits with 0 and prints what is expected, white space at its ends aside; nil: whatever.
    case command(RemoteCommand, expected: String?)
    /// The command, pg_controldata, tells of this state and of a checkpoint on this timeline; nil: on whichever.
    case controlFile(RemoteCommand, state: String, timeline: UInt32?)
    /// The standby has replayed the shutdown checkpoint of a cleanly stopped primary, which the command, pg_controldata, tells of.
    case holdsAllWAL(standby: String, primary: String, controlData: RemoteCommand)
    /// The node streams from that upstream, which knows it by this application name.
    case streams(node: String, upstream: String, applicationName: String)
    /// The node has replayed all but so many bytes of what the upstream has written.
    case caughtUp(node: String, upstream: String, within: UInt64)
    /// The node is a primary and no other node that answers is one.
    case onlyPrimary(node: String)
    /// No node that answers is a primary, but for those that are expected to be; silence counts as none, or only from
    /// a node whose server its host proves to be stopped.
    case noPrimary(but: [String], acceptsSilence: Bool)
    /// Every node answers, or their silence is accepted.
    case allAnswer(acceptsSilence: Bool)
    /// `pgdr check` finds nothing critical about promoting the node, conditions of these codes aside.
    case promotable(node: String, but: [String])
    /// Nothing but what comes of the primary's absence speaks against promoting the node in its place.
    case canTakeOver(node: String, from: String, isFenced: Bool)
    /// No standby that answers has more WAL than the node, but for so many bytes.
    case mostAdvanced(node: String, within: UInt64, former: String?, acceptsSilence: Bool)
    /// The node is no primary, or does not answer.
    case notPrimary(node: String)
    /// The node has no WAL that the primary's history lacks, as far as can be told.
    case descends(node: String)
    /// The data directory that the command, pg_controldata, reads is of the running server's cluster, or can't be read.
    case ownsData(node: String, source: String, controlData: RemoteCommand)
    /// The node has durably all the WAL that the other standby has.
    case hasWAL(node: String, source: String)
    /// No voter that can be asked has recorded that another node replaces the primary, or that it has is accepted.
    case noOtherDecision(Ballot, isAccepted: Bool)
    /// No voter that answers has a decision that another node replaces this one, which is down, as a primary.
    case notReplaced(node: String)
    /// The standby can be done without: nobody gets WAL from it, no commit waits for it, and another one covers
    /// production, or that none does is accepted.
    case spare(node: String, primary: String, acceptsUncovered: Bool)
    /// The primary can keep its WAL for that many seconds, as far as its settings and its disk go, which the command, df,
    /// tells of.
    case keepsWAL(primary: String, seconds: Double, disk: RemoteCommand)
    /// Both servers have the same system identifier.
    case sameCluster(node: String, other: String)
    /// All of them hold.
    case all([Probe])
    /// One of them holds, asked in this order.
    case any([Probe])
    /// Known since the plan was made: whether it holds, and why.
    case known(Bool, evidence: String)
}

extension Probe {
    /// The same, but silence of a node proves nothing.
    var distrustingSilence: Probe {
        switch self {
        case .noPrimary(let expected, true): .noPrimary(but: expected, acceptsSilence: false)
        case .all(let probes): .all(probes.map(\.distrustingSilence))
        case .any(let probes): .any(probes.map(\.distrustingSilence))
        default: self
        }
    }
}

/// What a probe found.
package struct ProbeResult: Sendable, Equatable, Codable {
    /// Whether it holds; nil when that can't be told.
    package var holds: Bool?
    /// What was seen.
    package var evidence: String

    /// A result by its parts.
    package init(_ holds: Bool?, _ evidence: String) {
        self.holds = holds
        self.evidence = evidence
    }
}
