package import Essentials
internal import Glibc

/// A machine of its own for a node, with systemd and an sshd: a container whose first process is systemd.
///
/// What is enabled, disabled and masked there stands in the node's directory and outlives a `podman stop`, as on a
/// machine that is started again.
package enum LabMachine: Sendable, Codable, Equatable {
    /// The server is unit `pgdr-lab-postgresql`, with that `Restart=`.
    case systemd(restart: ContainerRestart)
    /// The server is Debian's cluster `lab`: its configuration stands in `/etc/postgresql`, and its unit is
    /// `postgresql@VERSION-lab`.
    case debian
}

extension LabNode {
    /// The machine of its own that the node is; nil when it shares this one.
    var machine: LabMachine? { container?.machine }

    /// Shuts a machine of its own down, server and sshd with it.
    /// - Throws: `lab` when the node has none, or when it doesn't stop.
    package func switchOff() async throws(Failure) {
        try await Podman(lab).stop(ownMachine(), .fast)
    }

    /// Starts a machine of its own, if it is off, and returns when all has started that starts by itself there.
    /// - Throws: as `switchOff`.
    package func switchOn() async throws(Failure) {
        let container = try ownMachine()
        // What the last run left would be taken for the new one's word.
        if listener == nil { LabFile.removeFile(sshdPIDFile) }
        try await Podman(lab).start(container)
        try await Podman(lab).awaitBooted(container)
    }

    private func ownMachine() throws(Failure) -> LabContainer {
        guard let container, container.machine != nil else {
            throw Failure(.lab, "node \"\(name)\" has no machine of its own", node: name)
        }
        return container
    }

    /// The unit of the server on a machine of its own; nil elsewhere.
    package var unit: String? {
        switch machine {
        case nil: nil
        case .systemd: "pgdr-lab-postgresql"
        case .debian: "postgresql@\(debianVersion)-lab"
        }
    }

    /// Where `postgresql.conf` and `pg_hba.conf` are: the data directory, except for Debian's clusters.
    package var configurationDirectory: String {
        machine == .debian ? "\(directory)/etc/\(debianVersion)/lab" : dataDirectory
    }

    /// The version as Debian's programs name it, from where its packages put the programs.
    private var debianVersion: String {
        let words = lab.record.binaries.directory.split(separator: "/")
        return words.count > 1 ? String(words[words.count - 2]) : ""
    }

    static let shellUnit = "pgdr-lab-ssh"

    /// The options of `podman run` that make a container such a machine.
    func machineOptions() -> [String] {
        // Podman itself would copy the host's /run into it, in which the container itself lies.
        let empty = ["/run", "/run/lock", "/tmp", "/var/log/journal"].flatMap {
            ["--mount", "type=tmpfs,dst=\($0),notmpcopyup"]
        }
        let configuration = machine == .debian ? ["--volume", "\(directory)/etc:/etc/postgresql"] : []
        return empty + configuration + [
            "--systemd", "always",
            // Where a package's units would be, so that they can be masked; and what the administrator decides.
            "--volume", "\(directory)/units:/usr/local/lib/systemd/system:ro",
            "--volume", "\(directory)/system:/etc/systemd/system",
            "--volume", "\(lab.directory)/ssh/authorized_keys:\(lab.directory)/ssh/authorized_keys:ro",
        ]
    }

    /// Writes the units, what is enabled of them, and Debian's configuration files.
    func writeMachine() throws(Failure) {
        for name in ["units", "system", "system/multi-user.target.wants"] {
            try LabFile.makeDirectory("\(directory)/\(name)", mode: 0o755)
        }
        let shell = """
            [Service]
            Type=exec
            RuntimeDirectory=sshd
            ExecStart="\(SecureShell.program ?? "sshd")" -D -f "\(sshdConfiguration)" -E "\(sshdLog)"

            """
        try writeUnit(Self.shellUnit, shell, at: "multi-user")
        switch machine {
        case nil: break
        case .systemd(let restart): try writeUnit(unit ?? "", serverUnit(restart), at: "multi-user")
        case .debian:
            // Enabled by the cluster's own start.conf, by way of a generator.
            try enable("/lib/systemd/system/postgresql.service", as: "postgresql.service")
            try writeDebian()
        }
        // All that the machine's own packages would start is left out.
        let target = "[Unit]\nRequires=basic.target\nAfter=basic.target\nAllowIsolate=yes\n"
        try LabFile.write(target, to: "\(directory)/system/multi-user.target", mode: 0o644)
        symlink("multi-user.target", "\(directory)/system/default.target")
    }

