internal import Essentials

/// What `lab up` is asked for.
package struct LabOptions: Sendable {
    /// Where everything of the lab goes; made if missing, refused if something else lies in it.
    package var directory: String
    /// How many standbys follow the primary: `dr`, `replica`, `replica2`, `replica3` and so on.
    package var standbys: Int
    /// The directory of `initdb`, `postgres` and the others; nil to look for one, see `PostgresBinaries.find`.
    package var postgresBin: String?
    /// The port of all servers; nil to take one that is free on all addresses.
    package var port: Int?
    /// The restart policy of the podman container that the server of node `dr` runs in, which only root can have; nil
    /// for none.
    package var drInContainer: ContainerRestart?
    /// The machine of its own that node `dr` is, which only root can make; nil for none.
    package var drMachine: LabMachine?
    /// The bytes of the disks of their own that nodes get, by the nodes' names; only root can give them one.
    ///
    /// A server needs about 150 MB.
    package var smallDisks: [String: Int] = [:]

    /// A network of the lab's own, in which each node is a host, which only root can make; nil for loopback addresses.
    package var network: Network?

    /// A network with hosts beside the nodes; see `LabNetwork`.
    package struct Network: Sendable {
        /// How many hosts there are for pgdr to run on: `observer1`, `observer2` and so on.
        package var observers: Int
        /// Whether there is a host `witness`, with an sshd and without a server.
        package var hasWitness: Bool

        /// A network by its hosts.
        package init(observers: Int = 2, hasWitness: Bool = true) {
            self.observers = observers
            self.hasWitness = hasWitness
        }

        /// The names of the hosts that are no nodes.
        var others: [String] {
            (hasWitness ? [LabNetwork.witness] : []) + (1...max(1, observers)).prefix(observers).map { "observer\($0)" }
        }
    }

    /// Options of which only the directory must be given.
    package init(
        directory: String, standbys: Int = 2, postgresBin: String? = nil, port: Int? = nil,
        drInContainer: ContainerRestart? = nil
    ) {
        self.directory = directory
        self.standbys = standbys
        self.postgresBin = postgresBin
        self.port = port
        self.drInContainer = drInContainer
    }

    /// The most standbys a lab takes: as many loopback addresses are left for them.
    package static let mostStandbys = 100

    /// The network that is asked for; nil: none is.
    /// - Throws: `refused` when it can't be made here.
    func networkRecord(of members: [LabRecord.Member]) async throws(Failure) -> LabNetwork.Record? {
        guard let network else { return nil }
        guard members.allSatisfy({ $0.container == nil }) else {
            throw Failure(.refused, "a node in a container can't be a host of a lab's network")
        }
        return try await LabNetwork.Record(nodes: members.map(\.name), others: network.others)
    }

    /// The witness in that network; nil: none is wanted.
    func witness(in record: LabNetwork.Record?) -> LabRecord.Member? {
        guard let record, network?.hasWitness == true else { return nil }
        return LabRecord.Member(
            name: LabNetwork.witness, kind: .witness, address: record.address(of: LabNetwork.witness))
    }

    /// Names and addresses of the nodes, the primary first.
    ///
    /// Each has its own loopback address, so that all can use one port, as servers on machines of their own do.
    func members() -> [LabRecord.Member] {
        let primary = LabRecord.Member(name: "primary", kind: .primary, address: "127.0.86.27")
        let dr = LabRecord.Member(name: "dr", kind: .dr, address: "127.0.86.115")
        let hosts = (28...254).lazy.filter { $0 != 115 }
        let replicas = hosts.prefix(max(standbys - 1, 0)).enumerated().map { index, host in
            LabRecord.Member(
                name: index == 0 ? "replica" : "replica\(index + 1)", kind: .replica, address: "127.0.86.\(host)")
        }
        return standbys < 1 ? [primary] : [primary, dr] + replicas
    }
}
