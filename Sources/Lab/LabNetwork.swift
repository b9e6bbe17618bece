internal import Essentials
internal import Glibc

/// The network of its own that a lab stands in: each node, the witness and each observer is a host in a network
/// namespace, with an address of its own; a switch in another namespace joins them.
///
/// This machine is one of the hosts, `clients`. All that goes from one host to another passes the switch, where it can
/// be cut; what goes on inside a host never does.
package struct LabNetwork: Sendable {
    let lab: Lab
    let record: Record

    /// What the lab's marker says of it.
    struct Record: Codable, Sendable, Equatable {
        /// What the names of its namespaces begin with; also the name of this machine's interface.
        var id: String
        /// The first three numbers of its addresses.
        var subnet: String
        /// The hosts other than this machine, each with the last number of its address.
        var hosts: [String: Int]

        func namespace(of host: String) -> String { "\(id)-\(host)" }
        func address(of host: String) -> String { "\(subnet).\(hosts[host] ?? Self.clientsNumber)" }
        var switchNamespace: String { namespace(of: "switch") }
        var namespaces: [String] { [switchNamespace] + hosts.keys.sorted().map(namespace) }
        static let clientsNumber = 1
    }

    /// The host that clients are on: this machine.
    package static let clients = "clients"
    /// The host with an sshd and without a server.
    static let witness = "witness"
    /// The hosts on which pgdr is run; each can be cut off as any other.
    package var observers: [String] { record.hosts.keys.filter { $0.hasPrefix("observer") }.sorted() }

    /// The address of a host.
    package func address(of host: String) -> String { record.address(of: host) }

    /// The start of a command line that runs the rest of it on a host other than this machine.
    package func entering(_ host: String) -> [String] { Program.entering(record.namespace(of: host)) }

    /// A command that ends all that runs on a host and returns when nothing does: what a power switch does.
    package func switchingOff(_ host: String) -> [String] {
        let script = """
            for try in 1 2 3 4 5 6 7 8 9 10; do
                pids=$(ip netns pids "$1") || exit 1
                [ -n "$pids" ] || exit 0
                kill -KILL $pids 2>/dev/null
                sleep 0.1
            done
            exit 1
            """
        return ["/bin/sh", "-c", script, "off", record.namespace(of: host)]
    }
}

extension LabNetwork.Record {
    /// The hosts of a lab, and addresses that nobody on this machine has a way to.
    /// - Throws: `refused` when the invoking user isn't root, or a program is missing.
    init(nodes: [String], others: [String]) async throws(Failure) {
        guard geteuid() == 0 else {
            throw Failure(.refused, "only root can make a network for a lab", hint: "Run the command as root.")
        }
        for (name, package) in [("nft", "nftables"), ("nsenter", "util-linux"), ("ip", "iproute2")]
        where Program.find(name) == nil {
            throw Failure(.refused, "could not find \(name)", hint: "Install it with: apt-get install \(package)")
        }
        id = "pgl" + String(UInt64.random(in: 0..<60_466_176), radix: 36)
        hosts = [:]
        for (index, host) in (nodes + others).enumerated() { hosts[host] = 11 + index }
        let routes = try await Program(LabNetwork.program("ip"), ["-4", "route", "show", "table", "all"]).run()
        repeat {
            subnet = "10.\(Int.random(in: 16..<250)).\(Int.random(in: 0..<256))"
        } while routes.contains(" \(subnet).") || routes.hasPrefix("\(subnet).") || routes.contains("\n\(subnet).")
    }
}

extension LabNetwork {
    /// Makes all namespaces and joins them.
    func make() async throws(Failure) {
        let all = record.namespaces.map { "netns add \($0)" }
        let cables = record.hosts.map { host, number in
            "link add name eth0 netns \(record.namespace(of: host)) type veth peer name p\(number)"
                + " netns \(record.switchNamespace)"
        }
        let uplink = "link add name \(record.id) type veth peer name p1 netns \(record.switchNamespace)"
        try await ip(nil, all + cables + [uplink])
        let ports = [Record.clientsNumber] + record.hosts.values
        try await ip(
            record.switchNamespace,
            ["link add name switch type bridge", "link set dev switch up"]
                + ports.map { "link set dev p\($0) master switch up" })
        let own = address(of: Self.clients)
        try await ip(nil, ["addr add \(own)/24 dev \(record.id)", "link set dev \(record.id) up"])
        for host in record.hosts.keys {
            try await ip(
                record.namespace(of: host),
                ["link set dev lo up", "addr add \(address(of: host))/24 dev eth0", "link set dev eth0 up"])
        }
        try await nft(
            """
            table bridge lab {
                set cuts { type ipv4_addr . ipv4_addr; }
                chain forward {
                    type filter hook forward priority 0; policy accept;
                    ip saddr . ip daddr @cuts drop
                }
            }
            """)
    }

    /// Removes what there is of it, once nothing runs there any more.
    static func remove(_ record: Record) async throws(Failure) {
        let left = record.namespaces.filter { access("/run/netns/\($0)", F_OK) == 0 }
        let uplink = access("/sys/class/net/\(record.id)", F_OK) == 0 ? ["link del dev \(record.id)"] : []
        let lines = uplink + left.map { "netns del \($0)" }
        guard !lines.isEmpty else { return }
        try await Self.ip(nil, lines)
    }

    func ip(_ namespace: String?, _ lines: [String]) async throws(Failure) { try await Self.ip(namespace, lines) }

    private static func ip(_ namespace: String?, _ lines: [String]) async throws(Failure) {
        let place = namespace.map { ["-netns", $0] } ?? []
        try await Program(try program("ip"), place + ["-batch", "-"], purpose: "change the lab's network")
            .run(input: lines.map { "\($0)\n" }.joined())
    }

    /// Changes what the switch lets through.
    func nft(_ text: String) async throws(Failure) {
        let purpose = "change what the lab's switch lets through"
        var program = Program(try Self.program("nft"), ["-f", "-"], purpose: purpose)
        program.namespace = record.switchNamespace
        try await program.run(input: text + "\n")
    }

    fileprivate static func program(_ name: String) throws(Failure) -> String {
        guard let path = Program.find(name) else { throw Failure(.lab, "could not find \(name)") }
        return path
    }
}

extension Lab {
    /// The lab's network; nil when its nodes stand on this machine's loopback addresses.
    package var network: LabNetwork? { record.network.map { LabNetwork(lab: self, record: $0) } }
}
