import Essentials
import Postgres
import Replication

extension ClusterConfiguration {
    /// Reads one entry under `clusters`; what works but should be changed is added to `warnings`.
    init(_ entry: YAMLValue.Entry, warnings: inout [ConfigurationWarning]) throws(Failure) {
        try Name.check(entry, "cluster")
        let fields = try entry.value.fields(
            "a mapping", for: entry.key,
            known: [
                "timeout", "thresholds", "admin", "replication", "clients", "objectives", "failover", "witnesses",
                "drills", "nodes",
            ])
        guard let nodes = fields["nodes"] else {
            throw .configuration(
                at: entry.location, "cluster \"\(entry.key)\" has no \"nodes\"",
                hint: "Add \"nodes:\" with at least one node below it.")
        }
        var members: [ClusterMember] = []
        for node in try nodes.entries("a mapping of nodes", for: "nodes") {
            members.append(try ClusterMember(node, warnings: &warnings))
        }
        guard !members.isEmpty else {
            throw .configuration(at: nodes.location, "cluster \"\(entry.key)\" has no nodes")
        }
        try ClusterRules.check(members)
        self.init(name: entry.key, nodes: members.map(\.node))
        if let value = fields["thresholds"] { thresholds = try Thresholds(value) }
        if let value = fields["drills"] { thresholds.drillAge = try Self.drillAges(value) }
        if let value = fields["timeout"] {
            timeout = try Quantity.duration(value, for: "timeout", in: .milliseconds(100) ... .seconds(600))
        }
        if let value = fields["admin"] {
            admin = try ConnectionString(serverless: value, for: "admin")
            if admin?.containsPassword == true { warnings.append(.password(at: value.location)) }
        }
        if let value = fields["replication"] {
            replication = try ConnectionString(replication: value)
        }
        if let value = fields["clients"] {
            clients = try ClientPath.list(value, warnings: &warnings)
        }
        if let value = fields["objectives"] { objectives = try Objectives(value) }
        if let value = fields["failover"] {
            failover = try FailoverPolicy(value, sites: nodeSites)
        }
        if let value = fields["witnesses"] {
            witnesses = try WitnessConfiguration.list(value, beside: self.nodes, warnings: &warnings)
        }
    }

    /// Reads the mapping under `drills`: how old the last successful one of each kind may be.
    private static func drillAges(_ value: YAMLValue) throws(Failure) -> [DrillKind: Double] {
        let fields = try value.fields(
            "a mapping such as {switchover: 90d}", for: "drills", known: DrillKind.allCases.map(\.rawValue))
        var ages: [DrillKind: Double] = [:]
        for kind in DrillKind.allCases {
            guard let value = fields[kind.rawValue] else { continue }
            ages[kind] =
                try Quantity.duration(
                    value, for: "drills.\(kind.rawValue)", in: .seconds(3600) ... .seconds(3650 * 86_400)
                ).seconds
        }
        return ages
    }
}

/// The names of clusters, nodes and witnesses: they become file names, application names and words of a command line.
package enum Name {
    /// Refuses a name that can't be one.
    static func check(_ entry: YAMLValue.Entry, _ kind: String) throws(Failure) {
        guard isValid(entry.key) else {
            throw .configuration(at: entry.location, "invalid \(kind) name\(entry.key.echo)", detail: rule)
        }
    }

    /// The rule in a sentence.
    package static let rule =
        "A name has 1 to 63 letters, digits, \"_\", \".\" and \"-\", the last two not at its start."

    /// Whether a name is neither empty, longer than PostgreSQL's identifiers nor made of other characters.
    package static func isValid(_ name: String) -> Bool {
        let allowed = name.utf8.allSatisfy { byte in
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"), UInt8(ascii: "."), UInt8(ascii: "-"):
                true
            default: false
            }
        }
        return allowed && (1...63).contains(name.utf8.count) && name.first != "-" && name.first != "."
    }
}
