package import Audit
internal import Essentials

/// What a client saw of a cluster while something happened to it: when it could commit, and what it lost.
package struct ClientMeasurement: Sendable {
    /// The path's name.
    package var path: String
    /// The time from one commit's start to the next one's.
    package var interval: Duration
    /// When the probe began, by this machine's clock.
    package var began: AuditTime
    /// The commits; `servers` is in the order of its servers.
    package var record: WriteRecord
    /// The servers that acknowledged commits, in the order in which they first did.
    package var servers: [AnsweringServer]
    /// Since the probe's start, when the run began that it was beside; nil: it was beside none.
    package var runBegan: Duration?
    /// Whether something went wrong before the first commit was acknowledged.
    package var failedFirst: Bool
    /// Whether the last commit that was waited for was not acknowledged.
    package var isDownAtEnd: Bool
    /// What the primary has of the commits at the end; nil: it could not be asked.
    package var kept: Set<Int>?
    /// Acknowledged commits that were not there when they were read back.
    package var unread: [Int]
    /// What went wrong, in the order in which it first did.
    package var errors: [ClientError]
    /// How far the standbys were behind; empty where that was not looked at.
    package var lag: LagSeries

    /// A measurement by its parts.
    package init(
        path: String, interval: Duration, began: AuditTime, record: WriteRecord, servers: [AnsweringServer],
        runBegan: Duration? = nil, failedFirst: Bool = false, isDownAtEnd: Bool = false, kept: Set<Int>? = nil,
        unread: [Int] = [], errors: [ClientError] = [], lag: LagSeries = LagSeries()
    ) {
        self.path = path
        self.interval = interval
        self.began = began
        self.record = record
        self.servers = servers
        self.runBegan = runBegan
        self.failedFirst = failedFirst
        self.isDownAtEnd = isDownAtEnd
        self.kept = kept
        self.unread = unread
        self.errors = errors
        self.lag = lag
    }
}

/// Words of a server or of libpq, and how often they came.
package struct ClientError: Sendable, Equatable {
    /// The words; they never hold a secret.
    package var text: String
    /// How often.
    package var count: Int

    /// An error by its parts.
    package init(text: String, count: Int = 1) {
        self.text = text
        self.count = count
    }
}

extension ClientMeasurement {
    /// A time in which a client could not commit.
    package struct Outage: Sendable, Equatable {
        /// From the last acknowledgement before to the first one after.
        package var length: Duration
        /// Whether one of the two is missing, so that it was longer in truth.
        package var isAtLeast: Bool

        /// The length in seconds, to the millisecond.
        package var seconds: Double { (length.seconds * 1000).rounded() / 1000 }

        /// An outage by its parts.
        package init(length: Duration, isAtLeast: Bool = false) {
            self.length = length
            self.isAtLeast = isAtLeast
        }
    }

    /// The longest time without an acknowledged commit, the RTO; nil with fewer commits than it takes.
    package var longestOutage: Outage? {
        guard let first = record.commits.first, let last = record.commits.last else { return nil }
        var outages = record.longestGap.map { [Outage(length: $0.length)] } ?? []
        if wasDownAtStart { outages.append(Outage(length: first.acknowledged, isAtLeast: true)) }
        if isDownAtEnd { outages.append(Outage(length: record.duration - last.acknowledged, isAtLeast: true)) }
        // How long one lasted that is cut off by an end is not known: it may be the longest.
        let isAtLeast = wasDownAtStart || isDownAtEnd
        return outages.map(\.length).max().map { Outage(length: $0, isAtLeast: isAtLeast) }
    }

    /// Whether clients could not commit already when it began: the first attempt failed, or a run began before it got
    /// an answer.
    package var wasDownAtStart: Bool { failedFirst || (runBegan != nil && lastBeforeRun == nil) }

    /// The times without an acknowledged commit that are longer than `gapThreshold`.
    package var gaps: [WriteGap] { record.gaps(longerThan: gapThreshold) }

    /// How long a time without an acknowledged commit is at most that is no gap: two intervals, and 50 ms.
    package var gapThreshold: Duration { max(interval * 2, .milliseconds(50)) }

    /// The acknowledged commits that are gone, the RPO, by number; nil: the primary could not be asked, or beside a run no
    /// commit was acknowledged before it.
    package var lost: [Int]? {
        guard let kept, !record.commits.isEmpty, runBegan == nil || lastBeforeRun != nil else { return nil }
        return record.lost(keeping: kept)
    }

    /// The last commit that was acknowledged before the run began; nil: none was, or there is no run.
    package var lastBeforeRun: WriteRecord.Commit? {
        runBegan.flatMap { began in record.commits.last { $0.acknowledged <= began } }
    }

    /// The server that acknowledged a commit.
    package func server(of commit: WriteRecord.Commit) -> AnsweringServer? {
        servers.indices.contains(commit.server) ? servers[commit.server] : nil
    }

    /// A time in which one server acknowledged all commits.
    package struct Stretch: Sendable, Equatable {
        /// The server.
        package var server: AnsweringServer
        /// The first acknowledgement, since the probe's start.
        package var first: Duration
        /// The last one.
        package var last: Duration
        /// How many there were.
        package var commits: Int
    }

    /// Which servers answered when, one after the other.
    package var stretches: [Stretch] {
        record.commits.reduce(into: []) { list, commit in
            guard let server = server(of: commit) else { return }
            if let last = list.indices.last, list[last].server == server {
                list[last].last = commit.acknowledged
                list[last].commits += 1
            } else {
                list.append(
                    Stretch(server: server, first: commit.acknowledged, last: commit.acknowledged, commits: 1))
            }
        }
    }

    /// A moment of the probe by this machine's clock.
    package func time(at offset: Duration) -> AuditTime {
        let (seconds, attoseconds) = offset.components
        return AuditTime(microseconds: began.microseconds + seconds * 1_000_000 + attoseconds / 1_000_000_000_000)
    }
}
