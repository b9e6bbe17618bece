internal import Configuration
internal import Essentials
internal import Hosts

/// Where a voter keeps decisions, and how one gets there.
struct DecisionPlace: Sendable, Equatable {
    /// The voter.
    var voter: String
    /// The directory; one that is not absolute lies in the home directory of the account that logs in.
    var directory: String
    /// What it takes to become the account that it belongs to, before a command's words.
    var become: [String] = []

    /// Of a node: the configured directory, or one beside its data directory, which survives that being made anew.
    /// - Throws: `refused` when the data directory isn't known, or its owner can't be become.
    init(_ node: NodeConfiguration, _ facts: HostFacts) throws(Failure) {
        voter = node.name
        if let configured = node.decisions {
            directory = configured
        } else if let data = node.dataDirectory ?? facts.dataDirectory?.path {
            directory = "\(Self.parent(of: data))/pgdr_decisions"
        } else {
            throw Failure(
                .refused, "the data directory of node \"\(node.name)\" is not known",
                hint: "Give the node its \"data_directory\" in the configuration.", node: node.name)
        }
        become = try AccountChange(facts, become: node.ssh?.become ?? []).prefix(for: HostCommand([], as: .server))
    }

    /// Of a witness.
    init(_ witness: WitnessConfiguration) {
        voter = witness.name
        directory = witness.decisions ?? ".pgdr/decisions"
    }

    /// The command that prints the record of that name, or nothing.
    func read(_ name: String) -> RemoteCommand { command(.readDecision, name) }

    /// The command that writes the record that it is given, and prints the one that stands there.
    func write(_ name: String, _ line: String) -> RemoteCommand { command(.writeDecision, name, input: line) }

    /// The command that holds the lock of a cluster.
    func lock(_ cluster: String) -> RemoteCommand { command(.holdLock, cluster) }

    private func command(_ script: RunScript, _ name: String, input: String = "") -> RemoteCommand {
        RemoteCommand(
            voter, become: become, ["sh", "-c", script.text, "pgdr-\(script.name)", directory, name], input: input)
    }

    private static func parent(of path: String) -> String {
        let parts = path.split(separator: "/").dropLast()
        return parts.isEmpty ? "" : "/" + parts.joined(separator: "/")
    }
}
