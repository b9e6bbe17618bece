package import Essentials
internal import SystemPackage

/// A throw-away cluster: a primary and standbys, real PostgreSQL servers on loopback addresses of their own, each
/// with an sshd beside it, all in one directory and without a trace outside it.
///
/// ```
/// try await Lab.with(LabOptions(directory: "/tmp/lab")) { lab in
///     try await lab.primary.kill()
///     try await lab.node("dr").promote()
/// }
/// ```
/// The value holds no state of the servers; what runs is looked up each time.
package struct Lab: Sendable {
    let record: LabRecord
    let account: Account

    /// The lab's directory, without symbolic links.
    package var directory: String { record.directory }
    /// pgdr's configuration file for this lab.
    package var configurationFile: String { "\(directory)/pgdr.yaml" }
    /// The passwords of the lab's roles in libpq's form, readable by the invoking user only.
    package var passfile: String { "\(directory)/passfile" }
    /// The private key that opens all of the lab's sshds.
    package var identityFile: String { "\(directory)/ssh/id_ed25519" }
    /// The sshds' host keys.
    package var knownHostsFile: String { "\(directory)/ssh/known_hosts" }
    /// The directory of PostgreSQL's programs.
    package var postgresBin: String { record.binaries.directory }

    /// All nodes, the primary first.
    package var nodes: [LabNode] { record.nodes.map { LabNode(lab: self, member: $0) } }
    /// The node that was made as the primary.
    package var primary: LabNode { LabNode(lab: self, member: record.nodes[0]) }
    /// The nodes that were made as standbys.
    package var standbys: [LabNode] { Array(nodes.dropFirst()) }

    /// The host of the lab's network that has an sshd and no server; nil: there is none.
    package var witness: LabNode? { record.witness.map { LabNode(lab: self, member: $0) } }
    /// All that have an sshd.
    var shells: [LabNode] { nodes + [witness].compactMap(\.self) }

    /// The node of that name.
    /// - Throws: `lab` when there is none.
    package func node(_ name: String) throws(Failure) -> LabNode {
        guard let node = nodes.first(where: { $0.name == name }) else {
            throw Failure(
                .lab, "there is no node \"\(name)\" in the lab",
                hint: "It has: \(nodes.map(\.name).joined(separator: ", ")).")
        }
        return node
    }

    /// The lab in `directory`, whatever of it runs.
    /// - Throws: `lab` when there is none.
    package static func open(_ directory: String) throws(Failure) -> Lab {
        let path = absolute(directory)
        guard let record = try LabRecord.read(path) else {
            throw Failure(
                .lab, "there is no lab in \"\(path)\"", hint: "Make one with: pgdr lab up --dir \(path)")
        }
        return try Lab(record)
    }

    init(_ record: LabRecord) throws(Failure) {
        guard let account = Account.named(record.account) else {
            throw Failure(.lab, "the account \"\(record.account)\" of the lab's servers is gone")
        }
        guard !record.nodes.isEmpty else { throw Failure(.lab, "the lab's \(LabRecord.fileName) names no node") }
        self.record = record
        self.account = account
    }

    /// A path from the root, without symbolic links as far as it exists: as the kernel names a process's directory.
    static func absolute(_ path: String) -> String {
        let full = FilePath(LabFile.resolve(".") ?? "/").pushing(FilePath(path)).lexicallyNormalized()
        if let resolved = LabFile.resolve(full.string) { return resolved }
        guard let name = full.lastComponent else { return full.string }
        let parent = full.removingLastComponent()
        return FilePath(absolute(parent.string)).appending(name).string
    }

    /// The variable that marks every program of a lab, and all they start, as its own.
    static let marker = "PGDR_LAB"

}

extension LabNode {
    /// One of PostgreSQL's programs, run on the node's host as the servers' account.
    func serverProgram(_ name: String, _ arguments: [String], purpose: String) -> Program {
        var program = clientProgram(name, arguments, purpose: purpose)
        program.account = lab.account
        program.workingDirectory = directory
        return program
    }

    /// One of PostgreSQL's programs, run on the node's host as the invoking user.
    func clientProgram(_ name: String, _ arguments: [String], purpose: String) -> Program {
        var program = Program(lab.record.binaries.program(name), arguments, purpose: purpose)
        program.environment = [Lab.marker: lab.directory, "PGPASSFILE": lab.passfile, "PGCONNECT_TIMEOUT": "10"]
        program.environment["LD_LIBRARY_PATH"] = lab.record.binaries.libraries
        program.namespace = namespace
        return program
    }

    /// The network namespace that the node's host is; nil when it stands on this machine.
    var namespace: String? { lab.record.network?.namespace(of: name) }
}
