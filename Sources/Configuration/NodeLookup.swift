package import Essentials

extension ClusterConfiguration {
    /// The node called `name`.
    /// - Throws: `configuration` when there is none, with the nearest name as hint.
    package func existingNode(named name: String) throws(Failure) -> NodeConfiguration {
        if let node = node(named: name) { return node }
        let names = nodes.map(\.name)
        throw Failure(
            .configuration, "there is no node\(name.echo) in cluster \"\(self.name)\"",
            detail: "Nodes: \(quotedList(names)).", hint: NearestName.hint(for: name, among: names))
    }
}
