package import Essentials
package import Postgres

/// What a `WriteProbe` saw: the commits that were acknowledged, the attempts that weren't, and the gaps between.
package struct WriteRecord: Sendable {
    /// A transaction whose commit the server acknowledged.
    package struct Commit: Sendable, Equatable {
        /// Its row's number; each attempt has its own, in ascending order.
        package var number: Int
        /// When it was sent, since the probe's start.
        package var sent: Duration
        /// When its commit was acknowledged, since the probe's start.
        package var acknowledged: Duration
        /// The server, as in `WriteRecord.servers`.
        package var server: Int

        /// A commit by its parts.
        package init(number: Int, sent: Duration, acknowledged: Duration, server: Int) {
            self.number = number
            self.sent = sent
            self.acknowledged = acknowledged
            self.server = server
        }
    }

    /// An attempt that was not acknowledged; whether it was committed is unknown.
    package struct Refusal: Sendable, Equatable {
        /// Its row's number.
        package var number: Int
        /// When it was sent, since the probe's start.
        package var sent: Duration
        /// How long it took until it had failed.
        package var elapsed: Duration
        /// The server, as in `WriteRecord.servers`.
        package var server: Int
        /// The server's or libpq's words.
        package var reason: String

        /// A refusal by its parts.
        package init(number: Int, sent: Duration, elapsed: Duration, server: Int, reason: String) {
            self.number = number
            self.sent = sent
            self.elapsed = elapsed
            self.server = server
            self.reason = reason
        }
    }

    /// What marks this probe's rows in the table.
    package var run: String
    /// The servers as `host:port`, in the order of the probe's connections.
    package var servers: [String]
    /// The acknowledged commits, in the order of their acknowledgement.
    package var commits: [Commit]
    /// The attempts that failed, in their order.
    package var refusals: [Refusal]
    /// How long the probe ran.
    package var duration: Duration

    /// A record by its parts.
    package init(run: String, servers: [String], commits: [Commit], refusals: [Refusal], duration: Duration) {
        self.run = run
        self.servers = servers
        self.commits = commits
        self.refusals = refusals
        self.duration = duration
    }

    /// The longest time without an acknowledgement between two commits; nil with fewer than two.
    package var longestGap: WriteGap? { gaps(longerThan: .zero).max { $0.length < $1.length } }

    /// All times without an acknowledgement between two commits that are longer than `limit`, in their order.
    package func gaps(longerThan limit: Duration = .milliseconds(50)) -> [WriteGap] {
        WriteGap.list(of: commits.map(\.acknowledged), longerThan: limit)
    }

    /// The acknowledged commits that the server no longer has, by number: none, unless a role change lost them.
    /// - Throws: the failure to ask.
    package func lost(on server: ConnectionString, until deadline: Deadline) async throws(Failure) -> [Int] {
        let settings = SessionSettings(
            access: .readOnly, statementTimeout: deadline.remaining, applicationName: ProbeLog.applicationName)
        do {
            var connection = try await Connection.open(server, settings, until: deadline)
            let statement = "SELECT number FROM public.pgdr_probe WHERE run = $1"
            var kept: Set<Int> = []
            for row in try await connection.query(statement, [run], until: deadline).rows {
                if let number = try row.integer("number") { kept.insert(Int(number)) }
            }
            return lost(keeping: kept)
        } catch { throw error.failure() }
    }

    /// The acknowledged commits that are not among those a server has kept, by number.
    package func lost(keeping kept: Set<Int>) -> [Int] { commits.map(\.number).filter { !kept.contains($0) } }
}

/// A time in which no commit was acknowledged.
package struct WriteGap: Sendable, Equatable {
    /// When the last commit before it was acknowledged, since the probe's start.
    package var began: Duration
    /// The time from there to the next acknowledged commit.
    package var length: Duration

    /// A gap by its parts.
    package init(began: Duration, length: Duration) {
        self.began = began
        self.length = length
    }

    /// The gaps between neighbours in a list of ascending times that are longer than `limit`.
    package static func list(of times: [Duration], longerThan limit: Duration) -> [WriteGap] {
        zip(times, times.dropFirst()).compactMap { before, after in
            after - before > limit ? WriteGap(began: before, length: after - before) : nil
        }
    }
}
