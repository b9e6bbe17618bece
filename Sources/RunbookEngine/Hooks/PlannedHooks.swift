import Configuration
import Essentials
import Replication
import SQLFiles

extension ClusterConfiguration {
    /// A node as the configured commands are told of it.
    package func hookNode(_ name: String) -> HookEvent.Node {
        let node = node(named: name)
        let address = try? node?.replicationAddress()
        return HookEvent.Node(node: name, host: address?.host, port: address?.port, site: node?.site)
    }
}

extension Planner {
    /// Whether an action does anything in this cluster: commands that are not configured leave no trace in a plan.
    func isConfigured(_ call: RunbookDefinition.Call) -> Bool {
        switch call.keyword {
        case "routes": !facts.cluster.failover.routes.isEmpty
        case "announce": !facts.cluster.failover.notify.isEmpty
        default: true
        }
    }

    /// The commands that lead clients to a new primary.
    func routes(_ call: RunbookDefinition.Call, to primary: String) throws(Failure) -> Operation {
        let policy = facts.cluster.failover
        return Operation(
            "lead clients to \(primary)", [.hooks(try act(policy.routes, .primaryChanged, call, primary))],
            // A run that is taken up late must not lead clients to a node that was replaced meanwhile.
            guards: [.statement(Statement("SELECT NOT pg_is_in_recovery() AS is_primary", on: primary, expected: "t"))])
    }

    /// The commands that tell people.
    func announce(_ call: RunbookDefinition.Call, _ primary: String) throws(Failure) -> Operation {
        let text = try argument("event", of: call) ?? ""
        guard let event = HookEvent.Kind(rawValue: text) else {
            throw .configuration(at: call.location, "there is no event\(text.echo)")
        }
        return Operation(
            "tell people of it", [.hooks(try act(facts.cluster.failover.notify, event, call, primary))])
    }

    private func act(
        _ commands: [[String]], _ event: HookEvent.Kind, _ call: RunbookDefinition.Call, _ primary: String
    ) throws(Failure) -> HookAct {
        var event = HookEvent(event, cluster: facts.cluster.name, primary: facts.cluster.hookNode(primary))
        event.former = try argument("former", of: call).map { facts.cluster.hookNode($0) }
        event.run = facts.run
        event.runbook = definition.name
        event.trigger = parameters["trigger"].flatMap { $0.isEmpty ? nil : $0 }
        return HookAct(commands, event, timeout: facts.cluster.failover.hookTimeout.seconds)
    }

    /// The statement as a plan shows it: without what its file says about it.
    private static let failoverRecord = SQLFile.failoverRecord.split(separator: "\n").filter { !$0.hasPrefix("--") }
        .joined(separator: " ")

    /// Keeps in the cluster that there was a failover.
    func recordFailover(_ call: RunbookDefinition.Call, to primary: String) throws(Failure) -> Operation {
        func text(_ name: String) throws(Failure) -> String? {
            try argument(name, of: call).flatMap { $0.isEmpty ? nil : $0 }
        }
        let old = try node("old", of: call)
        let timeline = try facts.decisionKey(for: primary, replacing: old).timeline
        let statement = Statement(
            Self.failoverRecord, on: primary,
            [
                facts.run, primary, old, "\(timeline)", try text("trigger"),
                "\(try text("automatic") == "true")", try text("loss"), facts.observer,
            ])
        return Operation(
            "keep in the cluster that \(primary) replaced \(old)",
            [.optional(statement, without: ["42P01", "3F000", "42501"])])
    }
}
