package import Configuration
package import Essentials
package import SSH

#if canImport(Glibc)
    import Glibc
#else
    import Darwin
#endif

extension Endpoint {
    /// The endpoint that a configured address means for the user who runs pgdr.
    ///
    /// What isn't configured is as for `ssh`: the user's own name, the agent, the keys and known hosts in `~/.ssh` and
    /// the machine's known hosts.
    /// - Throws: `configuration` when a path begins with `~/` and there is no home directory.
    package init(_ address: SSHAddress) throws(Failure) {
        let user: String
        if let named = address.user { user = named } else { user = try Self.invokingUser() }
        var jumps: [Endpoint] = []
        for jump in address.jumps { jumps.append(try Endpoint(jump)) }
        self.init(
            host: address.host, port: address.port, user: user,
            identityFiles: try Self.identityFiles(of: address), usesAgent: address.identityFile == nil,
            knownHostsFiles: try Self.knownHostsFiles(of: address), jumps: jumps)
    }

    /// The file to which a new host key is added.
    package static func ownKnownHostsFile(of address: SSHAddress) throws(Failure) -> String {
        try LocalPath.expanded(address.knownHosts ?? "~/.ssh/known_hosts")
    }

    private static func knownHostsFiles(of address: SSHAddress) throws(Failure) -> [String] {
        // A file of pgdr's own is the only one that counts: a key that others trust elsewhere isn't meant.
        if address.knownHosts != nil { return [try ownKnownHostsFile(of: address)] }
        return [try ownKnownHostsFile(of: address), "/etc/ssh/ssh_known_hosts"]
    }

    static func identityFiles(of address: SSHAddress) throws(Failure) -> [String] {
        if let file = address.identityFile { return [try LocalPath.expanded(file)] }
        var files: [String] = []
        for name in ["id_ed25519", "id_ecdsa", "id_rsa"] {
            let file = try LocalPath.expanded("~/.ssh/\(name)")
            if access(file, F_OK) == 0 { files.append(file) }
        }
        return files
    }

    private static func invokingUser() throws(Failure) -> String {
        guard let entry = getpwuid(geteuid()) else {
            throw Failure(
                .configuration, "the user with number \(geteuid()) has no name",
                hint: "Name the user to log in as: ssh: user@host")
        }
        return String(cString: entry.pointee.pw_name)
    }
}
