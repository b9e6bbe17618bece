internal import CLibssh2
internal import Essentials

/// Logging in on a link whose host key has been checked.
///
/// A server lets each key count as an attempt, six by default, and then hangs up. So the keys are tried in this order,
/// five of them at most: those of the agent that are also named as files, files that need no passphrase, the agent's
/// others, files that need one. A passphrase is asked for only when the server would take the key.
struct Login {
    var endpoint: Endpoint
    var secrets: Secrets

    private static let attemptLimit = 5

    /// A key to try.
    private enum Candidate {
        case agent(Agent.Identity)
        case file(PrivateKeyFile)
    }

    /// What came of one key: nil when it let us in, otherwise in words.
    private typealias Reason = String

    /// - Throws: `authentication` with what came of each key as the detail, `connection`, `timeout`, `cancelled`.
    func logIn(over link: borrowing Link, until deadline: Deadline) async throws(Failure) {
        var reasons: [Reason] = []
        let files = readableFiles(&reasons)
        let agent = endpoint.usesAgent ? Agent.ofUser() : nil
        let identities = await agent?.identities(until: deadline.share(of: 2)) ?? []
        var candidates = ordered(files, identities)
        let left = candidates.dropFirst(Self.attemptLimit).count
        candidates = Array(candidates.prefix(Self.attemptLimit))
        for candidate in candidates {
            let reason: Reason?
            do throws(LinkTrouble) {
                switch candidate {
                case .agent(let identity):
                    reason = try await attempt(identity, of: agent, over: link, until: deadline)
                case .file(let file): reason = try await attempt(file, over: link, until: deadline)
                }
            } catch {
                throw failure(error)
            }
            guard let reason else { return }
            reasons.append(reason)
            if link.isBroken { throw hungUp(link, reasons) }
        }
        if left > 0 { reasons.append("\(left) more keys were not tried: servers hang up after some attempts") }
        if reasons.isEmpty { reasons = ["there is no key to try"] }
        throw refused(reasons, candidates)
    }

    private func readableFiles(_ reasons: inout [Reason]) -> [PrivateKeyFile] {
        var files: [PrivateKeyFile] = []
        for path in endpoint.identityFiles {
            do { files.append(try PrivateKeyFile(path)) } catch { reasons.append("\(path): \(error.words)") }
        }
        return files
    }

    private func ordered(_ files: [PrivateKeyFile], _ identities: [Agent.Identity]) -> [Candidate] {
        let named = Set(files.compactMap(\.publicKey))
        let known = identities.filter { named.contains($0.key.blob) }
        let held = Set(known.map(\.key.blob))
        // The agent's copy of a key needs no passphrase.
        let others = files.filter { $0.publicKey.map { !held.contains($0) } ?? true }
        return known.map(Candidate.agent) + others.filter { !$0.isEncrypted }.map(Candidate.file)
            + identities.filter { !named.contains($0.key.blob) }.map(Candidate.agent)
            + others.filter(\.isEncrypted).map(Candidate.file)
    }
}

extension Login {
    private func attempt(
        _ identity: Agent.Identity, of agent: borrowing Agent?, over link: borrowing Link, until deadline: Deadline
    ) async throws(LinkTrouble) -> Reason? {
        let (key, name) = (identity.key, "agent's key \"\(identity.comment)\" (\(identity.key.type))")
        if let words = Self.unusable(key.type) { return "\(name): \(words)" }
        let offer = PublicKeyOffer(key, user: endpoint.user)
        let answer = try await offer.make(on: link, until: deadline) { bytes in
            await agent?.signature(of: bytes, by: key, until: deadline)
        }
        switch answer {
        case .accepted: return nil
        case .refused(let error): return "\(name): \(error.text)"
        case .unsigned: return "\(name): the agent did not sign"
        }
    }

