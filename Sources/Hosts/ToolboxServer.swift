package import Essentials

extension Toolbox {
    /// Starts a server that is none of its service's, and waits until it takes connections.
    /// - Parameters:
    ///   - directory: its data directory.
    ///   - settings: what outranks its configuration files and `postgresql.auto.conf`.
    ///   - log: the file that gets what it says.
    package func startServer(
        on directory: String, settings: [(name: String, value: String)], log: String
    ) throws(Failure) -> HostCommand {
        // pg_ctl gives this one word to a shell.
        let options = settings.map { "-c \(ShellQuoting.quoted("\($0.name)=\($0.value)"))" }.joined(separator: " ")
        return try command(
            "pg_ctl",
            [
                "start", "-D", .path(directory), "-s", "-w", "-t", "86400", "-l", .path(log), "-o", .word(options),
            ])
    }

    /// Stops it in order, and waits until it has.
    package func stopServer(on directory: String) throws(Failure) -> HostCommand {
        try command("pg_ctl", ["stop", "-D", .path(directory), "-s", "-w", "-t", "86400", "-m", "fast"])
    }
}
