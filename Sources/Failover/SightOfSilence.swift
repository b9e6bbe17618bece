internal import Postgres
package import Replication

extension Sight {
    /// What an observer sees of a node that it asked.
    package init(_ node: ObservedNode) {
        if let own = node.snapshot {
            self = own.inRecovery ? .inRecovery : .writable
        } else if let silence = node.silence {
            self.init(silence)
        } else {
            self = .blind
        }
    }

    /// What a silence comes to.
    package init(_ silence: NodeSilence) {
        // A server's error is the answer of one that lives.
        if silence.reason == "statement_refused" { self = .answering; return }
        switch Silence.Reason(rawValue: silence.reason) {
        case .refused, .terminated: self = .refused
        case .unreachable, .connectTimeout: self = .unreachable
        // Let in a moment ago, and too slow for one statement: it lives.
        case .queryTimeout: self = silence.postmasterAlive ? .answering : .unreachable
        case .authenticationFailed, .noHotStandby, .rejected: self = silence.postmasterAlive ? .answering : .blind
        case .tooManyClients: self = .full
        case .startingUp: self = .startingUp
        case .shuttingDown: self = .shuttingDown
        // What is wrong may be wrong on this side.
        case .nameNotFound, .tlsFailed, .notPostgres, .cancelled, .other, nil: self = .blind
        }
    }
}
