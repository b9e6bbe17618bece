package import Audit
package import Configuration
package import Failover
package import RunbookEngine

/// What the audit log and the probe tell of a run or a decision: the value that Markdown, JSON and HTML are renderings of.
package struct RunReport: Sendable {
    /// How it ended, as far as the log tells.
    package enum Outcome: String, Sendable {
        /// All was done, but for steps that failed and were passed over.
        case done
        /// It failed, and all was taken back.
        case undone
        /// It ended part-way, and can be resumed.
        case partWay = "part_way"
        /// A person stopped it, and it can be resumed.
        case stopped
        /// It has no end: it goes on, or its process is gone.
        case open
        /// A person, or another run, ended it as it stood.
        case left
        /// It was not begun.
        case refused
        /// Nothing was to be run: something was decided.
        case decided
    }

    /// What went wrong, in the parts that a failure has.
    package struct Trouble: Sendable, Equatable {
        /// In a line.
        package var message: String
        /// What was seen.
        package var detail: String?
        /// What a person can do.
        package var hint: String?

        /// The message and the detail.
        package var text: String { [message, detail].compactMap(\.self).joined(separator: ": ") }
    }

    /// Somebody who had a part in it.
    package struct Person: Sendable, Equatable {
        /// As the log names actors.
        package var actor: String
        /// The machine that pgdr ran on.
        package var host: String
    }

    /// A step and what became of it.
    package struct Step: Sendable, Equatable {
        /// Its number, from 1.
        package var number: Int
        /// Its name in the plan.
        package var id: String
        /// What it does, in a line.
        package var title: String
        /// The node that it acts on; nil: none.
        package var node: String?
        /// The action's keyword.
        package var action: String
        /// What became of it.
        package var state: RunRecord.StepState
        /// When it last began to act, in seconds since the report's start; nil: it didn't.
        package var began: Double?
        /// How long it took, in seconds; nil: it did not end, or the log doesn't tell.
        package var seconds: Double?
    }

    /// Something that happened.
    package struct Entry: Sendable, Equatable {
        /// When, as the log writes it.
        package var at: String
        /// The same in seconds since the report's start, negative before it.
        package var offset: Double
        /// The event's name in the log; `probe.gap_began` and `probe.gap_ended` of what a probe saw.
        package var event: String
        /// The step's number; nil: of none.
        package var step: Int?
        /// The node it is about; nil: of none.
        package var node: String?
        /// What happened, in a line.
        package var text: String
        /// What there is to say of it; nil: nothing.
        package var note: String?
        /// How long it took, in seconds; nil: that is not known, or it took no time.
        package var seconds: Double?
        /// Whether something went wrong.
        package var isTrouble: Bool
    }

    /// A later run that was to bring a node back.
    package struct Return: Sendable, Equatable {
        /// The run.
        package var run: String
        /// Its runbook.
        package var runbook: String
        /// The node.
        package var node: String
        /// Where it stands.
        package var phase: RunRecord.Phase
        /// Whether nothing of the node's WAL had to be given up.
        package var hadNothingAlone: Bool
        /// Whether WAL of the node was given up, or is about to be.
        package var hasGivenUp: Bool
        /// Whether the primary role was moved once more before, so that what the node lacks need not be of this run.
        package var isAfterAnother: Bool
        /// What was kept of the node's WAL before it was given up; nil: nothing was.
        package var kept: KeptWAL?

        /// Whether it lists all that was given up of what the node had alone.
        var tellsAll: Bool { !isAfterAnother && kept?.fork != nil && kept?.gap == nil }
    }

    /// Something that remains to be done.
    package struct Remainder: Sendable, Equatable {
        /// What, in a sentence.
        package var text: String
        /// The command that does it; nil: none does.
        package var command: String?
    }

    /// The run or the decision.
    package var id: String
    /// Its cluster.
    package var cluster: String
    /// What a role change may cost.
    package var objectives: Objectives
    /// Its runbook; nil: only something was decided.
    package var runbook: String?
    /// What it does, in a line.
    package var title: String
    /// The primary that was to be replaced; nil: none was, or it isn't known.
    package var from: String?
    /// The node that was to become the primary; nil: none was.
    package var to: String?
    /// Whether it became the primary.
    package var isPromoted: Bool
    /// How it ended.
    package var outcome: Outcome
    /// Why it isn't done; nil: it is, or nothing failed.
    package var trouble: Trouble?
    /// When it began, as the log writes it.
    package var beganAt: String
    /// When its last event was written.
    package var endedAt: String
    /// From one to the other, in seconds.
    package var seconds: Double
    /// Who had a part in it; the first one began it.
    package var people: [Person]
    /// What the failover was decided on; nil: it is none.
    package var decision: RecordedDecision?
    /// What a probe measured; nil: none ran.
    package var probe: ProbeSummary?
    /// When the probe began, in seconds since the report's start; nil: that isn't known.
    package var probeBegan: Double?
    /// The steps, in the plan's order.
    package var steps: [Step]
    /// What happened, in order.
    package var timeline: [Entry]
    /// What a promotion can have lost at most, and why that is so.
    package var bounds: [LossBound]
    /// The later runs about nodes that were left behind.
    package var returns: [Return]
    /// The nodes that later runs made the primary, or have follow it.
    package var settled: Set<String>
    /// What remains to be done.
    package var remaining: [Remainder]
    /// What became of the whole log.
    package var log: AuditVerification
}

/// A proof that no more was lost.
package struct LossBound: Sendable, Equatable {
    /// How many acknowledged commits at most.
    package var commits: Int
    /// Why no more, as a sentence.
    package var text: String
}

/// What a rejoin kept of the WAL that its node alone had, as its script says.
package struct KeptWAL: Sendable, Equatable {
    /// How many transactions in it were committed.
    package var commits: Int
    /// The position beyond which they are; nil: of all WAL that was there, so that others have most of them.
    package var fork: String?
    /// The file on the node's host that lists them.
    package var list: String
    /// What of it could not be listed; nil: all was.
    package var gap: String?

    /// What the words of the script `save_wal.sh` say; nil: they are others.
    init?(said: String) {
        let lines = said.split(separator: "\n")
        guard let first = lines.first, let commits = Int(first.prefix { $0 != " " }),
            let place = first.firstRange(of: " are kept and listed in ")
        else { return nil }
        self.commits = commits
        let beyond = first[..<place.lowerBound]
        fork = beyond.firstRange(of: " beyond ").map { String(beyond[$0.upperBound...]) }
        list = String(first[place.upperBound...])
        gap = lines.dropFirst().first.map(String.init)
    }
}
