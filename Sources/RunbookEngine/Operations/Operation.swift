/// What an action comes to on one node: acts in their final form, and what shows that they aren't needed or worked.
struct Operation: Sendable, Equatable {
    /// What it does, in a line, where the runbook doesn't say it.
    var title: String
    /// What it does.
    var acts: [Act]
    /// What shows that it is done already, where the runbook names nothing.
    var unless: Probe?
    /// What shows that it worked, where the runbook names nothing.
    var verification: Probe?
    /// What takes it back, where the runbook names nothing.
    var undo: [Act]
    /// What must hold before it is done long after it was planned, or to take something back.
    var guards: [Probe]
    /// Whether doing it a second time changes nothing.
    var isRepeatable: Bool
    /// How long, in seconds, it must be let go on, whatever the runbook says.
    var leastTimeout: Double

    init(
        _ title: String, _ acts: [Act], unless: Probe? = nil, verification: Probe? = nil, undo: [Act] = [],
        guards: [Probe] = [], isRepeatable: Bool = true, leastTimeout: Double = 0
    ) {
        self.title = title
        self.acts = acts
        self.unless = unless
        self.verification = verification
        self.undo = undo
        self.guards = guards
        self.isRepeatable = isRepeatable
        self.leastTimeout = leastTimeout
    }
}

extension Operation {
    /// The acts that bring it about where it may be so already, or take a while to come about: what takes a step back
    /// has neither of a step's probes around it.
    var asUndo: [Act] {
        guard !acts.isEmpty else { return [] }
        let guarding = guards.map(Act.check)
        guard let goal = verification ?? unless else { return guarding + acts }
        let acts = acts.filter { $0 != .wait(goal, nudge: nil) }
        return guarding + [.ladder([Act.Rung(acts: acts, patience: 600)], until: goal)]
    }

    /// A step that turned out to have nothing to do.
    static func nothing(_ title: String, because evidence: String) -> Operation {
        Operation(title, [], unless: .known(true, evidence: evidence))
    }
}
