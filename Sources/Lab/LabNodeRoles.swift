package import Essentials

extension LabNode {
    /// Makes the stopped server a standby of `upstream`, with a slot there, once it is started.
    ///
    /// Its data must be of the upstream's history: a node that was primary and wrote on needs `rewind` before.
    /// - Throws: `lab` when `upstream` doesn't answer or is no primary, or when the server still runs.
    package func follow(_ upstream: LabNode) async throws(Failure) {
        guard postmaster == nil else {
            throw Failure(.lab, "the server of node \"\(name)\" still runs", hint: "Stop it first.", node: name)
        }
        try await upstream.makeSlot(for: self)
        // Of several lines for one parameter the last one counts.
        try LabFile.write(
            ServerFiles.following(upstream, as: self), to: "\(dataDirectory)/postgresql.auto.conf", mode: 0o600,
            owner: lab.account, adding: .atEnd)
        try LabFile.write("", to: "\(dataDirectory)/standby.signal", mode: 0o600, owner: lab.account)
    }

    /// Brings the stopped server's data to where the history of `source`, a running primary, parts from its own.
    /// - Throws: `lab` with pg_rewind's words as the detail.
    package func rewind(from source: LabNode) async throws(Failure) {
        // It takes the timeline from the control file, which a new primary only writes at its next checkpoint.
        try await source.psql("CHECKPOINT;")
        let connection = source.connectionString(as: .replication, passfile: lab.serverPassfile)
        try await serverProgram(
            "pg_rewind", ["-D", dataDirectory, "--source-server", connection, "--no-sync"],
            purpose: "rewind node \"\(name)\""
        ).run()
    }

    /// Makes the slot by which another node follows this one; one that is there stays.
    package func makeSlot(for node: LabNode) async throws(Failure) {
        try await psql(
            """
            SELECT pg_create_physical_replication_slot(:'slot', true)
            WHERE NOT EXISTS (SELECT FROM pg_replication_slots WHERE slot_name = :'slot');
            """,
            variables: ["slot": node.slot])
    }
}
