internal import Essentials

#if canImport(Glibc)
    internal import Glibc
#else
    internal import Darwin
#endif

/// Keeps other processes on this machine from running a runbook on the same cluster; it ends with the process.
struct RunLock: ~Copyable {
    private let descriptor: Descriptor

    private init(_ descriptor: consuming Descriptor) { self.descriptor = descriptor }

    /// Takes the lock of a cluster.
    /// - Throws: `busy` when another process has it, `system` when there can be none.
    static func take(directory: String, cluster: String) throws(Failure) -> RunLock {
        // A cluster's name is a file name too, see `Name`.
        let path = "\(directory)/run-\(cluster).lock"
        let number = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
        guard number >= 0 else {
            throw Failure(.system, "could not open \"\(path)\": \(String(cString: strerror(errno)))")
        }
        let descriptor = Descriptor(owning: number)
        while flock(number, LOCK_EX | LOCK_NB) != 0 {
            if errno == EINTR { continue }
            guard errno == EWOULDBLOCK else {
                throw Failure(.system, "could not lock \"\(path)\": \(String(cString: strerror(errno)))")
            }
            throw Failure(
                .busy, "another process is running a runbook on cluster \"\(cluster)\"",
                hint: "Look at what it does with: pgdr runs")
        }
        return RunLock(descriptor)
    }
}
