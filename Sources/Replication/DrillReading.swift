/// What a drill practises.
public enum DrillKind: String, Sendable, Equatable, CaseIterable, Codable {
    /// The primary role is moved to a standby and back.
    case switchover
    /// A standby is opened for writing while production goes on, and made a standby again.
    case snapshot
    /// A copy of a standby is opened, looked over and thrown away.
    case clone
}

/// What a cluster tells of the drills there were.
public enum DrillReading: Sendable, Equatable {
    /// How many seconds ago the last successful one of each kind ended, by a server's clock; absent: there was none.
    case told([DrillKind: Double])
    /// It doesn't tell, and why.
    case untold(String)
}
