// Who is there.

extension Diagnosis.Text {
    static func primaryUnreachable(_ node: String, _ silence: NodeSilence, _ streaming: [Receiver]) -> Self {
        let connected = streaming.map { receiver in
            receiver.standby + (receiver.silentFor.map { " (last message \(Quantity.seconds($0)) ago)" } ?? "")
        }
        let alive =
            silence.postmasterAlive
            ? " Its postmaster is alive: it answered with a refusal."
            : streaming.isEmpty
                ? ""
                : " Walreceivers are still connected to it: \(connected.joined(separator: ", "))."
                    + " Unless its host has just vanished, it is alive."
        return Self(
            "primary \"\(node)\" gives no answer (\(silence.reason))",
            detail: silence.detail + "." + alive,
            hint: streaming.isEmpty && !silence.postmasterAlive
                ? "\(hint(forSilence: silence.reason)) Promote another node only when it is proven to be stopped."
                : "Do not promote another node. \(hint(forSilence: silence.reason))")
    }

    static func noPrimary(_ silent: [String]) -> Self {
        Self(
            "no node is primary",
            detail: silent.isEmpty
                ? "All nodes answered, and all are in recovery."
                : "All nodes that answered are in recovery; silent: \(silent.joined(separator: ", ")).",
            hint: "Find out which node was primary last; promote only after it is proven to be stopped.")
    }

    static func twoPrimaries(_ names: [String]) -> Self {
        Self(
            "\(names.count) nodes are primary: \(names.joined(separator: ", "))",
            detail: "Each takes writes that the others don't have.",
            hint: "Stop the one that applications must not use, now; later bring it back as a standby"
                + " (pg_rewind or a new base backup).")
    }

    static func nodeUnreachable(_ node: String, _ silence: NodeSilence) -> Self {
        Self(
            "node \"\(node)\" gives no answer (\(silence.reason))", detail: silence.detail,
            hint: hint(forSilence: silence.reason))
    }

    static func roleDiffersFromKind(_ node: String) -> Self {
        Self(
            "node \"\(node)\" is primary, which is not what it is configured for",
            hint: "After a planned role change adapt \"kind\" in the configuration, or switch back.")
    }

    static func sameServer(_ node: String, _ other: String) -> Self {
        Self(
            "nodes \"\(node)\" and \"\(other)\" are one and the same server",
            detail: "System identifier and start time are equal.",
            hint: "Correct the connection of one of them; a copy can't stand in for itself.")
    }

    static func systemIdentifierDiffers(_ node: String, _ own: SystemIdentifier, _ primarys: SystemIdentifier) -> Self {
        Self(
            "node \"\(node)\" belongs to another cluster than the primary",
            detail: "System identifier \(own) against \(primarys).",
            hint: "Correct its connection, or rebuild it from the primary.")
    }

    static func versionMismatch(_ node: String, _ own: String, _ primarys: String) -> Self {
        Self(
            "node \"\(node)\" runs PostgreSQL \(own), the primary \(primarys)",
            hint: "Physical replication needs one major version; of minor versions update the standbys first.")
    }

    private static func hint(forSilence reason: String) -> String {
        switch reason {
        case "refused": "Start the server, or check its address and port."
        case "authentication_failed": "Check user, password (passfile) and pg_hba.conf."
        case "too_many_clients": "End idle sessions there; from version 16 on reserved_connections keeps some for pgdr."
        case "starting_up": "Wait until it is consistent, and look at its log."
        case "shutting_down": "Wait until it has stopped or is back; its log says who stopped it."
        case "no_hot_standby": "Set hot_standby = on there and restart it, so that it can be asked."
        case "rejected", "connection_string": "Correct the connection string; the detail says what is refused."
        case "statement_refused": "Check that the role is a member of pg_monitor; the detail says what is refused."
        case "connect_timeout":
            "Either packets are dropped, or the server accepts and hangs: try psql from its own host."
        case "query_timeout": "The server hangs or is overloaded: look at its load, disks and log."
        case "terminated": "Look at its log: an administrator ended the session, or the server crashed."
        case "name_not_found": "Check the host name and the resolver."
        case "not_postgres": "Check the port: something else answers there."
        case "tls_failed": "Check sslmode, sslrootcert and the server's certificate."
        default: "Check the server, its host and the network."
        }
    }
}
