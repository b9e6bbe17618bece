import Configuration
import Drills
import Essentials
import Glibc
import Lab
import Postgres
import Replication
import RunbookEngine
import Synchronization
import Testing

/// What a run came to, and what it told on its way.
struct Ending: Sendable {
    var outcome: RunOutcome
    var plan: Plan
    /// The notes and the failed and skipped steps' words, in their order.
    var notes: [String]

    /// The failure that everything was taken back for; nil when it ended otherwise.
    var undoneFor: Failure? { if case .undone(let failure) = outcome { failure } else { nil } }
}

/// Something done the moment a step begins.
typealias StepHook = @Sendable () -> Void

extension Stage {
    /// The same with less patience for servers that give no answer.
    var impatient: Stage {
        var stage = self
        stage.cluster.timeout = .milliseconds(1500)
        return stage
    }

    /// Plans a runbook and carries it out.
    /// - Parameter onStart: what is done when the step of that identifier begins, before it acts.
    func run(
        _ runbook: String, _ values: [String: String], onStart: [String: StepHook] = [:]
    ) async throws -> Ending {
        try await run(desk.propose(runbook, values), onStart: onStart)
    }

    /// Where its runs are planned and carried out.
    var desk: RunDesk { get throws { try RunDesk(cluster, of: ConfigurationFile.load(path: lab.configurationFile)) } }

    /// Carries out a plan.
    func run(_ proposal: RunDesk.Proposal, onStart: [String: StepHook] = [:]) async throws -> Ending {
        let steps = proposal.plan.steps
        let notes = Mutex<[String]>([])
        let attendant = RunAttendant(
            told: { update in
                switch update {
                case .started(let step): onStart[steps[step].id]?()
                case .ended(let step, let state, let took, let note):
                    let text = "\(steps[step].id) \(state.rawValue) after \(took)" + (note.map { ": \($0)" } ?? "")
                    notes.withLock { $0.append(text) }
                case .note(_, let text): notes.withLock { $0.append(text) }
                default: break
                }
            }, confirms: { _ in true }, wantsStop: { false })
        let outcome = try await desk.run(proposal, attendant)
        return Ending(outcome: outcome, plan: proposal.plan, notes: notes.withLock { $0 })
    }

    /// Why a runbook is refused, all reasons joined; the cluster is proved to be as it was.
    func refusal(
        _ runbook: String, _ values: [String: String], sourceLocation: Testing.SourceLocation = #_sourceLocation
    ) async throws -> String {
        let before = await traits()
        let reasons: String
        do {
            let ending = try await run(runbook, values)
            Issue.record("it ran: \(ending.outcome) \(ending.notes)", sourceLocation: sourceLocation)
            return ""
        } catch let failure as Failure {
            #expect(failure.code == .refused, "\(failure)", sourceLocation: sourceLocation)
            reasons = [failure.message, failure.detail, failure.hint].compactMap(\.self).joined(separator: "\n")
        }
        let after = await traits()
        #expect(before == after, sourceLocation: sourceLocation)
        return reasons
    }

    /// What a run that changes nothing leaves as it is: each server's start, role, timeline, slots and settings.
    func traits() async -> [String: String] {
        await withTaskGroup(of: (String, String).self) { group in
            for node in lab.nodes {
                group.addTask {
                    let traits = try? await node.psql(
                        """
                        SELECT pg_postmaster_start_time(), pg_is_in_recovery(),
                            (SELECT timeline_id FROM pg_control_checkpoint()),
                            (SELECT string_agg(slot_name, ',' ORDER BY slot_name) FROM pg_replication_slots
                                WHERE NOT temporary),
                            (SELECT string_agg(name || '=' || setting, ';' ORDER BY name) FROM pg_file_settings)
                        """)
                    return (node.name, traits ?? "gone")
                }
            }
            var all: [String: String] = [:]
            for await (name, traits) in group { all[name] = traits }
            return all
        }
    }

    /// Clients that commit on whichever node takes writes while `body` runs.
    func underLoad<Result>(
        _ body: () async throws -> Result
    ) async throws -> (result: Result, record: WriteRecord) {
        let connections = try lab.nodes.map { try ConnectionString($0.connectionString(as: .superuser)) }
        return try await WriteProbe(connections: connections).during { try await body() }
    }

    /// The acknowledged commits that a node does not have.
    func lost(_ record: WriteRecord, on name: String) async throws -> [Int] {
        let connection = try ConnectionString(lab.node(name).connectionString(as: .superuser))
        return try await record.lost(on: connection, until: .after(.seconds(10)))
    }

