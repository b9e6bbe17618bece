import Essentials
import Glibc
import Lab
import SSH
import Testing

/// An sshd of a test's own, beside the lab's, with a configuration of its own; it runs as the lab's account.
struct SSHServer: Sendable {
    /// Holds its keys, its configuration and its log; writable for its account.
    let directory: String
    let port: Int
    let user: String
    /// The lab's client key, which it lets in.
    let identityFile: String

    /// Starts one, runs `body` with it and a session on the lab's own sshd, then ends it.
    static func with(
        hostKeys: [String] = ["ed25519"], _ lines: [String] = [],
        _ body: (SSHServer, inout Session) async throws -> Void
    ) async throws {
        try await Stage.with(standbys: 0) { stage in try await with(beside: stage, hostKeys: hostKeys, lines, body) }
    }

    /// The same beside a lab that there is already.
    static func with(
        beside stage: Stage, hostKeys: [String] = ["ed25519"], _ lines: [String] = [],
        _ body: (SSHServer, inout Session) async throws -> Void
    ) async throws {
        let endpoint = try stage.endpoint()
        var session = try await Session.open(endpoint, until: .after(.seconds(10)))
        let directory = try await session.text(["mktemp", "-d"])
        let server = try SSHServer(
            directory: directory, port: freePort(), user: endpoint.user, identityFile: stage.lab.identityFile)
        try await server.start(hostKeys, lines, &session)
        do {
            try await body(server, &session)
        } catch {
            try? await server.end(stage)
            throw error
        }
        try await server.end(stage)
    }

    private func start(_ hostKeys: [String], _ lines: [String], _ session: inout Session) async throws {
        var configuration = [
            "ListenAddress 127.0.0.1:\(port)", "PidFile \(directory)/pid", "AuthorizedKeysFile \(directory)/authorized",
            "StrictModes no", "UsePAM no", "PasswordAuthentication no", "KbdInteractiveAuthentication no",
        ]
        configuration += hostKeys.map { "HostKey \(directory)/host_\($0)" }
        if !lines.contains(where: { $0.hasPrefix("Subsystem") }) {
            configuration.append("Subsystem sftp internal-sftp")
        }
        configuration += lines
        for type in hostKeys { try await makeKey("host_\(type)", type, [], &session) }
        try await session.upload(
            Array((configuration.joined(separator: "\n") + "\n").utf8), to: "\(directory)/config", mode: 0o600,
            until: .after(.seconds(10)))
        let client = try await session.text(["ssh-keygen", "-y", "-f", "/dev/stdin"], input: read(identityFile))
        try await allow(client, &session)
        let result = try await session.ask(["/usr/sbin/sshd", "-f", "\(directory)/config", "-E", "\(directory)/log"])
        try #require(result.succeeded, "\(result.errorText)")
        _ = try await session.ask(["sh", "-c", "until [ -s \"$1\" ]; do sleep 0.02; done", "sh", "\(directory)/pid"])
    }

    /// Makes a key without a passphrase, or with one.
    func makeKey(
        _ name: String, _ type: String, _ options: [String], passphrase: String = "", _ session: inout Session
    ) async throws {
        let words = ["ssh-keygen", "-q", "-t", type, "-N", passphrase, "-C", name, "-f", "\(directory)/\(name)"]
        let result = try await session.ask(words + options)
        try #require(result.succeeded, "\(result.errorText)")
    }

    /// Lets a public key in.
    func allow(_ publicKey: String, _ session: inout Session) async throws {
        let result = try await session.run(
            Command(
                ["sh", "-c", "cat >>\"$1\"", "sh", "\(directory)/authorized"], input: Array("\(publicKey)\n".utf8)),
            until: .after(.seconds(10)))
        try #require(result.succeeded)
    }

    /// A host key's line without the host.
    func hostKey(_ type: String = "ed25519") throws -> String {
        let text = String(decoding: try read("\(directory)/host_\(type).pub"), as: UTF8.self)
        return text.split(separator: " ").prefix(2).joined(separator: " ")
    }

