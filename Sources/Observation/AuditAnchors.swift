package import Configuration
package import Essentials
internal import Postgres
internal import SQLFiles

/// The head of an audit log as it is kept in a cluster.
package struct StoredAnchor: Sendable, Hashable {
    /// The number of the event.
    package var seq: UInt64
    /// The SHA-256 of its line, 64 lower-case hexadecimal digits.
    package var hash: String

    /// An anchor by its parts.
    package init(seq: UInt64, hash: String) {
        self.seq = seq
        self.hash = hash
    }
}

/// What a cluster knows of an audit log.
package struct StoredAnchors: Sendable, Equatable {
    /// The name of the cluster.
    package var cluster: String
    /// All anchors that any of its nodes has, the oldest first; two of one number when nodes differ.
    package var anchors: [StoredAnchor]
    /// The nodes that answered, in the configuration's order.
    package var nodes: [String]
    /// Why others did not, by node, in the configuration's order.
    package var problems: [Problem]

    /// Why a node told nothing.
    package struct Problem: Sendable, Equatable {
        /// The name of the node.
        package var node: String
        /// Libpq's or the server's words.
        package var text: String

        /// A problem by its parts.
        package init(node: String, text: String) {
            self.node = node
            self.text = text
        }
    }

    /// What a cluster knows, by its parts.
    package init(cluster: String, anchors: [StoredAnchor], nodes: [String], problems: [Problem]) {
        self.cluster = cluster
        self.anchors = anchors
        self.nodes = nodes
        self.problems = problems
    }

    /// Asks all nodes at once, standbys too: what was replicated to them an intruder on the primary can't take back.
    /// - Parameter observer: the log's name, see `AuditLog.observer`.
    package init(of observer: String, in cluster: ClusterConfiguration, until deadline: Deadline) async {
        self.init(cluster: cluster.name, anchors: [], nodes: [], problems: [])
        let answers = await withTaskGroup(of: (Int, Result<[StoredAnchor], Problem.Silence>).self) { group in
            for (index, node) in cluster.nodes.enumerated() {
                group.addTask { (index, await Self.ask(node, observer, until: deadline)) }
            }
            var answers = [Result<[StoredAnchor], Problem.Silence>?](repeating: nil, count: cluster.nodes.count)
            for await (index, answer) in group { answers[index] = answer }
            return answers.compactMap(\.self)
        }
        var anchors: Set<StoredAnchor> = []
        for (node, answer) in zip(cluster.nodes, answers) {
            switch answer {
            case .success(let found):
                nodes.append(node.name)
                anchors.formUnion(found)
            case .failure(let silence): problems.append(Problem(node: node.name, text: silence.text))
            }
        }
        self.anchors = anchors.sorted { ($0.seq, $0.hash) < ($1.seq, $1.hash) }
    }

    private static func ask(
        _ node: NodeConfiguration, _ observer: String, until deadline: Deadline
    ) async -> Result<[StoredAnchor], Problem.Silence> {
        let settings = SessionSettings(access: .readOnly, statementTimeout: deadline.remaining)
        do {
            var connection = try await Connection.open(node.connection, settings, until: deadline)
            let result = try await connection.query(SQLFile.auditAnchors, [observer], until: deadline)
            var anchors: [StoredAnchor] = []
            for row in result.rows {
                guard let seq = try row.integer("seq").flatMap({ UInt64(exactly: $0) }), let hash = try row.text("hash")
                else { continue }
                anchors.append(StoredAnchor(seq: seq, hash: hash))
            }
            return .success(anchors)
        } catch {
            return .failure(Problem.Silence(error))
        }
    }
}

extension StoredAnchors.Problem {
    /// Why a node told nothing, in words.
    fileprivate struct Silence: Error {
        var text: String

        init(_ error: PostgresError) {
            switch error {
            // No such table or schema: both are made by one file.
            case .server(let error) where ["42P01", "3F000"].contains(error.sqlstate):
                text = "it keeps no anchors: sql/schema.sql was not run there"
            case .server(let error): text = error.message
            case .silence(let silence): text = silence.detail
            case .failure(let failure): text = failure.message
            }
        }
    }
}
