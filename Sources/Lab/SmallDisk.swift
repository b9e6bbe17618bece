package import Essentials
internal import Glibc

/// A node's directory on a small file system of its own, in memory, for what happens when a disk is full.
enum SmallDisk {
    /// Mounts an empty one of so many bytes over a directory.
    /// - Throws: `refused` when the invoking user isn't root, `lab` when the kernel doesn't let it.
    static func mount(over directory: String, bytes: Int, for account: Account) throws(Failure) {
        guard geteuid() == 0 else {
            throw Failure(.refused, "only root can give a node a disk of its own", hint: "Run the command as root.")
        }
        let options = "size=\(bytes),mode=755,uid=\(account.uid),gid=\(account.gid)"
        let flags = UInt(MS_NODEV | MS_NOSUID)
        guard Glibc.mount("pgdr-lab", directory, "tmpfs", flags, options) == 0 else {
            throw Failure(
                .lab, "could not mount a small disk over \"\(directory)\"", detail: String(cString: strerror(errno)))
        }
    }

    /// Unmounts all below a lab's directory; who still has a file open there keeps it until then.
    static func unmountAll(below directory: String) {
        // Blanks and a few others stand in it as octal numbers.
        let points = (LabFile.read("/proc/self/mounts") ?? "").split(separator: "\n").compactMap { line -> String? in
            let columns = line.split(separator: " ")
            return columns.count > 1 ? decoded(columns[1]) : nil
        }
        // The last one mounted lies on top.
        for point in points.reversed() where point.hasPrefix("\(directory)/") { umount2(point, Int32(MNT_DETACH)) }
    }

    private static func decoded(_ text: Substring) -> String {
        var bytes: [UInt8] = []
        var rest = Array(text.utf8)[...]
        while let byte = rest.popFirst() {
            let digits = String(decoding: rest.prefix(3), as: UTF8.self)
            if byte == UInt8(ascii: "\\"), digits.utf8.count == 3, let code = UInt8(digits, radix: 8) {
                bytes.append(code)
                rest = rest.dropFirst(3)
            } else {
                bytes.append(byte)
            }
        }
        return String(decoding: bytes, as: UTF8.self)
    }
}

extension LabNode {
    /// Fills the disk of a node with a small one (`LabOptions.smallDisks`) until no more than `bytes` are free.
    /// - Throws: `lab` when the node has no disk of its own, since this would fill the machine's.
    package func fillDisk(leaving bytes: Int = 0) throws(Failure) {
        var outer = stat()
        var inner = stat()
        guard stat(lab.directory, &outer) == 0, stat(directory, &inner) == 0, outer.st_dev != inner.st_dev else {
            throw Failure(.lab, "node \"\(name)\" has no disk of its own", node: name)
        }
        var space = statvfs()
        statvfs(directory, &space)
        let free = Int(space.f_bavail) * Int(space.f_frsize)
        guard free > bytes else { return }
        try LabFile.write("", to: filler, mode: 0o600)
        let file = open(filler, O_WRONLY | O_CLOEXEC)
        defer { close(file) }
        let error = posix_fallocate(file, 0, off_t(free - bytes))
        guard error == 0 || error == ENOSPC else {
            throw Failure(
                .lab, "could not fill the disk of node \"\(name)\"", detail: String(cString: strerror(error)),
                node: name)
        }
    }

    /// Gives back the space that `fillDisk` took.
    package func freeDisk() { LabFile.removeFile(filler) }

    private var filler: String { "\(directory)/filler" }
}
