internal import Essentials

/// The sshds of a lab, one an address, and the keys to them.
///
/// Each runs as the account of the PostgreSQL servers and lets only that account in, by key. An sshd without root's
/// rights neither needs `/run/sshd` nor reads `/etc/shadow`, where Debian's `postgres` account is locked, which makes
/// an sshd of root's refuse it. So a command over SSH runs as the server's account and can run pg_ctl right away;
/// nobody gets root through it.
///
/// Where the server runs in a container it is the other way round: only root can reach into that, so this node's sshd
/// runs as root and lets root in, by the lab's own key and on the node's loopback address only.
struct SecureShell: Sendable {
    let lab: Lab
    private let sshd: String
    private let keygen: String

    /// OpenSSH's server; nil when it isn't installed.
    static var program: String? { Program.find("sshd") }

    /// - Throws: `lab` when OpenSSH's server isn't installed.
    init(_ lab: Lab) throws(Failure) {
        guard let sshd = Self.program, let keygen = Program.find("ssh-keygen") else {
            throw Failure(
                .lab, "could not find OpenSSH's sshd and ssh-keygen",
                hint: "Install them with: apt-get install openssh-server")
        }
        self.lab = lab
        self.sshd = sshd
        self.keygen = keygen
    }

    /// Makes all keys, then starts all sshds.
    func start(_ reservation: PortReservation) async throws(Failure) {
        async let hosts: Void = concurrently(lab.shells) { node throws(Failure) in
            try await key(
                at: node.hostKey, comment: "\(node.name) of a pgdr lab", account: lab.account, in: node.directory)
        }
        try LabFile.makeDirectory("\(lab.directory)/ssh", mode: 0o755)
        try await key(at: lab.identityFile, comment: "client of a pgdr lab", account: nil, in: "/")
        do { try await hosts } catch { throw Failure.from(error, "make the host keys") }
        try writeTrust()
        try await concurrently(lab.shells) { node throws(Failure) in
            reservation.release(node.address)
            try await start(node)
        }
    }

    private func key(at path: String, comment: String, account: Account?, in directory: String) async throws(Failure) {
        var program = Program(
            keygen, ["-q", "-t", "ed25519", "-N", "", "-C", comment, "-f", path], purpose: "make the key \"\(path)\"")
        program.account = account
        program.workingDirectory = directory
        try await program.run()
    }

    /// Who may log in, and which host keys the client believes.
    private func writeTrust() throws(Failure) {
        guard let client = LabFile.read("\(lab.identityFile).pub") else {
            throw Failure(.lab, "could not read the client's public key \"\(lab.identityFile).pub\"")
        }
        try LabFile.write(client, to: authorizedKeys, mode: 0o644)
        var known = ""
        for node in lab.shells {
            guard let key = LabFile.read("\(node.hostKey).pub") else {
                throw Failure(.lab, "could not read the host key \"\(node.hostKey).pub\"", node: node.name)
            }
            let typeAndKey = key.split(separator: " ").prefix(2).joined(separator: " ")
            known += "[\(node.address)]:\(node.sshPort) \(typeAndKey)\n"
        }
        try LabFile.write(known, to: lab.knownHostsFile, mode: 0o644)
    }

    /// Starts one.
    func start(_ node: LabNode) async throws(Failure) {
        // What a killed one left would be taken for the new one's word.
        if node.listener == nil { LabFile.removeFile(node.sshdPIDFile) }
        try LabFile.write(configuration(node), to: node.sshdConfiguration, mode: 0o644)
        if let container = node.container, node.machine != nil {
            // The machine's own systemd starts it, at first with the machine.
            guard node.postmaster != nil else { return }
            try await Podman(lab).systemctl(container, ["start", LabNode.shellUnit])
            return try await awaitListening(node)
        }
        var program = Program(
            sshd, ["-f", node.sshdConfiguration, "-E", node.sshdLog], purpose: "start the sshd of node \"\(node.name)\""
        )
        program.environment = [Lab.marker: lab.directory]
        program.namespace = node.namespace
        program.account = node.sshUser == lab.account.name ? lab.account : nil
        program.workingDirectory = node.directory
        // An sshd of root's wants this directory, which the system makes when it starts its own.
        if program.account == nil { try LabFile.makeDirectory("/run/sshd", mode: 0o755) }
        do { try await program.run() } catch {
            throw Failure(
                error.code, error.message, detail: LabFile.tail(node.sshdLog) ?? error.detail, hint: error.hint,
                node: node.name)
        }
        try await awaitListening(node)
    }

    func awaitListening(_ node: LabNode) async throws(Failure) {
        // The program returns when its child runs; the pid file is the last thing that child makes before it listens.
        let deadline = Deadline.after(.seconds(10))
        guard try await eventually(by: deadline, { LabFile.read(node.sshdPIDFile)?.hasSuffix("\n") ?? false }) else {
            throw Failure(
                .lab, "the sshd of node \"\(node.name)\" did not start in time", detail: LabFile.tail(node.sshdLog),
                node: node.name)
        }
    }

    private var authorizedKeys: String { "\(lab.directory)/ssh/authorized_keys" }

    private func configuration(_ node: LabNode) -> String {
        // What a command needs to start a server as the lab does, and what marks it as the lab's own.
        var environment = "\"\(Lab.marker)=\(lab.directory)\""
        if let libraries = lab.record.binaries.libraries { environment += " \"LD_LIBRARY_PATH=\(libraries)\"" }
        // A per cent sign in this one file name would start a token.
        let keys = authorizedKeys.split(separator: "%", omittingEmptySubsequences: false).joined(separator: "%%")
        return """
            ListenAddress \(node.address):\(node.sshPort)
            HostKey "\(node.hostKey)"
            PidFile "\(node.sshdPIDFile)"
            AuthorizedKeysFile "\(keys)"
            AllowUsers \(node.sshUser)
            PermitRootLogin prohibit-password
            PubkeyAuthentication yes
            PasswordAuthentication no
            KbdInteractiveAuthentication no
            UsePAM no
            StrictModes no
            UseDNS no
            MaxStartups 100
            MaxSessions 100
            SetEnv \(environment)
            Subsystem sftp internal-sftp

            """
    }
}

extension LabNode {
    /// Who may log in over SSH.
    package var sshUser: String { container == nil ? lab.account.name : "root" }
    var sshdConfiguration: String { "\(directory)/sshd_config" }
    var sshdPIDFile: String { "\(directory)/sshd.pid" }
    /// The sshd's log; that it has this file open is how the process is known, as it changes its title.
    var sshdLog: String { "\(directory)/log/sshd.log" }
    var hostKey: String { "\(directory)/ssh_host_ed25519_key" }
}

extension Failure {
    /// An error of a child task as what it is; `async let` forgets the type it throws.
    static func from(_ error: any Error, _ purpose: String) -> Failure {
        error as? Failure ?? Failure(.lab, "could not \(purpose)", detail: "\(error)")
    }
}