    private func attempt(
        _ file: PrivateKeyFile, over link: borrowing Link, until deadline: Deadline
    ) async throws(LinkTrouble) -> Reason? {
        if let words = Self.unusable(file.type ?? "") { return "\(file.path): \(words)" }
        if file.isEncryptedOpenSSHRSA {
            return "\(file.path): an encrypted RSA key in OpenSSH's format, which libssh2 cannot use; load it into "
                + "ssh-agent, or convert it (ssh-keygen -p -m PEM -f \(file.path))"
        }
        guard file.isEncrypted else {
            return try await attempt(file, passphrase: nil, over: link, until: deadline).reason
        }
        // Nobody is asked for the passphrase of a key that the server doesn't take.
        if let key = file.publicKey.flatMap({ HostKey(blob: $0) }) {
            let offer = PublicKeyOffer(key, user: endpoint.user)
            let answer = try await offer.make(on: link, until: deadline) { _ in nil }
            if case .refused(let error) = answer { return "\(file.path): \(error.text)" }
        }
        var earlier: Set<String> = []
        for _ in 0..<3 {
            guard let passphrase = await secrets.passphrase(file.path) else {
                return "\(file.path): it is encrypted, and there is no passphrase to open it"
            }
            // An answer that isn't typed stays the same.
            guard earlier.insert(passphrase).inserted else { break }
            let outcome = try await attempt(file, passphrase: passphrase, over: link, until: deadline)
            if outcome.isOpened { return outcome.reason }
        }
        return "\(file.path): the passphrase does not open it"
    }

    /// What came of a file: whether it could be opened, and why it didn't let us in; nil: it did.
    private struct FileOutcome {
        var isOpened = true
        var reason: Reason?
    }

    private func attempt(
        _ file: PrivateKeyFile, passphrase: String?, over link: borrowing Link, until deadline: Deadline
    ) async throws(LinkTrouble) -> FileOutcome {
        if let key = file.rsaKey(passphrase: passphrase), let blob = key.publicKey, let known = HostKey(blob: blob) {
            let offer = PublicKeyOffer(known, user: endpoint.user)
            switch try await offer.make(on: link, until: deadline, sign: { key.signature(of: $0) }) {
            case .accepted: return FileOutcome()
            case .refused(let error): return FileOutcome(reason: "\(file.path): \(error.text)")
            case .unsigned: return FileOutcome(reason: "\(file.path): it does not sign")
            }
        }
        if file.type == "ssh-rsa" { return FileOutcome(isOpened: false, reason: "\(file.path): it cannot be read") }
        let (user, path) = (endpoint.user, file.path)
        let result = try await link.drive(until: deadline) { session in
            Int(
                libssh2_userauth_publickey_fromfile_ex(
                    session, user, UInt32(user.utf8.count), nil, path, passphrase))
        }
        guard result != 0 else { return FileOutcome() }
        let error = link.lastError()
        return FileOutcome(isOpened: error.code != LIBSSH2_ERROR_FILE, reason: "\(path): \(error.text)")
    }

    /// Why a key of a type can't be used at all; nil when it can.
    private static func unusable(_ type: String) -> String? {
        if type.hasPrefix("ssh-ed25519-cert") || type.hasPrefix("ssh-rsa-cert") {
            return "a certificate of a kind that libssh2 cannot use; use the plain key or an ECDSA certificate"
        }
        if type.hasPrefix("sk-") { return "a key on a security device, which libssh2 cannot use" }
        if type == "ssh-dss" { return "a DSA key, which servers no longer take" }
        return nil
    }
}

extension Login {
    private func failure(_ trouble: LinkTrouble) -> Failure {
        switch trouble {
        case .cancelled: Failure(.cancelled, "cancelled while logging in on host \"\(endpoint.host)\"")
        case .timedOut, .silent:
            Failure(.timeout, "no answer to the login from host \"\(endpoint.host)\" in time")
        }
    }

    private func hungUp(_ link: borrowing Link, _ reasons: [Reason]) -> Failure {
        Failure(
            .authentication, "host \"\(endpoint.host)\" hung up while user \"\(endpoint.user)\" logged in",
            detail: reasons.joined(separator: "\n"),
            hint: "It may let too few keys be tried (MaxAuthTries). Name the key's file: ssh: {identity_file: …}")
    }

    private func refused(_ reasons: [Reason], _ candidates: [Candidate]) -> Failure {
        let usesFiles = !endpoint.identityFiles.isEmpty
        return Failure(
            .authentication, "host \"\(endpoint.host)\" did not let user \"\(endpoint.user)\" in",
            detail: reasons.joined(separator: "\n"),
            hint: usesFiles || !candidates.isEmpty
                ? "Put the public key into ~/.ssh/authorized_keys of \"\(endpoint.user)\" there, and see the server's log."
                : "Name a private key's file (ssh: {identity_file: …}), or start ssh-agent and add one.")
    }
}
