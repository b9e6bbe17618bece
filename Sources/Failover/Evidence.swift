package import Replication

/// All that one look from every vantage point found, as values: what a decision rests on, and what the audit log keeps
/// so that it can be made again later.
///
/// All of it is gathered within one round, so that no view in it is older than the round.
package struct Evidence: Sendable, Equatable, Codable {
    /// The cluster.
    package var cluster: String
    /// When the round ended, on the observer's clock.
    package var at: Moment
    /// The same on a clock of the observer's that nobody sets, in seconds since any moment.
    package var ticks: Double
    /// The node that is, or was, the primary.
    package var primary: String
    /// Its `application_name`, by which `synchronous_standby_names` may know it too.
    package var applicationName: String
    /// What proves that it was the primary of the timeline that would be replaced; empty: nothing.
    ///
    /// Only what can't become untrue counts. Whom a standby is told to follow is no proof: it may be another standby, or
    /// what was left of a connection of long ago.
    package var identification: [Identification]
    /// How long, in seconds, the observer has not heard the primary; nil when it never did.
    package var silentFor: Double?
    /// What each vantage point sees of the primary.
    package var views: [View]
    /// What the primary's host says, asked by SSH.
    package var host: HostSight
    /// The other nodes that may hold WAL.
    package var standbys: [StandbyEvidence]
    /// What was last known of the primary; nil when this observer never heard it, and its data can't be read.
    package var last: LastKnown?

    /// Evidence by its parts.
    package init(
        cluster: String, at: Moment, ticks: Double, primary: String, applicationName: String? = nil,
        identification: [Identification] = [],
        silentFor: Double? = nil,
        views: [View], host: HostSight = .notAsked, standbys: [StandbyEvidence] = [], last: LastKnown? = nil
    ) {
        self.cluster = cluster
        self.at = at
        self.ticks = ticks
        self.primary = primary
        self.applicationName = applicationName ?? primary
        self.identification = identification
        self.silentFor = silentFor
        self.views = views
        self.host = host
        self.standbys = standbys
        self.last = last
    }

    /// What says which node was the primary.
    package enum Identification: Sendable, Hashable, Codable {
        /// This observer has seen it take writes on the timeline that would be replaced.
        case seen
        /// Its data says that it was the primary of that timeline.
        case data
        /// It was decided, in that run, that it replaces the primary of the timeline before.
        case decided(run: String)
        /// A person says so.
        case named
    }

    /// The cluster's own number, as the primary or a standby of its line has it; nil when nobody tells.
    package var systemIdentifier: SystemIdentifier? {
        last?.systemIdentifier ?? standbys.first(where: \.isOfThisSystem)?.systemIdentifier
    }

    /// The timeline that would be replaced: the latest that the primary or a standby of its line is known to be on;
    /// nil when nobody tells.
    package var timeline: Timeline? {
        let known = standbys.filter(\.isOfThisSystem).compactMap(\.timeline) + [last?.timeline].compactMap(\.self)
        return known.max()
    }
}

/// What the primary's host says of its server, asked by SSH.
package enum HostSight: String, Sendable, Codable {
    /// No postmaster runs on its data directory.
    case stopped
    /// A postmaster runs there.
    case running
    /// The host answers; of the server it can't tell.
    case answers
    /// The host doesn't answer.
    case silent
    /// It has no SSH address in the configuration, or there was no reason to ask.
    case notAsked = "not_asked"

    /// Whether the server could be stopped there.
    package var takesCommands: Bool { self == .stopped || self == .running }
}

/// What was known of the primary when it last answered this observer, or what its data tells.
package struct LastKnown: Sendable, Equatable, Codable {
    /// What it had written (`pg_current_wal_lsn()`).
    package var lsn: LSN
    /// Its timeline.
    package var timeline: Timeline
    /// When, on the observer's clock.
    package var at: Moment
    /// `synchronous_standby_names`; nil when it was hidden.
    package var synchronousStandbyNames: String?
    /// `initdb`'s identifier; nil when it was hidden.
    package var systemIdentifier: SystemIdentifier?
    /// Whether it has written nothing after that, since it was read from its data when it was down.
    package var isEnd: Bool

    /// What was known, by its parts.
    package init(
        lsn: LSN, timeline: Timeline, at: Moment, synchronousStandbyNames: String? = nil,
        systemIdentifier: SystemIdentifier? = nil, isEnd: Bool = false
    ) {
        self.lsn = lsn
        self.timeline = timeline
        self.at = at
        self.synchronousStandbyNames = synchronousStandbyNames
        self.systemIdentifier = systemIdentifier
        self.isEnd = isEnd
    }
}

/// What is known of a node that is not the primary.
package struct StandbyEvidence: Sendable, Equatable, Codable {
    /// Its name.
    package var name: String
    /// Its `application_name`, by which `synchronous_standby_names` knows it.
    package var applicationName: String
    /// What it is for.
    package var kind: NodeKind
    /// Which standby is preferred; 0: never promoted.
    package var priority: Int
    /// Where it stands; nil: not said.
    package var site: String?
    /// Why it gave no answer; nil when it answered.
    package var silence: String?
    /// Whether it is in recovery; nil when silent.
    package var inRecovery: Bool?
    /// Its system identifier; nil when silent or hidden.
    package var systemIdentifier: SystemIdentifier?
    /// The timeline that its WAL is of; nil when silent or hidden.
    package var timeline: Timeline?
    /// Where the WAL ends that it has durably and can use; nil when silent, or there is none yet.
    package var endOfWAL: LSN?
    /// How far it has replayed; nil when silent.
    package var replayLSN: LSN?
    /// How long before it was last heard the primary stood where the WAL ends here, in seconds, as this observer's own
    /// looks tell (`LSNClock`); nil when they don't.
    package var secondsBehind: Double?
    /// Whether a walreceiver still runs there.
    package var isReceiving: Bool
    /// What it can't be promoted for, whatever it holds; empty: nothing.
    package var obstacles: [Obstacle]

    /// A standby of which nothing but its place in the configuration is known.
    package init(
        name: String, applicationName: String? = nil, kind: NodeKind, priority: Int = 100, site: String? = nil,
        silence: String? = nil
    ) {
        self.name = name
        self.applicationName = applicationName ?? name
        self.kind = kind
        self.priority = priority
        self.site = site
        self.silence = silence
        isReceiving = false
        obstacles = []
    }

    /// What keeps a standby from being promoted.
    package enum Obstacle: Sendable, Hashable, Codable {
        /// `recovery_min_apply_delay`, in seconds: it stands in the past on purpose.
        case delayed(seconds: Double)
        /// Somebody paused its replay; a promotion would end that.
        case paused
        /// A recovery target is set, such as `recovery_target_time`: a promotion would end there.
        case target(String)
        /// Replay has stopped since settings are lower than the primary's; it can't be promoted.
        case parametersLower
        /// Its WAL is not part of the others' line of history.
        case diverged(String)
        /// It belongs to another cluster.
        case otherSystem
    }

    /// Whether its WAL may be compared with that of the others.
    package var isOfThisSystem: Bool {
        silence == nil && inRecovery == true
            && !obstacles.contains { obstacle in
                switch obstacle {
                case .diverged, .otherSystem: true
                case .delayed, .paused, .target, .parametersLower: false
                }
            }
    }
}
