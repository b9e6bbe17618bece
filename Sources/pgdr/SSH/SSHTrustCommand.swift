import ArgumentParser
import Configuration
import Essentials
import Hosts
import SSH

struct SSHTrustCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "trust",
        abstract: "Show the key of a node's host, a witness or a server, and believe it from now on.",
        discussion: """
            pgdr ssh trust dr
            pgdr ssh trust dr --yes --fingerprint SHA256:ohD8VZEXGWo6Ez8GSEJQ9WpafgLFsOfLOtGGQCQo6Og

            Compare the fingerprint on the host itself:
              ssh-keygen -lf /etc/ssh/ssh_host_ed25519_key.pub
            A key that has changed is refused: remove the old one by hand.
            Jump hosts on the way come first.

            Exit status: 0 done, 1 refused, 2 failed.
            """)

    @OptionGroup var clusters: ClusterOptions

    @Argument(help: "The node, the witness, or a server of the estate.")
    var node: String

    @Flag(help: "Don't ask; needs --fingerprint.")
    var yes = false

    @Option(
        help: ArgumentHelp(
            "A key that may be believed, none else then; may be given several times.", valueName: "sha256"))
    var fingerprint: [String] = []

    @Option(help: TimeSpan.help("How long to wait for each host."))
    var timeout = TimeSpan(.seconds(15))

    func validate() throws {
        try timeout.requirePositive("--timeout")
        if yes, fingerprint.isEmpty {
            throw ValidationError("--yes needs --fingerprint: a key that nobody looks at is not to be believed.")
        }
    }

    func run() async throws {
        do {
            for host in try hosts(clusters.load()) {
                switch try await host.standing(until: .after(timeout.duration)) {
                case .trusted(let key):
                    Terminal.print("\(host.text) is trusted already: \(key.type) \(key.fingerprint)")
                case .open(let key):
                    try confirm(key, of: host)
                    try host.trust(key)
                    Terminal.print("\(host.text) is trusted: \(key.type) \(key.fingerprint), in \(try host.file)")
                }
            }
        } catch {
            let isRefused = [.refused, .hostKey, .configuration].contains(error.code)
            throw CommandFailure(failure: error, status: isRefused ? ExitStatus.refused : ExitStatus.undone)
        }
    }

    /// The hosts on the way to the node, else to the server or the witness of that name.
    private func hosts(_ file: ConfigurationFile) throws(Failure) -> [HostTrust] {
        let isNode = file.clusters.contains { cluster in
            cluster.node(named: node) != nil && (clusters.cluster.map { $0 == cluster.name } ?? true)
        }
        if !isNode, let address = file.estate?.server(named: node)?.ssh {
            return try HostTrust.hosts(onTheWayTo: address, secrets: .fromTerminal)
        }
        let cluster = try file.cluster(named: clusters.cluster)
        if let witness = cluster.witnesses.first(where: { $0.name == node }) {
            return try HostTrust.hosts(onTheWayTo: witness.ssh, secrets: .fromTerminal)
        }
        let chosen = try cluster.existingNode(named: node)
        return try HostTrust.hosts(onTheWayTo: chosen, secrets: .fromTerminal)
    }

    private func confirm(_ key: HostKey, of host: HostTrust) throws(Failure) {
        let shown = "\(host.text) shows \(key.type) \(key.fingerprint)"
        if !fingerprint.isEmpty, !fingerprint.contains(key.fingerprint) {
            throw Failure(
                .refused, "the host key is not the one expected",
                detail: "\(shown); expected was"
                    + " \(fingerprint.joined(separator: " or ")).",
                hint: "Somebody may be listening in, or this is not the host you mean.")
        }
        if yes { return }
        guard Terminal.canAsk else {
            throw Failure(
                .refused, "nobody can be asked whether to trust \(host.text)", detail: "\(shown).",
                hint: "Compare the fingerprint on the host, then: pgdr ssh trust \(node) --yes --fingerprint"
                    + " \(key.fingerprint)")
        }
        Terminal.note("\(shown)\nCompare it on the host: ssh-keygen -lf /etc/ssh/ssh_host_ed25519_key.pub")
        guard Terminal.asks("Add it to \(try host.file)?") else {
            throw Failure(.refused, "not trusted", hint: "Nothing was changed.")
        }
    }
}
