/// What of one node runs.
package struct LabNodeStatus: Sendable, Equatable, Codable {
    /// The node's name.
    package var name: String
    /// Its loopback address.
    package var address: String
    /// Its server's port.
    package var port: Int
    /// The postmaster's process id; nil when the server is stopped.
    package var pid: Int32?
    /// Its sshd's port.
    package var sshPort: Int
    /// The listening sshd's process id; nil when it is stopped.
    package var sshdPID: Int32?
    /// The server's data directory.
    package var dataDirectory: String
    /// The podman container the server runs in; nil when it runs on the machine itself.
    package var container: String?
}

extension Lab {
    /// What runs at the moment, a row a node, the primary first.
    package func status() -> [LabNodeStatus] {
        nodes.map { node in
            LabNodeStatus(
                name: node.name, address: node.address, port: node.port, pid: node.postmaster?.pid,
                sshPort: node.sshPort, sshdPID: node.listener?.pid, dataDirectory: node.dataDirectory,
                container: node.containerName)
        }
    }
}

extension LabNode {
    /// Whether the server runs, standing still or not.
    package var isRunning: Bool { postmaster != nil }

    /// The postmaster, if it is one: the process its pid file names may be anyone's by now.
    var postmaster: ProcessEntry? {
        if container != nil {
            // The pid file holds the process id inside.
            let pids = Set(serversInDataDirectory.map(\.pid))
            return serversInDataDirectory.first { !pids.contains($0.parent) }
        }
        guard let file = PostmasterPIDFile(dataDirectory: dataDirectory), file.dataDirectory == dataDirectory,
            let process = ProcessEntry.find(file.pid), process.name == "postgres",
            process.workingDirectory == dataDirectory
        else { return nil }
        return process
    }

    /// The sshd that listens, if it is one.
    var listener: ProcessEntry? {
        if machine != nil {
            let pids = Set(sshProcesses.map(\.pid))
            return sshProcesses.first { !pids.contains($0.parent) }
        }
        guard let text = LabFile.read(sshdPIDFile), let pid = Int32(text.filter { !$0.isWhitespace }), pid > 1,
            let process = ProcessEntry.find(pid), process.name.hasPrefix("sshd"), process.openFiles.contains(sshdLog)
        else { return nil }
        return process
    }

    /// All processes of the server, the postmaster first; after a kill there may be orphans without one.
    var serverProcesses: [ProcessEntry] {
        let processes = serversInDataDirectory
        let pid = postmaster?.pid
        return processes.filter { $0.pid == pid } + processes.filter { $0.pid != pid }
    }

    private var serversInDataDirectory: [ProcessEntry] {
        ProcessEntry.all().filter { $0.name == "postgres" && $0.workingDirectory == dataDirectory }
    }
}
