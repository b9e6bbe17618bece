internal import Essentials
internal import FoundationEssentials

/// The lab's marker, `lab.json`: what was decided when it was made, and the proof that a directory is a lab.
///
/// No process id stands in it: those are read from the servers' own pid files and checked, each time.
struct LabRecord: Codable, Sendable, Equatable {
    /// What a node of the lab is for.
    enum Kind: String, Codable, Sendable { case primary, dr, replica, witness }

    /// One node.
    struct Member: Codable, Sendable, Equatable {
        var name: String
        var kind: Kind
        var address: String
        /// What its server runs in; nil for the machine itself.
        var container: LabContainer?
    }

    /// The form of this file.
    var schema = 1
    /// The lab's own directory, resolved; differs from where the file lies when a lab was copied.
    var directory: String
    /// The operating system's account that the servers run as.
    var account: String
    /// Where PostgreSQL's programs are.
    var binaries: PostgresBinaries
    /// The port of all PostgreSQL servers.
    var port: Int
    /// The port of all sshds.
    var sshPort: Int
    /// The nodes, the primary first.
    var nodes: [Member]
    /// A host with an sshd and without a server; nil: there is none.
    var witness: Member?
    /// The network of their own that they stand in; nil for loopback addresses.
    var network: LabNetwork.Record?

    /// The marker's name in the lab's directory.
    static let fileName = "lab.json"

    /// Whether a name is a marker's until it is whole; a directory that holds nothing else isn't a lab yet.
    static func isUnfinished(_ name: String) -> Bool { name.hasPrefix("\(fileName).new") }

    /// Writes the marker so that it is there whole or not at all.
    /// - Throws: `lab` when there is one already; nothing is overwritten.
    func write() throws(Failure) {
        // Each `up` has its own, so that two in the same directory don't write into one file.
        let unfinished = "\(directory)/\(Self.fileName).new\(UInt64.random(in: .min ... .max))"
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
        let text: String
        do { text = String(decoding: try encoder.encode(self), as: UTF8.self) } catch {
            throw Failure(.lab, "could not encode the lab's marker", detail: "\(error)")
        }
        try LabFile.write(text + "\n", to: unfinished, mode: 0o644)
        defer { LabFile.removeFile(unfinished) }
        guard try LabFile.link(unfinished, to: "\(directory)/\(Self.fileName)") else {
            throw Self.exists(directory)
        }
    }

    /// Reads the marker of `directory`; nil when there is none.
    /// - Throws: `lab` when it can't be read or belongs to another directory.
    static func read(_ directory: String) throws(Failure) -> LabRecord? {
        guard let text = LabFile.read("\(directory)/\(fileName)") else { return nil }
        let record: LabRecord
        do { record = try JSONDecoder().decode(LabRecord.self, from: Data(text.utf8)) } catch {
            throw Failure(
                .lab, "could not understand the marker of the lab in \"\(directory)\"", detail: "\(error)",
                hint: "Was \(fileName) written by another version of pgdr, or by something else?")
        }
        guard record.directory == directory else {
            throw Failure(
                .lab, "\"\(directory)\" is a copy of a lab, not a lab",
                detail: "Its \(fileName) belongs to \"\(record.directory)\".",
                hint: "Use the original; nothing runs in a copy, so it may be deleted by hand.")
        }
        return record
    }

    /// The refusal to make a lab where there is one.
    static func exists(_ directory: String) -> Failure {
        Failure(
            .refused, "there is a lab in \"\(directory)\" already",
            hint: "Take it down with: pgdr lab down --dir \(directory)")
    }
}
