package import Essentials

/// The roles of a lab; their passwords are in its passfile.
package enum LabRole: String, Sendable, CaseIterable {
    /// The superuser.
    case superuser = "postgres"
    /// What pgdr observes with: a member of `pg_monitor`, nothing more.
    case monitoring = "pgdr"
    /// What pgdr acts with: no superuser from PostgreSQL 15 on.
    case admin = "pgdr_admin"
    /// What the standbys stream with, and what pg_rewind reads with.
    case replication = "replicator"
}

extension LabNode {
    /// Runs statements by psql and returns what it prints: a line a row, columns parted by `|`.
    ///
    /// Values from outside go into `variables`, which the statements use as `:'name'` (literal) or `:"name"`
    /// (identifier); they must not be secrets, as they are seen in the list of processes.
    /// - Throws: `lab` at the first statement that fails, with the server's words as the detail.
    @discardableResult
    package func psql(
        _ statements: String, as role: LabRole = .superuser, variables: [String: String] = [:]
    ) async throws(Failure) -> String {
        let settings = ["-X", "-A", "-t", "-q", "-v", "ON_ERROR_STOP=1"]
        let values = variables.sorted { $0.key < $1.key }.flatMap { ["-v", "\($0.key)=\($0.value)"] }
        let program = clientProgram(
            "psql", settings + values + ["-d", connectionString(as: role)], purpose: "run SQL on node \"\(name)\"")
        let output: String
        do { output = try await program.run(input: statements) } catch {
            throw Failure(error.code, error.message, detail: error.detail, hint: error.hint, node: name)
        }
        return output.hasSuffix("\n") ? String(output.dropLast()) : output
    }

    /// A psql of the superuser that takes statements from its standard input and confirms each.
    func session(purpose: String) -> Program {
        clientProgram(
            "psql", ["-X", "-v", "ON_ERROR_STOP=1", "-d", connectionString(as: .superuser)], purpose: purpose)
    }

    /// A connection string for libpq; the password comes from the passfile it names.
    package func connectionString(as role: LabRole) -> String {
        connectionString(as: role, passfile: lab.passfile)
    }

    func connectionString(as role: LabRole, passfile: String) -> String {
        // A lab's path holds no quote and no backslash, see `LabSite`.
        "host=\(address) port=\(port) dbname=postgres user=\(role.rawValue) passfile='\(passfile)'"
    }

    /// Sets a parameter of the server by `ALTER SYSTEM` and makes it read its configuration again; nil resets it.
    package func setParameter(_ parameter: String, _ value: String?) async throws(Failure) {
        guard let value else {
            try await psql(
                "ALTER SYSTEM RESET :\"parameter\";\nSELECT pg_reload_conf() \\g /dev/null\n",
                variables: ["parameter": parameter])
            return
        }
        try await psql(
            "ALTER SYSTEM SET :\"parameter\" = :'value';\nSELECT pg_reload_conf() \\g /dev/null\n",
            variables: ["parameter": parameter, "value": value])
    }

    /// Adds a line to the end of `pg_hba.conf` and makes the server read it.
    ///
    /// The first line that matches counts, and the lab's own match every loopback address; see `prependHBA`.
    package func appendHBA(_ line: String) async throws(Failure) {
        try LabFile.write("\(line)\n", to: hbaFile, mode: 0o600, owner: lab.account, adding: .atEnd)
        try await reload()
    }

    /// Adds a line to the start of `pg_hba.conf`, before all others, and makes the server read it.
    package func prependHBA(_ line: String) async throws(Failure) {
        let rest = LabFile.read(hbaFile) ?? ""
        try LabFile.write("\(line)\n\(rest)", to: hbaFile, mode: 0o600, owner: lab.account)
        try await reload()
    }

    private var hbaFile: String { "\(configurationDirectory)/pg_hba.conf" }
}
