internal import Essentials

/// The verbs of a node whose server runs in a container.
extension LabNode {
    func startContainer(_ container: LabContainer) async throws(Failure) {
        // What a killed server left would be taken for the new one's word.
        if postmaster == nil { LabFile.removeFile("\(dataDirectory)/postmaster.pid") }
        do throws(Failure) {
            if let unit {
                try await switchOn()
                try await Podman(lab).systemctl(container, ["start", unit])
            } else {
                try await Podman(lab).start(container)
            }
        } catch {
            throw Failure(error.code, error.message, detail: error.detail, hint: error.hint, node: name)
        }
        try await awaitReady()
    }

    /// Waits until a server that was just started takes connections, as `pg_ctl start -w` does.
    func awaitReady() async throws(Failure) {
        let deadline = Deadline.after(.seconds(60))
        // Systemd has to start first.
        let patience = Deadline.after(machine == nil ? .zero : .seconds(20))
        while !deadline.hasPassed {
            // It is looked for only now and then, as it may not have become itself yet when podman returns.
            let isReady = try await eventually(by: .after(.milliseconds(500)), every: .milliseconds(10)) {
                PostmasterPIDFile.saysReady(dataDirectory: dataDirectory) && postmaster != nil
            }
            if isReady {
                guard let container, machine != nil else { return }
                try await Podman(lab).awaitBooted(container)
                return try await SecureShell(lab).awaitListening(self)
            }
            if postmaster == nil, container?.restart == .no, patience.hasPassed { break }
        }
        throw Failure(
            .lab, "could not start node \"\(name)\"", detail: LabFile.tail(logFile, startLogFile),
            hint: "All of the server's log is in \(logFile).", node: name)
    }

    func stopContainer(_ container: LabContainer, _ mode: StopMode) async throws(Failure) {
        let podman = try Podman(lab)
        do throws(Failure) {
            guard let unit else { return try await podman.stop(container, mode) }
            if mode == .immediate { try await podman.systemctl(container, ["kill", "-s", "KILL", unit]) }
            try await podman.systemctl(container, ["stop", unit])
        } catch {
            throw Failure(error.code, error.message, detail: error.detail, hint: error.hint, node: name)
        }
    }
}
