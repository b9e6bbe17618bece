package import Configuration
package import Essentials
package import Postgres
internal import Replication

/// What was found of a cluster from the nodes that are known.
package struct Discovery: Sendable {
    /// The cluster, ready to be written down.
    package var cluster: ClusterConfiguration
    /// What could not be found out, or was guessed; sentences for a person.
    package var notes: [String]
}

/// Finds the nodes of a cluster: those given, the upstream each standby names, and the standbys each server serves.
///
/// A server knows the address of a standby but not its port, so the port of the server that told of it is tried.
/// - Throws: the reason of the first node when none of those given answers.
package func discover(
    from known: [ConnectionString], clusterName: String, timeout: Duration
) async throws(Failure) -> Discovery {
    var search = DiscoverySearch(timeout: timeout)
    for connection in known { search.add(connection, calledBy: nil) }
    await search.run()
    return try search.result(clusterName: clusterName, given: known.count)
}

/// A breadth-first walk over servers that name each other.
private struct DiscoverySearch {
    private struct Lead {
        var connection: ConnectionString
        /// What the server that told of it calls it.
        var applicationName: String?
    }

    private struct Found {
        var node: ObservedNode
        var connection: ConnectionString
        var applicationName: String?
    }

    private let timeout: Duration
    private var leads: [Lead] = []
    private var visited: Set<String> = []
    private var found: [Found] = []
    private var notes: [String] = []
    private var firstSilence: Failure?
    /// The standbys that servers tell of, by the name they use there.
    private var told: [(name: String, address: String)] = []

    /// More servers than this in one cluster are a sign of going astray.
    private static let most = 64

    init(timeout: Duration) { self.timeout = timeout }

    mutating func add(_ connection: ConnectionString, calledBy applicationName: String?) {
        let place = Self.place(connection)
        guard visited.count < Self.most, visited.insert(place).inserted else { return }
        leads.append(Lead(connection: connection, applicationName: applicationName))
    }

    mutating func run() async {
        while !leads.isEmpty {
            let lead = leads.removeFirst()
            let node = NodeConfiguration(name: Self.place(lead.connection), connection: lead.connection, kind: .replica)
            let answer = await ClusterObserver.ask(node, over: HeldSession(), until: .after(timeout))
            guard let snapshot = answer.snapshot else {
                note(silence: answer, of: lead)
                continue
            }
            if found.contains(where: { Self.isSame($0.node.snapshot, snapshot) }) { continue }
            if let other = found.first?.node.snapshot?.systemIdentifier, let own = snapshot.systemIdentifier,
                own != other
            {
                notes.append("\(node.name) belongs to another cluster (system identifier \(own)) and was left out.")
                continue
            }
            let name = lead.applicationName ?? snapshot.primaryConninfo?.applicationName
            found.append(Found(node: answer, connection: lead.connection, applicationName: name))
            follow(snapshot, from: lead.connection)
        }
    }

    func result(clusterName: String, given: Int) throws(Failure) -> Discovery {
        guard !found.isEmpty else {
            throw firstSilence ?? Failure(.connection, "no server answered")
        }
        var notes = notes + missing
        var nodes: [NodeConfiguration] = []
        let primaries = found.filter { $0.node.snapshot?.inRecovery == false }
        let standbys = found.filter { $0.node.snapshot?.inRecovery == true }
        for (index, entry) in (primaries + standbys).enumerated() {
            let kind: NodeKind =
                index == 0 && !primaries.isEmpty ? .primary : index == primaries.count ? .dr : .replica
            nodes.append(node(entry, kind: kind, taken: Set(nodes.map(\.name))))
        }
        if primaries.isEmpty { notes.append("No primary was found; the configuration holds standbys only.") }
        if primaries.count > 1 {
            notes.append("\(primaries.count) servers are primary; only one of them can be right.")
        }
        if let first = standbys.first, let name = nodes.first(where: { $0.connection == first.connection })?.name {
            notes.append("Which standby is for disaster recovery can't be seen: \"\(name)\" was taken; check \"kind\".")
        }
        notes.append("Sites, SSH access and services can't be seen by SQL; fill them in where they are commented out.")
        return Discovery(cluster: ClusterConfiguration(name: clusterName, nodes: nodes), notes: notes)
    }

    private func node(_ entry: Found, kind: NodeKind, taken: Set<String>) -> NodeConfiguration {
        let snapshot = entry.node.snapshot
        let generic: Set<String> = ["", "walreceiver", "pgdr"]
        let wishes = [entry.applicationName, snapshot?.setting("cluster_name"), kind == .primary ? "primary" : nil]
            .compactMap(\.self).filter { !generic.contains($0) }
        let host = entry.connection.value(of: "host") ?? entry.node.addresses.sorted().first ?? "node"
        let name =
            (wishes + [host]).map(Self.asName).first { !$0.isEmpty && !taken.contains($0) }
            ?? "node-\(taken.count + 1)"
        return NodeConfiguration(
            name: name, connection: entry.connection, kind: kind, dataDirectory: snapshot?.setting("data_directory"),
            applicationName: snapshot?.primaryConninfo?.applicationName)
    }

    private mutating func follow(_ snapshot: NodeSnapshot, from connection: ConnectionString) {
        if let host = snapshot.receiver?.senderHost ?? snapshot.primaryConninfo?.host {
            let port = snapshot.receiver?.senderPort ?? snapshot.primaryConninfo?.port
            if let upstream = try? connection.replacing(host: host, port: port) { add(upstream, calledBy: nil) }
        }
        for row in snapshot.standbys where !row.isBackupStream {
            told.append((row.applicationName ?? "", row.clientAddress ?? "a Unix socket"))
            let port = snapshot.integerSetting("port").map { Int($0) }
            guard let address = row.clientAddress, let standby = try? connection.replacing(host: address, port: port)
            else { continue }
            add(standby, calledBy: row.applicationName)
        }
    }

    private mutating func note(silence answer: ObservedNode, of lead: Lead) {
        let reason = answer.silence.map { "\($0.reason): \($0.detail)" } ?? "no answer"
        // Of standbys that a server told of, only those that were found nowhere else are worth a note.
        if lead.applicationName == nil {
            notes.append("\(Self.place(lead.connection)) could not be asked (\(reason)); add it by hand.")
        }
        firstSilence =
            firstSilence
            ?? Failure(
                .connection, "no answer from \(Self.place(lead.connection))", detail: reason,
                hint: "Give a connection string with which psql connects too.")
    }

    /// Standbys that a server serves and that are none of the nodes found.
    private var missing: [String] {
        let names = Set(
            found.flatMap { entry in
                [entry.applicationName, entry.node.snapshot?.setting("cluster_name")].compactMap(\.self)
            })
        return told.filter { !names.contains($0.name) }.map { standby in
            "Standby \"\(standby.name)\", which connects from \(standby.address), was not found there under the same"
                + " port; add it by hand, or give its connection string too."
        }
    }

    private static func isSame(_ left: NodeSnapshot?, _ right: NodeSnapshot) -> Bool {
        left?.systemIdentifier == right.systemIdentifier && left?.postmasterStart == right.postmasterStart
            && left?.inRecovery == right.inRecovery
    }

    private static func place(_ connection: ConnectionString) -> String {
        let host = connection.value(of: "host") ?? connection.value(of: "hostaddr") ?? "the default host"
        return connection.value(of: "port").map { "\(host), port \($0)" } ?? host
    }

    private static func asName(_ text: String) -> String {
        String(text.map { $0.isASCII && ($0.isLetter || $0.isNumber || "._-".contains($0)) ? $0 : "-" }.prefix(63))
    }
}
