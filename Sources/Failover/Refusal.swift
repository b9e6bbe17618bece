/// Why something is not done: which rule, of which node, with which value against which limit.
package struct Refusal: Sendable, Hashable, Codable {
    /// A stable word for the rule.
    package enum Rule: String, Sendable, Codable, CaseIterable {
        // Of the situation.
        case primaryAlive = "primary_alive"
        case notConfirmed = "not_confirmed"
        case secondViewMissing = "second_view_missing"
        case primaryNotIdentified = "primary_not_identified"
        case secondPrimary = "second_primary"
        // Of the policy.
        case modeManual = "mode_manual"
        case modeObserve = "mode_observe"
        case paused
        case cooldown
        case tooManyFailovers = "too_many_failovers"
        case controlUnknown = "control_unknown"
        // Of safety.
        case noQuorum = "no_quorum"
        case contradictingDecisions = "contradicting_decisions"
        case decidedOtherwise = "decided_otherwise"
        case unfenced
        // Of the loss.
        case lossAboveLimit = "loss_above_limit"
        case lossUnknown = "loss_unknown"
        case commitsNotProved = "commits_not_proved"
        case nobodyToPromote = "nobody_to_promote"
        // Of one node.
        case silent
        case notInRecovery = "not_in_recovery"
        case otherSystem = "other_system"
        case diverged
        case backupOnly = "backup_only"
        case priorityZero = "priority_zero"
        case delayed
        case recoveryTarget = "recovery_target"
        case parametersLower = "parameters_lower"
        case noPosition = "no_position"
        case siteAvoided = "site_avoided"
        case lessPreferred = "less_preferred"
    }

    /// The rule.
    package var rule: Rule
    /// The node it is about; nil: none in particular.
    package var node: String?
    /// What was seen and what the limit is, in a sentence.
    package var evidence: String
    /// What a person can do about it; nil: nothing more than the evidence says.
    package var hint: String?

    /// A refusal by its parts.
    package init(_ rule: Rule, node: String? = nil, _ evidence: String, hint: String? = nil) {
        self.rule = rule
        self.node = node
        self.evidence = evidence
        self.hint = hint
    }
}
