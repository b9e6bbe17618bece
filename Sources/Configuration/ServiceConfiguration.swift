/// How a node's PostgreSQL is started and stopped; all commands run on the node's host.
package enum ServiceConfiguration: Sendable, Equatable {
    /// A systemd unit, for example `postgresql@15-main`.
    case systemd(unit: String)
    /// Debian's and Ubuntu's wrapper, for example version `15`, cluster `main`.
    case pgCtlCluster(version: String, cluster: String)
    /// Plain `pg_ctl` from a directory of PostgreSQL's programs, an absolute path.
    case pgCtl(binDirectory: String)
    /// A container on the node's host, whose data directory the node names by its path on the host.
    ///
    /// What has to run while the server is stopped (`pg_rewind`, `pg_controldata`) is PostgreSQL's programs in
    /// `binDirectory`: on the host, where they are of the server's major version, else in a container of the same
    /// image that lives as long as the program; nil: always there, found by its PATH.
    case container(runtime: ContainerRuntime, name: String, binDirectory: String? = nil)
    /// Commands of the operator's own, each a list of words that no shell sees; nil: there is no such command.
    case custom(start: [String], stop: [String], restart: [String]?, status: [String]?)
}

/// The program that runs a node's container.
package enum ContainerRuntime: String, Sendable, CaseIterable {
    /// Docker's `docker`.
    case docker
    /// `podman`, with or without root.
    case podman
}
