import Configuration
import Essentials
import Hosts
import Postgres

/// What hosts are asked and told, in its final form.
extension PlanningFacts {
    /// pg_controldata of a node.
    func controlData(_ name: String) throws(Failure) -> RemoteCommand {
        try remote(name, HostCommand(["env", "LC_ALL=C", program("pg_controldata", on: name), "-D", dataDirectory(name)]))
    }

    /// A real replication login from a node's host to another node, as the node would make it.
    func canReplicate(_ name: String, from upstream: String) throws(Failure) -> Probe {
        let connection = try connection(to: upstream).setting("replication", to: "true")
            .setting("connect_timeout", to: "5").setting("application_name", to: "pgdr").description
        let words = [try program("psql", on: name), "-X", "-w", "-A", "-t", "-c", "IDENTIFY_SYSTEM", "-d", connection]
        return .command(try remote(name, HostCommand(words)), expected: nil)
    }

    /// Whether pgdr can act on a node's host, as found while planning.
    func canAct(_ name: String) -> Probe {
        do throws(Failure) {
            let host = try host(name)
            _ = try service(name)
            guard host.hasDataDirectory else {
                return .known(false, evidence: "\(name): \(try dataDirectory(name)) holds no data directory of PostgreSQL")
            }
            _ = try remote(name, HostCommand(["true"]))
            return .known(true, evidence: "\(name): its host takes commands, its service is known")
        } catch {
            return .known(false, evidence: error.text)
        }
    }

    func canRewind(_ name: String, from source: String) throws(Failure) -> Probe {
        let connection = try connection(to: source).setting("dbname", to: "postgres")
            .setting("connect_timeout", to: "5").description
        let privileges = """
            SELECT bool_and(has_function_privilege(name, 'EXECUTE')) FROM unnest(ARRAY['pg_ls_dir(text,boolean,boolean)', \
            'pg_stat_file(text,boolean)', 'pg_read_binary_file(text)', \
            'pg_read_binary_file(text,bigint,bigint,boolean)']) AS name
            """
        let words = [try program("psql", on: name), "-X", "-w", "-A", "-t", "-c", privileges, "-d", connection]
        return .command(try remote(name, HostCommand(words)), expected: "t")
    }

    /// Whether the disk has room for a copy, with a tenth to spare for WAL.
    func hasRoom(_ name: String, for source: String) throws(Failure) -> Probe {
        guard let size = sizes[source] else { return .known(false, evidence: "the size of \(source) is not known") }
        let needed = size + size / 10 + (64 << 20)
        guard let free = try host(name).freeBeside else {
            return .known(false, evidence: "\(name): how much room its disk has is not known")
        }
        return .known(
            free >= needed, evidence: "\(name): \(free >> 20) MB are free beside the data directory, \(needed >> 20) MB are needed")
    }
}
