/// The limits beyond which an observed value becomes a finding.
public struct Thresholds: Sendable, Equatable {
    /// A pair of limits; a value *above* one of them has that severity, nil switches that severity off.
    public struct Limits<Value: Comparable & Sendable & Equatable>: Sendable, Equatable {
        /// Above this it is a warning.
        public var warning: Value?
        /// Above this it is critical.
        public var critical: Value?

        /// Limits of which either may be off.
        public init(warning: Value?, critical: Value?) {
            self.warning = warning
            self.critical = critical
        }

        /// The severity of `value`; `.ok` when it is within both limits.
        public func severity(of value: Value) -> Severity {
            if let critical, value > critical { return .critical }
            if let warning, value > warning { return .warning }
            return .ok
        }

        /// The limit that `value` is above, the critical one first, and its severity; nil within both.
        func exceeded(by value: Value) -> (severity: Severity, limit: Value)? {
            if let critical, value > critical { return (.critical, critical) }
            if let warning, value > warning { return (.warning, warning) }
            return nil
        }
    }

    /// Replay lag of a standby in bytes; default 16 MiB and 256 MiB.
    public var lagBytes: Limits<UInt64> = .init(warning: 16 << 20, critical: 256 << 20)
    /// Replay lag of a standby in seconds; default 30 s and 300 s.
    public var lagSeconds: Limits<Double> = .init(warning: 30, critical: 300)
    /// WAL in bytes that a replication slot keeps on its server; default 4 GiB and 32 GiB.
    public var retainedWAL: Limits<UInt64> = .init(warning: 4 << 30, critical: 32 << 30)
    /// Difference between the clocks of two nodes in seconds, beyond what the measurement leaves open; default 2 s.
    public var clockOffset: Limits<Double> = .init(warning: 2, critical: nil)
    /// Used connections in percent of `max_connections`; default 80 and 95.
    public var connections: Limits<Double> = .init(warning: 80, critical: 95)
    /// Age in seconds of the oldest WAL segment that waits for archiving; default 300 s and 3600 s.
    public var archiveDelay: Limits<Double> = .init(warning: 300, critical: 3600)
    /// How many seconds ago the last successful drill of a kind may have ended; absent: any.
    public var drillAge: [DrillKind: Double] = [:]

    /// The default limits.
    public init() {}
}
