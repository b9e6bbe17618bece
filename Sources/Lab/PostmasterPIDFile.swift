internal import Glibc

/// A server's `postmaster.pid`; it outlives a server that was killed.
struct PostmasterPIDFile: Sendable {
    /// The process id that the server had when it wrote the file.
    var pid: pid_t
    /// The data directory of that server.
    var dataDirectory: String
    /// The id of its System V segment.
    var sharedMemory: Int32?

    /// Whether the server of that directory says that it takes connections, or replays as a standby that doesn't.
    ///
    /// A server that was killed has left its last word behind.
    static func saysReady(dataDirectory: String) -> Bool {
        let lines = (LabFile.read("\(dataDirectory)/postmaster.pid") ?? "").split(separator: "\n")
        return lines.count > 7 && (lines[7].hasPrefix("ready") || lines[7].hasPrefix("standby"))
    }

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
