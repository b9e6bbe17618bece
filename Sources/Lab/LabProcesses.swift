internal import Glibc

/// The processes that belong to a lab, found by what they are and not by a remembered number.
///
/// A process is the lab's when it is a postgres whose working directory is a data directory of the lab, an sshd that
/// logs into the lab or what descends from one, the monitor of one of its containers likewise, or anything that carries the lab's marker in its environment: the
/// programs that `up` runs and the commands run over its sshds. A user's shell that merely stands in the directory is
/// none of these.
struct LabProcesses: Sendable {
    /// PostgreSQL's servers and their children.
    private(set) var servers: [ProcessEntry] = []
    /// The sshds, those that listen and those that serve a session.
    private(set) var shells: [ProcessEntry] = []
    /// The monitors of containers, which outlive a podman that was killed while it made one.
    private(set) var monitors: [ProcessEntry] = []
    /// All else: sessions, commands, programs of an unfinished `up`.
    private(set) var others: [ProcessEntry] = []

    /// All of them.
    var all: [ProcessEntry] { servers + shells + monitors + others }

    /// Looks for the processes of the lab in `directory`, as far as the invoking user may see them.
    init(of directory: String) {
        let everything = ProcessEntry.all()
        let spared = Self.ancestry(in: everything)
        for process in everything where !spared.contains(process.pid) {
            if process.name == "postgres", process.workingDirectory?.hasPrefix("\(directory)/") == true {
                servers.append(process)
            } else if process.name.hasPrefix("sshd"),
                process.openFiles.contains(where: { $0.hasPrefix("\(directory)/") })
            {
                shells.append(process)
            } else if process.name == "conmon", process.arguments.contains(where: { $0.contains(":\(directory)/") }) {
                monitors.append(process)
            } else if process.environment.contains("\(Lab.marker)=\(directory)") {
                others.append(process)
            }
        }
        others += Self.descendants(of: shells + monitors, in: everything, without: Set(all.map(\.pid)).union(spared))
    }

    /// The control groups that podman made for its containers.
    var controlGroups: Set<String> {
        Set(all.flatMap(\.controlGroups).filter { $0.split(separator: "/").last?.hasPrefix("libpod-") ?? false })
    }

    /// The postmasters: the servers whose parent is none.
    var postmasters: [ProcessEntry] {
        let pids = Set(servers.map(\.pid))
        return servers.filter { !pids.contains($0.parent) }
    }

    /// This process and those it was started by, which a `down` typed in a session of the lab must outlive.
    private static func ancestry(in processes: [ProcessEntry]) -> Set<pid_t> {
        let parents = Dictionary(processes.map { ($0.pid, $0.parent) }) { first, _ in first }
        var ancestry: Set<pid_t> = []
        var pid: pid_t? = getpid()
        while let current = pid, ancestry.insert(current).inserted { pid = parents[current] }
        return ancestry
    }

    private static func descendants(
        of roots: [ProcessEntry], in processes: [ProcessEntry], without known: Set<pid_t>
    ) -> [ProcessEntry] {
        let children = Dictionary(grouping: processes, by: \.parent)
        var found: [ProcessEntry] = []
        var known = known
        var next = roots
        while let process = next.popLast() {
            for child in children[process.pid, default: []] {
                next.append(child)
                if known.insert(child.pid).inserted { found.append(child) }
            }
        }
        return found
    }
}
