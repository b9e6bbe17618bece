internal import Essentials
internal import Glibc

/// An account of the operating system that the lab's servers run as.
struct Account: Sendable, Equatable {
    var name: String
    var uid: uid_t
    var gid: gid_t
    var home: String
    var shell: String

    /// Whether it is another account than the invoking user's, which only root can run programs as.
    var differsFromInvoker: Bool { uid != geteuid() }

    /// All groups of the account.
    var groups: [gid_t] {
        var count: Int32 = 64
        var groups = [gid_t](repeating: 0, count: Int(count))
        if getgrouplist(name, gid, &groups, &count) < 0 {
            groups = [gid_t](repeating: 0, count: Int(count))
            getgrouplist(name, gid, &groups, &count)
        }
        return Array(groups.prefix(Int(count)))
    }

    /// The account for the servers of a lab that the invoking user makes: its own, or `postgres` for root, because
    /// PostgreSQL refuses to run as root.
    static func forServers() throws(Failure) -> Account {
        if geteuid() != 0 {
            guard let own = own() else {
                throw Failure(
                    .lab, "the account with user id \(geteuid()) has no entry in the user database",
                    hint: "sshd needs one. Run pgdr as a user that `getent passwd` knows.")
            }
            return own
        }
        guard let postgres = named("postgres") else {
            throw Failure(
                .lab, "there is no account \"postgres\" for the servers, which cannot run as root",
                hint: "Install PostgreSQL (apt-get install postgresql), or run pgdr as an ordinary user.")
        }
        return postgres
    }

    /// The account of that name; nil when there is none.
    static func named(_ name: String) -> Account? {
        lookUp { getpwnam_r(name, $0, $1, $2, $3) }
    }

    /// The invoking user's account; nil when it has no entry.
    private static func own() -> Account? {
        let uid = geteuid()
        return lookUp { getpwuid_r(uid, $0, $1, $2, $3) }
    }

    private static func lookUp(
        _ call: (
            UnsafeMutablePointer<passwd>, UnsafeMutablePointer<CChar>, Int,
            UnsafeMutablePointer<UnsafeMutablePointer<passwd>?>
        ) -> Int32
    ) -> Account? {
        var entry = passwd()
        var found: UnsafeMutablePointer<passwd>?
        return withUnsafeTemporaryAllocation(of: CChar.self, capacity: 16384) { buffer -> Account? in
            guard let strings = buffer.baseAddress, call(&entry, strings, buffer.count, &found) == 0, found != nil
            else { return nil }
            return Account(
                name: String(cString: entry.pw_name), uid: entry.pw_uid, gid: entry.pw_gid,
                home: String(cString: entry.pw_dir), shell: String(cString: entry.pw_shell))
        }
    }
}

extension Account {
    /// The first directory on the way to `path` that this account may not pass through, by the mode bits; nil when
    /// it gets there.
    func firstObstacle(to path: String) -> String? {
        let groups = Set(self.groups)
        var walked = ""
        for name in path.split(separator: "/") {
            let passable = walked.isEmpty || mayEnter(walked, groups)
            guard passable else { return walked }
            walked += "/\(name)"
        }
        return mayEnter(walked, groups) ? nil : walked
    }

    private func mayEnter(_ directory: String, _ groups: Set<gid_t>) -> Bool {
        var entry = stat()
        // What isn't there yet is made by the lab itself.
        guard stat(directory, &entry) == 0 else { return true }
        if entry.st_uid == uid { return entry.st_mode & S_IXUSR != 0 }
        if groups.contains(entry.st_gid) { return entry.st_mode & S_IXGRP != 0 }
        return entry.st_mode & S_IXOTH != 0
    }
}