    /// How to reach it; `known` is the content of the known hosts file, by default all of its host keys.
    func endpoint(known: String? = nil, identities: [String]? = nil, usesAgent: Bool = false) throws -> Endpoint {
        let types = ["ed25519", "ecdsa", "rsa"]
        let lines =
            try known
            ?? types.filter { access("\(directory)/host_\($0).pub", R_OK) == 0 }
            .map { "[127.0.0.1]:\(port) \(try hostKey($0))" }.joined(separator: "\n")
        let file = "\(directory)/known_hosts"
        let number = open(file, O_WRONLY | O_CREAT | O_TRUNC, 0o644)
        _ = write(number, lines, lines.utf8.count)
        _ = close(number)
        return Endpoint(
            host: "127.0.0.1", port: port, user: user, identityFiles: identities ?? [identityFile],
            usesAgent: usesAgent, knownHostsFiles: [file])
    }

    /// The process ids of the sshd and of those that serve its sessions.
    func processes() throws -> [Int32] {
        let main = Int32(String(decoding: try read("\(directory)/pid"), as: UTF8.self).filter { $0.isNumber }) ?? 0
        return [main] + children(of: main)
    }

    private func end(_ stage: Stage) async throws {
        // The first is the listener, which must be gone before those it would start anew.
        for process in (try? processes()) ?? [] where process > 1 {
            kill(process, SIGCONT)
            kill(process, SIGKILL)
        }
        var session = try await Session.open(stage.endpoint(), until: .after(.seconds(10)))
        _ = try await session.ask(["rm", "-rf", directory])
    }
}

/// A port nobody listens on just now.
func freePort() throws -> Int {
    let number = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
    defer { _ = close(number) }
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_addr.s_addr = in_addr_t(0x7F00_0001).bigEndian
    var length = socklen_t(MemoryLayout<sockaddr_in>.size)
    let result = withUnsafeMutablePointer(to: &address) { pointer in
        pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { pointer in
            bind(number, pointer, length) == 0 ? getsockname(number, pointer, &length) : -1
        }
    }
    try #require(result == 0)
    return Int(UInt16(bigEndian: address.sin_port))
}

/// A file that can't be read.
struct Unreadable: Error {
    var path: String
}

/// All bytes of a small file.
func read(_ path: String) throws -> [UInt8] {
    let number = open(path, O_RDONLY)
    guard number >= 0 else { throw Unreadable(path: path) }
    defer { _ = close(number) }
    var bytes: [UInt8] = []
    var buffer = [UInt8](repeating: 0, count: 65536)
    while true {
        let count = read(number, &buffer, buffer.count)
        if count <= 0 { return bytes }
        bytes += buffer.prefix(count)
    }
}

/// The processes that a process has started and that still run, and theirs.
func children(of process: Int32) -> [Int32] {
    let text = (try? read("/proc/\(process)/task/\(process)/children")) ?? []
    let own = String(decoding: text, as: UTF8.self).split(separator: " ").compactMap { Int32($0) }
    return own + own.flatMap(children(of:))
}

/// Whether a process runs; a zombie doesn't.
func isRunning(_ process: Int32) -> Bool {
    guard let text = try? read("/proc/\(process)/stat") else { return false }
    let fields = String(decoding: text, as: UTF8.self).split(separator: ")").last?.split(separator: " ")
    return fields?.first.map { $0 != "Z" && $0 != "X" } ?? false
}

/// Whether a condition comes true within some seconds.
func eventually(within seconds: Int = 10, _ condition: () throws -> Bool) async rethrows -> Bool {
    let deadline = Deadline.after(.seconds(seconds))
    while !deadline.hasPassed {
        if try condition() { return true }
        _ = await ReadinessLoop.shared.sleep(until: .after(.milliseconds(20)))
    }
    return try condition()
}

extension Session {
    /// What a command that succeeds writes, without the last newline.
    mutating func text(_ words: [String], input: [UInt8] = []) async throws -> String {
        let result = try await run(Command(words, input: input), until: .after(.seconds(20)))
        try #require(result.succeeded, "\(words): \(result.errorText)")
        return String(result.outputText.prefix { $0 != "\n" })
    }
}
