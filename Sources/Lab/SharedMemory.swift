internal import Glibc

/// The small System V segment by which a postmaster keeps a second one out of its data directory.
///
/// A server that ends by itself removes it; one that was killed leaves it in the kernel until the machine restarts.
struct SharedMemory: Sendable {
    private let segment: Int32
    private let creator: pid_t

    /// What the pid file of a server says of it; nil when there is no such file.
    init?(dataDirectory: String) {
        guard let pidFile = PostmasterPIDFile(dataDirectory: dataDirectory), let segment = pidFile.sharedMemory else {
            return nil
        }
        self.segment = segment
        creator = pidFile.pid
    }

    /// Removes it if that server made it and no process is attached to it.
    func removeIfAbandoned() {
        var state = shmid_ds()
        guard shmctl(segment, IPC_STAT, &state) == 0, state.shm_cpid == creator, state.shm_nattch == 0 else { return }
        shmctl(segment, IPC_RMID, nil)
    }
}

/// A server's `postmaster.pid`; it outlives a server that was killed.
struct PostmasterPIDFile: Sendable {
    /// The process id that the server had when it wrote the file.
    var pid: pid_t
    /// The data directory of that server.
    var dataDirectory: String
    /// The id of its System V segment.
    var sharedMemory: Int32?

    /// Reads it; nil when there is none.
    init?(dataDirectory: String) {
        guard let text = LabFile.read("\(dataDirectory)/postmaster.pid") else { return nil }
        let lines = text.split(separator: "\n", omittingEmptySubsequences: false)
        // A negative number is a single-user backend's.
        guard lines.count > 1, let pid = pid_t(lines[0].filter { !$0.isWhitespace }), pid > 1 else { return nil }
        self.pid = pid
        self.dataDirectory = String(lines[1])
        // The seventh line: key and id.
        if lines.count > 6 { sharedMemory = lines[6].split(separator: " ").last.flatMap { Int32($0) } }
    }
}