    /// Waits until everyone streams from the upstream that is wanted on one timeline, and proves it.
    /// - Parameter upstreams: of each standby that is looked at the node it streams from.
    @discardableResult
    func expectStreaming(
        primary: String, timeline: UInt32, upstreams: [String: String],
        sourceLocation: Testing.SourceLocation = #_sourceLocation
    ) async throws -> ClusterReport {
        let timeline = Timeline(rawValue: timeline)
        let report = try await look { report in
            report.primary == primary && report.node(primary)?.timeline == timeline
                && upstreams.allSatisfy { standby, upstream in
                    let node = report.node(standby)
                    return node?.upstream == upstream && node?.state == "streaming" && node?.timeline == timeline
                }
        }
        #expect(report.primary == primary, sourceLocation: sourceLocation)
        #expect(report.node(primary)?.timeline == timeline, sourceLocation: sourceLocation)
        for (standby, upstream) in upstreams {
            let node = report.node(standby)
            #expect(node?.upstream == upstream, "\(standby)", sourceLocation: sourceLocation)
            #expect(node?.state == "streaming", "\(standby)", sourceLocation: sourceLocation)
            #expect(node?.timeline == timeline, "\(standby)", sourceLocation: sourceLocation)
        }
        return report
    }

    /// As `expectStreaming`, of a whole cluster; and on each node there are the slots of its followers and no others,
    /// nothing is left of the run, and nothing critical is found.
    func expectShape(
        primary: String, timeline: UInt32, upstreams: [String: String],
        sourceLocation: Testing.SourceLocation = #_sourceLocation
    ) async throws {
        let report = try await expectStreaming(
            primary: primary, timeline: timeline, upstreams: upstreams, sourceLocation: sourceLocation)
        for name in upstreams.keys.sorted() + [primary] {
            let node = try lab.node(name)
            let wanted = Set(upstreams.filter { $0.value == name }.map { (try? lab.node($0.key).slot) ?? "" })
            let slots = try await node.psql("SELECT slot_name FROM pg_replication_slots ORDER BY 1")
            #expect(
                Set(slots.split(separator: "\n").map(String.init)) == wanted, "\(name)", sourceLocation: sourceLocation)
            let leftovers = try node.leftovers()
            #expect(leftovers == [], "\(name)", sourceLocation: sourceLocation)
        }
        let findings = report.findings.filter { $0.severity == .critical }
        #expect(findings.isEmpty, "\(findings)", sourceLocation: sourceLocation)
    }

    /// Gives every node a setting of its own in `postgresql.auto.conf` and a line of its own in `pg_hba.conf`.
    func markNodes() async throws {
        for (index, node) in lab.nodes.enumerated() {
            try await node.setParameter("work_mem", "\(5 + index)MB")
            try await node.prependHBA("# This is \(node.name)'s own file.")
        }
    }

    /// Proves that each of them still has what is its own: what was marked, where it listens, and what its slot is.
    func expectMarks(sourceLocation: Testing.SourceLocation = #_sourceLocation) async throws {
        for (index, node) in lab.nodes.enumerated() {
            let own = try await node.psql(
                "SELECT current_setting('work_mem'), current_setting('listen_addresses'), current_setting('cluster_name'), "
                    + "current_setting('primary_slot_name')")
            let expected = ["\(5 + index)MB", node.address, node.name]
            let values = own.split(separator: "|", omittingEmptySubsequences: false).map(String.init)
            #expect(Array(values.prefix(3)) == expected, "\(node.name)", sourceLocation: sourceLocation)
            #expect(["", node.slot].contains(values.last), "\(node.name)", sourceLocation: sourceLocation)
            let authentication = try node.dataFile("pg_hba.conf")
            #expect(
                authentication.hasPrefix("# This is \(node.name)'s own file."), "\(node.name)",
                sourceLocation: sourceLocation)
        }
    }

    /// Waits up to 20 s until something is so.
    func awaitThat(
        _ what: String, sourceLocation: Testing.SourceLocation = #_sourceLocation, _ isSo: () async throws -> Bool
    ) async throws {
        let deadline = Deadline.after(.seconds(20))
        while try await !isSo() {
            guard !deadline.hasPassed else {
                Issue.record("it did not come about: \(what)", sourceLocation: sourceLocation)
                throw Failure(.timeout, "it did not come about: \(what)")
            }
            await pause(.milliseconds(20))
        }
    }
}

/// A hook that holds the run up until `body` is over, 20 s at most.
func holding(_ body: @escaping @Sendable () async throws -> Void) -> StepHook {
    {
        let isOver = Mutex(false)
        let task = Task.detached {
            defer { isOver.withLock { $0 = true } }
            do { try await body() } catch { Issue.record(error) }
        }
        let deadline = Deadline.after(.seconds(20))
        while !isOver.withLock({ $0 }), !deadline.hasPassed { usleep(2000) }
        task.cancel()
    }
}

/// Lets some time pass.
func pause(_ duration: Duration) async { _ = await ReadinessLoop.shared.sleep(until: .after(duration)) }

/// Of the installations the oldest, the newest and 15, which Debian 12 has.
let fewInstallations: [String?] = {
    func version(_ directory: String) -> Int {
        directory.split(separator: "/").compactMap { Int($0) }.last ?? 0
    }
    let sorted = installations.compactMap(\.self).sorted { version($0) < version($1) }
    guard let oldest = sorted.first, let newest = sorted.last else { return installations }
    let middle = sorted.filter { version($0) == 15 && $0 != oldest && $0 != newest }
    return oldest == newest ? [oldest] : [oldest] + middle + [newest]
}()
