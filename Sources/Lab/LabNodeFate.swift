package import Essentials
internal import Glibc

extension LabNode {
    /// Which of a server's processes stand still.
    package enum FreezeScope: Sendable {
        /// Nobody new gets in; sessions and replication go on.
        case postmaster
        /// The whole server, as if its machine had stopped.
        case all
    }

    /// Kills the server at once, as the kernel does when memory runs out; returns when no process of it is left.
    /// - Throws: `lab` when it doesn't run or processes remain.
    package func kill() async throws(Failure) {
        let postmaster = try running()
        if container != nil {
            // Not again and again: a restart policy may bring it back.
            let victims = serverProcesses
            for process in victims { process.send(SIGKILL) }
            _ = try await eventually(by: .after(.seconds(10))) {
                victims.allSatisfy { ProcessEntry.find($0.pid) == nil }
            }
            return
        }
        // The postmaster first, so that it neither notices nor replaces its children.
        let gone = try await eventually(by: .after(.seconds(10))) {
            let left = serverProcesses
            for process in left { process.send(SIGKILL) }
            return left.isEmpty
        }
        guard gone else {
            throw Failure(.lab, "could not kill all processes of node \"\(name)\"", node: name)
        }
        // A zombie still has its process id, and a server started now would take it for a living postmaster. That
        // it goes is up to the machine's init, so not to wait longer is all that can be done.
        _ = try await eventually(by: .after(.seconds(5))) { Glibc.kill(postmaster.pid, 0) != 0 && errno == ESRCH }
    }

    /// Stops the clock for the server without ending it.
    /// - Throws: `lab` when it doesn't run.
    package func freeze(_ scope: FreezeScope = .all) throws(Failure) {
        let postmaster = try running()
        // The postmaster first, so that it starts no more of them.
        postmaster.send(SIGSTOP)
        if scope == .all {
            for process in serverProcesses where process.pid != postmaster.pid { process.send(SIGSTOP) }
        }
    }

    /// Lets a frozen server go on.
    /// - Throws: `lab` when it doesn't run.
    package func thaw() throws(Failure) {
        let postmaster = try running()
        for process in serverProcesses where process.pid != postmaster.pid { process.send(SIGCONT) }
        postmaster.send(SIGCONT)
    }

    private func running() throws(Failure) -> ProcessEntry {
        guard let postmaster else {
            throw Failure(
                .lab, "the server of node \"\(name)\" does not run",
                detail: LabFile.tail(logFile, startLogFile, lines: 5), node: name)
        }
        return postmaster
    }
}
