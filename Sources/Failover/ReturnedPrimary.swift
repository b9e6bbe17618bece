package import Replication

/// A primary that came back although another one had been promoted in its place.
package struct ReturnedPrimary: Sendable, Equatable, Codable {
    /// The one that came back.
    package var old: String
    /// The one that replaced it.
    package var new: String
    /// Where the new one left the old one's timeline.
    package var fork: LSN
    /// What the old one has written that the new one doesn't have, in bytes.
    package var lost: UInt64

    /// A return by its parts.
    package init(old: String, new: String, fork: LSN, lost: UInt64) {
        self.old = old
        self.new = new
        self.fork = fork
        self.lost = lost
    }

    /// The return that a look shows: of two nodes that take writes, one was promoted out of the other's timeline; nil
    /// when that can't be told.
    package init?(_ snapshot: ClusterSnapshot) {
        let primaries = snapshot.primaries
        guard primaries.count == 2 else { return nil }
        for (old, new) in [(primaries[0], primaries[1]), (primaries[1], primaries[0])] {
            guard let before = old.snapshot, let after = new.snapshot, let timeline = before.timeline,
                let system = before.systemIdentifier, system == after.systemIdentifier,
                let position = before.currentLSN,
                let history = new.histories.first(where: { $0.timeline == after.timeline }),
                let fork = history.forkPoint(from: timeline),
                // Two promotions out of one timeline are no return: nobody can say then which one counts.
                !old.histories.contains(where: { own in
                    own.timeline == timeline && history.ancestry(of: own) != .same
                })
            else { continue }
            self.init(old: old.name, new: new.name, fork: fork, lost: position.bytesAhead(of: fork))
            return
        }
        return nil
    }
}
