package import Configuration

/// A runbook as its file says it: what it takes, what must hold, and what it does, not yet for any cluster.
package struct RunbookDefinition: Sendable {
    /// Its name: that of its file without `.yaml`.
    package var name: String
    /// What it does, in a line.
    package var title: Template
    /// The comment at the head of its file: what a person reads before running it.
    package var comment: String
    /// What it takes, in the order in which values may be given without a name.
    package var parameters: [Parameter]
    /// What shows that nothing is left to do, all of it; empty: nothing does.
    package var unless: [Call]
    /// Questions whose answers steps depend on, asked while planning.
    package var questions: [Question]
    /// What must hold before anything is done.
    package var requirements: [Requirement]
    /// What it does, in order.
    package var steps: [Step]
    /// The text of the file.
    package var source: String

    /// The title with the names of what the runbook takes, in capitals, where their values will stand.
    package var summary: String {
        title.parts.map { part in
            switch part {
            case .literal(let text): text
            case .reference(let name, _): name.uppercased()
            }
        }.joined()
    }

    /// Something a runbook takes.
    package struct Parameter: Sendable, Equatable {
        /// What values it takes.
        package enum Kind: Sendable, Equatable {
            /// A node of the cluster.
            case node
            /// Any text without a line break.
            case text
            /// A connection string without a password.
            case connection
            /// A size such as `16MB`.
            case bytes
            /// A length of time such as `30s`.
            case duration
            /// A whole number, not negative.
            case integer
            /// `true` or `false`.
            case flag
            /// One of these words.
            case choice([String])
        }

        /// Its name.
        package var name: String
        /// What values it takes.
        package var kind: Kind
        /// The value where none is given; nil: one must be given.
        package var defaultText: String?
        /// What it is for, in a line.
        package var help: String
        /// Where it stands.
        package var location: SourceLocation
    }

    /// A question and the name of its answer.
    package struct Question: Sendable, Equatable {
        /// The name by which steps refer to the answer.
        package var name: String
        /// What is asked.
        package var call: Call
    }

    /// Something that must hold before anything is done, for one node or for each of several.
    package struct Requirement: Sendable, Equatable {
        /// What must hold.
        package var call: Call
        /// For which nodes.
        package var repetition: Repetition?
        /// When it must hold at all.
        package var condition: [Condition]
    }

    /// The nodes for each of which something is done or must hold; each is `${node}` in turn.
    package struct Repetition: Sendable, Equatable {
        /// Nodes and lists of nodes.
        package var nodes: [Template]
        /// Those that are left out.
        package var except: [Template]
    }

    /// The use of an action, a probe or a question: its keyword and arguments.
    package struct Call: Sendable, Equatable {
        /// The keyword, such as `stop`.
        package var keyword: String
        /// Its arguments.
        package var arguments: [String: Argument]
        /// Where it stands.
        package var location: SourceLocation
    }

    /// An argument of a call.
    package enum Argument: Sendable, Equatable {
        /// One value.
        case one(Template)
        /// A list of values.
        case many([Template])
    }

    /// When a step is part of the plan at all.
    package struct Condition: Sendable, Equatable {
        /// The value looked at.
        package var value: Template
        /// The values for which the step is planned, or is not.
        package var compared: [Template]
        /// Whether it is planned for these values, or for all others.
        package var isPlannedForThem: Bool
    }

    /// What happens when a step fails.
    package enum FailurePolicy: String, Sendable, Codable, CaseIterable {
        /// Nothing after it runs; before the point of no return all is undone.
        case abort
        /// It is recorded, and the next step runs.
        case `continue`
    }

    /// One step.
    package struct Step: Sendable, Equatable {
        /// Its name, unique in the runbook.
        package var name: String
        /// What it does, in a line; nil: the action says it.
        package var title: Template?
        /// Repeats it for several nodes, side by side.
        package var repetition: Repetition?
        /// The node it acts on; nil: none.
        package var on: Template?
        /// When it is part of the plan.
        package var condition: [Condition]
        /// What it does.
        package var action: Call
        /// What must hold right before it acts.
        package var requirements: [Call]
        /// What shows that it is done already, all of it; empty: the action knows.
        package var unless: [Call]
        /// What shows that it worked, all of it; empty: the action knows.
        package var verification: [Call]
        /// How long the action, and then its verification, may take.
        package var timeout: Template
        /// How often it is tried again.
        package var retries: Int
        /// What its failure means.
        package var onFailure: FailurePolicy
        /// What takes it back, in this order; nil: the action knows.
        package var undo: [Call]?
        /// Whether it may be done again when pgdr was killed and can't tell whether it was done.
        package var isRepeatable: Bool
        /// Whether from here on pgdr only goes forward.
        package var isPointOfNoReturn: Bool
        /// Where it stands.
        package var location: SourceLocation
    }
}
