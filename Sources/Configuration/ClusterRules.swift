import Essentials
import Postgres
import Replication

/// What must hold between the nodes of one cluster.
enum ClusterRules {
    /// Refuses what no cluster can be; each error points to the later of the two lines that contradict each other.
    static func check(_ members: [ClusterMember]) throws(Failure) {
        try checkServers(members)
        try checkPrimary(members)
        try checkApplicationNames(members)
        try checkUpstreams(members)
    }

    /// Two names for one server would count one vote twice and could make a node its own standby.
    private static func checkServers(_ members: [ClusterMember]) throws(Failure) {
        var owners: [ServerEndpoint: String] = [:]
        for member in members {
            let location = member.location(of: "connection")
            let endpoints = try ServerEndpoint.list(of: member.node.connection, at: location)
            for endpoint in endpoints {
                guard let owner = owners[endpoint], owner != member.node.name else {
                    owners[endpoint] = member.node.name
                    continue
                }
                throw .configuration(
                    at: location, "node \"\(member.node.name)\" is the same server as node \"\(owner)\"",
                    detail: "Both connect to \(endpoint.text).",
                    hint: "Give each node a connection string that leads to its own server only.")
            }
        }
    }

    private static func checkPrimary(_ members: [ClusterMember]) throws(Failure) {
        let primaries = members.filter { $0.node.kind == .primary }
        guard primaries.count > 1 else { return }
        throw .configuration(
            at: primaries[1].location(of: "kind"), "a cluster has one node of kind \"primary\"",
            detail: "Node \"\(primaries[0].node.name)\" is of that kind already.",
            hint: "The kind says what a node is for, not what it is now: make the others \"dr\" or \"replica\".")
    }

    /// PostgreSQL compares the names in `synchronous_standby_names` without regard to case.
    private static func checkApplicationNames(_ members: [ClusterMember]) throws(Failure) {
        var owners: [String: String] = [:]
        for member in members {
            let name = member.node.applicationName
            if let owner = owners.updateValue(member.node.name, forKey: name.lowercased()) {
                throw .configuration(
                    at: member.location(of: "application_name"),
                    "nodes \"\(owner)\" and \"\(member.node.name)\" have the same application name",
                    detail: "PostgreSQL takes no notice of case in application names; without \"application_name\""
                        + " it is the node's name.")
            }
        }
    }

    private static func checkUpstreams(_ members: [ClusterMember]) throws(Failure) {
        var upstreams: [String: String] = [:]
        let names = Set(members.map(\.node.name))
        for member in members {
            guard let upstream = member.node.upstream else { continue }
            guard upstream != member.node.name else {
                throw .configuration(
                    at: member.location(of: "upstream"), "node \"\(upstream)\" cannot be its own upstream")
            }
            guard names.contains(upstream) else {
                let others = members.map(\.node.name).filter { $0 != member.node.name }
                let hint = NearestName.hint(for: upstream, among: others)
                throw .configuration(
                    at: member.location(of: "upstream"), "the upstream\(upstream.echo) is not a node of this cluster",
                    detail: hint == nil && !others.isEmpty ? "Other nodes here: \(quotedList(others))." : nil,
                    hint: hint)
            }
            upstreams[member.node.name] = upstream
            var path = [member.node.name]
            // Ends: what was entered before has no cycle, so a new one must pass through this node.
            var next: String? = upstream
            while let name = next {
                path.append(name)
                guard name != member.node.name else {
                    throw .configuration(
                        at: member.location(of: "upstream"), "the upstreams form a cycle",
                        detail: "\(path.map { "\"\($0)\"" }.joined(separator: " follows ")).")
                }
                next = upstreams[name]
            }
        }
    }
}