    private func writeUnit(_ name: String, _ text: String, at target: String) throws(Failure) {
        let whole = "[Unit]\nDescription=\(name)\n\n\(text)\n[Install]\nWantedBy=\(target).target\n"
        // A per cent sign starts a specifier in units.
        let escaped = whole.split(separator: "%", omittingEmptySubsequences: false).joined(separator: "%%")
        try LabFile.write(escaped, to: "\(directory)/units/\(name).service", mode: 0o644)
        try enable("/usr/local/lib/systemd/system/\(name).service", as: "\(name).service")
    }

    private func enable(_ file: String, as name: String) throws(Failure) {
        guard symlink(file, "\(directory)/system/multi-user.target.wants/\(name)") == 0 else {
            throw Failure(.lab, "could not enable unit \"\(name)\"", detail: String(cString: strerror(errno)))
        }
    }

    private func serverUnit(_ restart: ContainerRestart) -> String {
        let control = "\"\(lab.record.binaries.program("pg_ctl"))\" -D \"\(dataDirectory)\" -s"
        let libraries = lab.record.binaries.libraries.map { "Environment=\"LD_LIBRARY_PATH=\($0)\"\n" } ?? ""
        return """
            [Service]
            Type=forking
            User=\(lab.account.name)
            \(libraries)PIDFile=\(dataDirectory)/postmaster.pid
            ExecStart=\(control) -l "\(startLogFile)" -w start
            ExecStop=\(control) -m fast -w stop
            ExecReload=\(control) reload
            Restart=\(restart.rawValue)
            RestartSec=200ms
            # Systemd in a container isn't told by all kernels when a unit's last process has ended, and waits in vain.
            KillMode=process
            KillSignal=SIGINT
            TimeoutSec=60

            """
    }

    /// What `pg_createcluster` makes of a data directory: the configuration moves to /etc.
    private func writeDebian() throws(Failure) {
        var path = "\(directory)/etc"
        for name in ["", "/\(debianVersion)", "/lab"] {
            path += name
            try LabFile.makeDirectory(path, mode: 0o755, owner: lab.account)
        }
        let inside = "/etc/postgresql/\(debianVersion)/lab"
        let settings = """
            data_directory = '\(dataDirectory)'
            hba_file = '\(inside)/pg_hba.conf'
            ident_file = '\(inside)/pg_ident.conf'
            external_pid_file = '/var/run/postgresql/\(debianVersion)-lab.pid'

            """
        let common = ServerFiles.common(standbys: lab.standbys.count, include: "\(directory)/node.conf")
        // Debian's own first line. Where it is missing, pg_ctlcluster takes three seconds more to believe in a start.
        let authentication = "local all postgres peer\n" + ServerFiles.authentication(from: nil)
        let files = [
            "postgresql.conf": common + settings, "pg_hba.conf": authentication, "pg_ident.conf": "",
            "start.conf": "auto\n", "pg_ctl.conf": "pg_ctl_options = ''\n", "environment": "",
        ]
        for (name, text) in files {
            try LabFile.write(text, to: "\(path)/\(name)", mode: 0o640, owner: lab.account)
            LabFile.removeFile("\(dataDirectory)/\(name)")
        }
    }

    /// Refuses a machine that can't be made here.
    static func check(_ machine: LabMachine, _ binaries: PostgresBinaries) throws(Failure) {
        guard access("/lib/systemd/systemd", X_OK) == 0 else {
            throw Failure(.refused, "could not find systemd", hint: "Install it with: apt-get install systemd")
        }
        guard machine == .debian else { return }
        guard binaries.directory.hasPrefix("/usr/lib/postgresql/"), Program.find("pg_ctlcluster") != nil else {
            throw Failure(
                .refused, "\"\(binaries.directory)\" is not one of Debian's installations",
                hint: "Install one with: apt-get install postgresql")
        }
    }
}
