internal import Audit
internal import Essentials
internal import Postgres
package import Replication
internal import SQLFiles

extension DrillKind {
    /// The name of the runbook that such a drill is one run of.
    package var runbook: String { "drill-\(rawValue)" }

    /// The runbook's parameter that names the node it is practised on.
    package var nodeParameter: String {
        switch self {
        case .switchover: "target"
        case .snapshot: "node_to_open"
        case .clone: "node_to_copy"
        }
    }

    /// The kind whose runbook has that name; nil: it is no drill's.
    package init?(runbook: String) {
        guard let kind = Self.allCases.first(where: { $0.runbook == runbook }) else { return nil }
        self = kind
    }
}

extension RunSessions {
    /// Keeps in the cluster that there was a drill, where `schema.sql` has made room for it.
    /// - Returns: why it isn't kept; nil when it is.
    func keepDrill(
        _ run: String, _ kind: DrillKind, on node: String, passed: Bool, until deadline: Deadline
    ) async -> String? {
        let survey = await roleSurvey(until: deadline)
        guard survey.primaries.count == 1, let primary = survey.primaries.first else { return survey.text }
        do throws(PostgresError) {
            _ = try await query(
                SQLFile.drillRecord, [run, kind.rawValue, node, "\(passed)", Actor.hostName()], on: primary,
                until: deadline)
            return nil
        } catch {
            return error.failure(node: primary).textWithNode
        }
    }
}

extension RunDesk {
    /// Keeps in the cluster that there was a drill, once it has ended; where it can't be, a person is told.
    /// - Parameters:
    ///   - run: what identifies it in the audit log.
    ///   - node: the node it was practised on.
    package func keepDrill(
        _ run: String, _ kind: DrillKind, on node: String, passed: Bool, _ attendant: RunAttendant
    ) async {
        let problem = await sessions.keepDrill(run, kind, on: node, passed: passed, until: .after(.seconds(5)))
        guard let problem else { return }
        attendant.told(.note(step: nil, text: "the cluster doesn't keep that there was this drill: \(problem)"))
    }

    /// The same for a run, where it is a drill and has ended; also of one that was cut off, and then taken back.
    func keepDrill(
        of plan: Plan, _ run: String, _ outcome: RunOutcome, _ attendant: RunAttendant
    ) async {
        guard let kind = DrillKind(runbook: plan.runbook), let node = plan.parameters[kind.nodeParameter] else {
            return
        }
        let passed: Bool
        switch outcome {
        case .done(let failed): passed = failed.isEmpty
        case .undone: passed = false
        case .partWay, .stopped: return
        }
        await Task { await keepDrill(run, kind, on: node, passed: passed, attendant) }.value
    }
}
