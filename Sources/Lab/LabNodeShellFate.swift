package import Essentials
internal import Glibc

/// What can happen to a node's SSH server, while PostgreSQL and the network go on.
extension LabNode {
    /// Ends the sshd that listens: nobody new gets in, sessions go on.
    /// - Throws: `lab` when it doesn't run.
    package func stopSSH() async throws(Failure) {
        let listener = try runningListener()
        listener.send(SIGTERM)
        listener.send(SIGCONT)
        _ = try await eventually(by: .after(.seconds(10))) { ProcessEntry.find(listener.pid) == nil }
    }

    /// Kills the sshd and all of its sessions: connections break, and what they had started goes on.
    /// - Throws: `lab` when there is none.
    package func killSSH() async throws(Failure) {
        if sshProcesses.isEmpty { _ = try runningListener() }
        _ = try await eventually(by: .after(.seconds(10))) {
            let left = sshProcesses
            for process in left { process.send(SIGKILL) }
            return left.isEmpty
        }
    }

    /// Stops the clock for the sshd and its sessions: whoever connects, or waits for an answer, hears nothing.
    /// - Throws: `lab` when it doesn't run.
    package func freezeSSH() throws(Failure) {
        // The one that listens first, so that it starts no more of them.
        try runningListener().send(SIGSTOP)
        for process in sshProcesses { process.send(SIGSTOP) }
    }

    /// Lets a frozen sshd go on.
    package func thawSSH() {
        for process in sshProcesses { process.send(SIGCONT) }
    }

    /// Starts the sshd again and waits until it listens.
    package func startSSH() async throws(Failure) {
        try await SecureShell(lab).start(self)
    }

    private func runningListener() throws(Failure) -> ProcessEntry {
        guard let listener else {
            throw Failure(
                .lab, "the sshd of node \"\(name)\" does not run", detail: LabFile.tail(sshdLog, lines: 5), node: name)
        }
        return listener
    }

    /// The one that listens and those that serve a session.
    var sshProcesses: [ProcessEntry] {
        ProcessEntry.all().filter { $0.name.hasPrefix("sshd") && $0.openFiles.contains(sshdLog) }
    }
}
