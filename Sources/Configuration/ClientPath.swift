package import Essentials
package import Postgres

/// A way on which applications reach the primary, whichever node that is: a pooler, an address that moves, a name, or a
/// list of servers.
package struct ClientPath: Sendable, Equatable {
    /// A connection of the path.
    package struct Route: Sendable, Equatable {
        /// The node that it leads to; nil: that is for others to say.
        package var node: String?
        /// How a client connects.
        package var connection: ConnectionString

        /// A route by its parts.
        package init(node: String? = nil, connection: ConnectionString) {
            self.node = node
            self.connection = connection
        }
    }

    /// Its name: 1 to 63 letters, digits, `.`, `_` and `-`.
    package var name: String
    /// Its connections, in the order in which a client tries them; never empty.
    package var routes: [Route]

    /// A path by its parts; nothing is checked here.
    package init(name: String, routes: [Route]) {
        self.name = name
        self.routes = routes
    }

    /// The name of a path that the file gives none.
    static let onlyName = "clients"
}

extension ClusterConfiguration {
    /// The path of that name; without a name the file's first.
    ///
    /// Where the file has none, the nodes' own connections are it, named `nodes`: one after the other is tried until one
    /// takes writes.
    /// - Throws: `configuration` when there is no path of that name.
    package func clientPath(named name: String? = nil) throws(Failure) -> ClientPath {
        let paths = clients.isEmpty ? [nodePath] : clients
        guard let name else { return paths[0] }
        if let path = paths.first(where: { $0.name == name }) { return path }
        let names = paths.map(\.name)
        throw Failure(
            .configuration, "cluster \"\(self.name)\" has no path\(name.echo) for clients",
            detail: "Paths: \(quotedList(names)).", hint: NearestName.hint(for: name, among: names))
    }

    private var nodePath: ClientPath {
        ClientPath(
            name: "nodes",
            routes: nodes.map { node in
                ClientPath.Route(
                    node: node.name, connection: node.connection.setting("target_session_attrs", to: "read-write"))
            })
    }

    /// The node whose server listens at a numeric address, as far as the file itself tells; nil: it doesn't.
    package func node(at address: String, port: Int) -> String? {
        let wanted = ServerEndpoint(host: ServerEndpoint.canonical(address), port: port)
        return nodes.first { node in
            let location = SourceLocation(path: "", line: 0, column: 0)
            var endpoints = (try? ServerEndpoint.list(of: node.connection, at: location)) ?? []
            if let other = node.address {
                endpoints.append(ServerEndpoint(host: ServerEndpoint.canonical(other.host), port: other.port))
            }
            return endpoints.contains(wanted)
        }?.name
    }
}
