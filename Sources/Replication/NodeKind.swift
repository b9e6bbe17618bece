/// What a node is *for*, from the configuration; never what it is at the moment (see `RecoveryState`).
public enum NodeKind: String, Sendable, Codable, CaseIterable {
    /// Where applications write in normal times.
    case primary
    /// The standby that takes over when the primary's site is lost.
    case dr
    /// A standby for reading; may be promoted when nothing better is left.
    case replica
    /// A server for backups only; never promoted.
    case backup
}
