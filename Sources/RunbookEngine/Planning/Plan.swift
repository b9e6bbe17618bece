/// A runbook for one cluster at one moment: every step in its final form, nothing left to decide.
///
/// It is written to the audit log before the first step, and is what a later process resumes from.
package struct Plan: Sendable, Equatable, Codable {
    /// The runbook's name.
    package var runbook: String
    /// What it does, in a line.
    package var title: String
    /// The cluster's name.
    package var cluster: String
    /// The values of the parameters.
    package var parameters: [String: String]
    /// Answers found while planning.
    package var answers: [String: String]
    /// What must hold before anything is done, and what was found.
    package var requirements: [Requirement]
    /// The steps, in order.
    package var steps: [PlannedStep]

    /// Something that must hold, and what was found when the plan was made.
    package struct Requirement: Sendable, Equatable, Codable {
        /// What must hold, in words.
        package var title: String
        /// The question, asked anew right before the first step.
        package var probe: Probe
        /// What was found.
        package var result: ProbeResult
    }

    /// Whether all that must hold was found to hold.
    package var mayRun: Bool { requirements.allSatisfy { $0.result.holds == true } }

    /// The nodes that the steps act on, in the steps' order.
    package var nodes: [String] {
        var seen: Set<String> = []
        return steps.compactMap(\.node).filter { seen.insert($0).inserted }
    }
}

/// One step of a plan.
package struct PlannedStep: Sendable, Equatable, Codable {
    /// Its name in the plan: the runbook's, with the node in brackets where it is repeated.
    package var id: String
    /// What it does, in a line.
    package var title: String
    /// The node it acts on, nil: none.
    package var node: String?
    /// The action's keyword.
    package var action: String
    /// Steps of one group that follow each other run side by side.
    package var group: Int
    /// What must hold right before it acts.
    package var requirements: [Probe]
    /// What must hold too where the run was left and taken up again: the cluster may have gone on without it.
    package var guards: [Probe]
    /// What shows that it is done already.
    package var unless: Probe?
    /// What it does.
    package var acts: [Act]
    /// What shows that it worked.
    package var verification: Probe?
    /// How long the acts, and then the verification, may take, in seconds.
    package var timeout: Double
    /// How often it is tried again.
    package var retries: Int
    /// What its failure means.
    package var onFailure: RunbookDefinition.FailurePolicy
    /// What takes it back, in this order, however much of it was done.
    package var undo: [Act]
    /// Whether it may be done again when it can't be told whether it was done.
    package var isRepeatable: Bool
    /// Whether from here on pgdr only goes forward.
    package var isPointOfNoReturn: Bool
}
