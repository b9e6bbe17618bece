internal import Essentials
internal import Glibc

/// The place a lab is to be made in, checked before anything is made.
struct LabSite: Sendable {
    /// The lab's directory, absolute and without symbolic links.
    let directory: String

    /// - Throws: `refused` when a lab or anything else is there, when its path can't be used, or when the servers'
    ///   account can't get there.
    init(_ path: String, for account: Account) throws(Failure) {
        directory = Lab.absolute(path)
        // Shells, libpq and the servers' configuration each give one of these a meaning of its own; pg_ctl is the
        // one that leaves no way to quote them.
        let troublesome = Set("\"'\\$`")
        guard directory.utf8.count > 1, !directory.contains(where: { troublesome.contains($0) || $0.isNewline }) else {
            throw Failure(
                .refused, "\"\(directory)\" cannot be a lab's directory",
                hint: "Use another path, without quotes, backslashes, dollar signs and line breaks.")
        }
        let names = try LabFile.names(in: directory) ?? []
        if names.contains(LabRecord.fileName) { throw LabRecord.exists(directory) }
        guard names.allSatisfy(LabRecord.isUnfinished) else {
            throw Failure(
                .refused, "\"\(directory)\" is neither empty nor a lab",
                detail: "It holds: \(names.sorted().prefix(5).joined(separator: ", ")).",
                hint: "Give a directory that is empty or doesn't exist; nothing of yours is ever removed.")
        }
        if let obstacle = account.firstObstacle(to: directory) {
            throw Failure(
                .refused, "the servers' account \"\(account.name)\" cannot get to \"\(directory)\"",
                detail: "It may not enter \"\(obstacle)\".",
                hint: "Use a directory elsewhere, such as below /tmp, or run: chmod a+x \(obstacle)")
        }
    }

    /// Makes the directory and the marker, whereby it is a lab that `down` takes down.
    func claim(_ record: LabRecord) throws(Failure) -> Lab {
        try LabFile.makeDirectory(directory, mode: 0o755)
        try record.write()
        return try Lab(record)
    }
}
