import Essentials
import Replication

/// What a command's exit status says.
enum ExitStatus {
    /// Of status and checks, as monitors know them: 0 ok, 1 warning, 2 critical, 3 unknown.
    static func check(_ severity: Severity) -> Int32 {
        switch severity {
        case .ok: 0
        case .warning: 1
        case .critical: 2
        case .unknown: 3
        }
    }

    /// Of actions that take back what they began: refused before anything was changed, or failed and undone.
    static func action(_ failure: Failure) -> Int32 {
        [.refused, .busy].contains(failure.code) ? refused : undone
    }

    /// Of actions that ended before anything was changed: not understood, refused, or not even begun.
    static func beforeAnything(_ failure: Failure) -> Int32 { refused }

    /// Of status and checks that could not be made at all.
    static let checkImpossible: Int32 = 3
    /// Of actions: refused before anything was changed.
    static let refused: Int32 = 1
    /// Of actions: failed, and what was begun was undone.
    static let undone: Int32 = 2
    /// Of actions: failed when some of it was done.
    static let partWay: Int32 = 3
    /// Of a failover: nothing was to be done, or it is done already.
    static let unneeded: Int32 = 4
    /// Of a failover: another process is at it.
    static let inProgressElsewhere: Int32 = 5
    /// Of a command line that isn't understood (`EX_USAGE`).
    static let usage: Int32 = 64
}
