/// What a look at a whole log found.
package struct AuditVerification: Sendable, Equatable {
    /// How many events hold together, from the first one on.
    package var count: UInt64
    /// The last of them.
    package var head: AuditHead
    /// How many files there are.
    package var files: Int
    /// The first thing that is wrong; nil when nothing is.
    package var problem: AuditProblem?
    /// What became of each anchor, in the order of their numbers.
    package var anchors: [CheckedAnchor]

    /// A verification by its parts.
    package init(count: UInt64, head: AuditHead, files: Int, problem: AuditProblem?, anchors: [CheckedAnchor]) {
        self.count = count
        self.head = head
        self.files = files
        self.problem = problem
        self.anchors = anchors
    }

    /// Whether all holds together and every anchor stands.
    package var isIntact: Bool { problem == nil }
}

/// A head that is known from elsewhere, held against the log.
package struct CheckedAnchor: Sendable, Hashable {
    /// What was known.
    package var anchor: AuditHead
    /// What the log has there.
    package var outcome: Outcome

    /// An anchor and what became of it.
    package init(anchor: AuditHead, outcome: Outcome) {
        self.anchor = anchor
        self.outcome = outcome
    }

    /// How an anchor and a log agree.
    package enum Outcome: String, Sendable {
        /// The line of that number has that hash.
        case matches
        /// It has another one.
        case differs
        /// The log ends before it.
        case missing
        /// The chain is broken before it, so that nothing can be said.
        case unknown
    }
}

/// The first thing that is wrong with a log.
package struct AuditProblem: Sendable, Equatable {
    /// What was done to the log, as well as can be told.
    package var kind: Kind
    /// The name of the file.
    package var file: String
    /// The number of the line in the file, from 1.
    package var line: Int
    /// The number of the event that is or should be there.
    package var seq: UInt64
    /// What was seen, as a sentence.
    package var text: String

    /// A problem by its parts.
    package init(kind: Kind, file: String, line: Int, seq: UInt64, text: String) {
        self.kind = kind
        self.file = file
        self.line = line
        self.seq = seq
        self.text = text
    }

    /// What can be done to a log.
    package enum Kind: String, Sendable, CaseIterable {
        /// A line says something else than it did.
        case edited
        /// Lines are gone from the middle or the start.
        case deleted
        /// A line was added that pgdr didn't write there.
        case inserted
        /// Lines stand in another order.
        case reordered
        /// Lines are gone from the end, which an anchor shows.
        case truncated
        /// The chain holds but is another one than the anchor's.
        case rewritten
        /// A line that is no event.
        case malformed
        /// The last line was not written to its end: a crash or a power cut; the next event tells of it.
        case torn
    }
}
