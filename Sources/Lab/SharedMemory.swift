internal import Glibc

/// The small System V segments by which a server keeps a second one out of its data directory.
///
/// A server that ends by itself removes its segment; one that was killed, or a part of initdb that was, leaves it in
/// the kernel until the machine restarts.
enum SharedMemory {
    /// Removes the segments that one of `creators` made and that no process uses any more.
    static func remove(madeBy creators: Set<pid_t>) {
        // Columns of /proc/sysvipc/shm, see proc(5): key shmid perms size cpid lpid nattch ...
        let rows = (LabFile.read("/proc/sysvipc/shm") ?? "").split(separator: "\n").dropFirst()
        for row in rows {
            let columns = row.split(separator: " ")
            guard columns.count > 6, let segment = Int32(columns[1]), let creator = pid_t(columns[4]),
                columns[6] == "0", creators.contains(creator)
            else { continue }
            shmctl(segment, IPC_RMID, nil)
        }
    }

    /// Removes the segment that a killed server's pid file names, if that server made it and no process uses it.
    static func remove(namedBy file: PostmasterPIDFile) {
        var state = shmid_ds()
        guard let segment = file.sharedMemory, shmctl(segment, IPC_STAT, &state) == 0, state.shm_cpid == file.pid,
            state.shm_nattch == 0
        else { return }
        shmctl(segment, IPC_RMID, nil)
    }
}
