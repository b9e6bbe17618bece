/// How bad a finding or a whole cluster is; ordered as monitors rank it, `critical` worst.
public enum Severity: String, Sendable, Codable, CaseIterable, Comparable {
    case ok
    /// Could not be told; worse than `ok`, less than a proven `warning`.
    case unknown
    case warning
    case critical

    /// The worse of two is the greater.
    public static func < (left: Severity, right: Severity) -> Bool { left.rank < right.rank }

    private var rank: Int {
        switch self {
        case .ok: 0
        case .unknown: 1
        case .warning: 2
        case .critical: 3
        }
    }
}
