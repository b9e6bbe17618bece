internal import Replication

/// Whether every commit that the primary acknowledged is on a standby that can be reached.
///
/// With synchronous replication a commit is acknowledged once `count` of the listed standbys have made it durable. Of
/// `n` listed, `n - reachable` are out of sight; when fewer than `count` are, at least one of those that confirmed any
/// given commit is within reach (the pigeonhole principle). WAL is a prefix: the most advanced of the reachable ones
/// then has all acknowledged commits. This holds for `ANY` and for `FIRST`, whose synchronous standbys change as
/// standbys come and go, and once no standby receives any more: a
/// failover detaches them first.
///
/// It says nothing of commits that a session made with `synchronous_commit` below `on`, nor of what was acknowledged
/// under an older setting.
package enum CommitProof: Sendable, Equatable, Codable {
    /// Every acknowledged commit is on one of these standbys.
    case proved(by: [String])
    /// It can't be proved, and why.
    case open(String)
    /// Nothing is to be proved: commits waited for no standby.
    case asynchronous

    /// Tries the proof.
    /// - Parameters:
    ///   - setting: `synchronous_standby_names` as the primary had it; nil: not known.
    ///   - primary: the primary's own `application_name`, which may stand in a setting that all nodes share: it can't
    ///     confirm its own commits.
    ///   - standbys: all other nodes of the cluster.
    package static func of(
        _ setting: String?, primary: String = "", _ standbys: [StandbyEvidence]
    ) -> CommitProof {
        guard let setting else { return .open("the primary's synchronous_standby_names is not known") }
        guard let names = SynchronousStandbyNames(setting) else { return .asynchronous }
        guard !names.names.contains("*") else {
            return .open("synchronous_standby_names \"\(setting)\" lets a standby confirm that nobody knows of")
        }
        var listed: [String] = []
        for name in names.names.map({ $0.lowercased() }) where !listed.contains(name) && name != primary.lowercased() {
            listed.append(name)
        }
        let reachable = standbys.filter { $0.isOfThisSystem && listed.contains($0.applicationName.lowercased()) }
        let silent = listed.count - reachable.count
        guard silent < names.count else {
            return .open(
                "synchronous_standby_names \"\(setting)\" needs \(names.count), and of its standbys \(silent) "
                    + "can't be asked: they alone may have confirmed a commit")
        }
        return .proved(by: reachable.map(\.name))
    }
}
