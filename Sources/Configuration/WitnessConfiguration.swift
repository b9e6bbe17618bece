/// A host without PostgreSQL that has a vote when a primary is to be replaced.
package struct WitnessConfiguration: Sendable, Equatable {
    /// Its name, under the rules of a node's; no node has it.
    package var name: String
    /// How commands reach it.
    package var ssh: SSHAddress
    /// Where it stands; nil: not said.
    package var site: String?
    /// The directory, an absolute path, in which it keeps decision records; nil: `.pgdr/decisions` in the home
    /// directory of the account that SSH logs in as.
    package var decisions: String?

    /// A witness by its parts; nothing is checked here.
    package init(name: String, ssh: SSHAddress, site: String? = nil, decisions: String? = nil) {
        self.name = name
        self.ssh = ssh
        self.site = site
        self.decisions = decisions
    }

    /// Whether commands for both reach one host, as far as the configuration itself tells.
    package func sharesHost(with node: NodeConfiguration) -> Bool { node.ssh?.way == ssh.way }
}

extension SSHAddress {
    /// The servers on the way to the host, the host's own at the end: a private address means another host behind
    /// another jump.
    var way: [ServerEndpoint] {
        (jumps + [self]).map { ServerEndpoint(host: ServerEndpoint.canonical($0.host), port: $0.port) }
    }
}
