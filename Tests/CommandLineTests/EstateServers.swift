import Essentials
import Estate
import Glibc
import Lab
import Postgres
import Subprocess
import SystemPackage
import Testing

/// Real servers of all kinds that an estate has beside PostgreSQL, each from its Debian package.
struct EstateServers: Sendable {
    /// Holds their configurations, data and logs.
    let directory: String
    private let ports: [String: Int]

    static let redisPassword = "hunter2 \"quoted\" \\ $x"
    static let natsToken = "hunter3\"x"

    /// What listens on a port of its own.
    private static let names = [
        "redis", "redis-replica", "sentinel", "nats", "registry", "kubernetes", "shop", "expired", "web", "broken",
        "collector",
    ]

    /// `127.0.0.1:port` of a server.
    func address(_ name: String) -> String { "127.0.0.1:\(ports[name] ?? 0)" }

    /// Starts all of them, runs `body` and ends them.
    static func with(_ body: @Sendable (EstateServers) async throws -> Void) async throws {
        try await withDirectory { directory in
            let servers = EstateServers(directory: directory, ports: try freePorts(names))
            try await servers.makeCertificates()
            try servers.writeFiles()
            try await withThrowingTaskGroup(of: Void.self) { group in
                for (name, line) in servers.commandLines {
                    group.addTask { try await run(line, log: "\(directory)/\(name).log") }
                }
                let result: Result<Void, any Error>
                do {
                    try await servers.awaitAll()
                    result = .success(try await body(servers))
                } catch { result = .failure(error) }
                // Which tells each of them to end.
                group.cancelAll()
                while let ended = await group.nextResult() { _ = ended }
                try result.get()
            }
        }
    }

    private static func run(_ line: [String], log: String) async throws {
        var options = PlatformOptions()
        options.teardownSequence = [.gracefulShutDown(allowedDurationToNextStep: .seconds(5))]
        let file = try FileDescriptor.open(
            FilePath(log), .writeOnly, options: [.create, .append], permissions: [.ownerReadWrite])
        _ = try await Subprocess.run(
            .name(line[0]), arguments: Arguments(Array(line.dropFirst())),
            environment: .custom(["PATH": "/usr/local/bin:/usr/bin:/bin:/usr/sbin:/sbin", "HOME": "/nonexistent"]),
            platformOptions: options, input: .none,
            output: .fileDescriptor(file, closeAfterSpawningProcess: true), error: .combinedWithOutput)
    }

    private var commandLines: [(String, [String])] {
        [
            ("redis", ["redis-server", "\(directory)/redis.conf"]),
            ("redis-replica", ["redis-server", "\(directory)/replica.conf"]),
            ("sentinel", ["redis-sentinel", "\(directory)/sentinel.conf"]),
            ("nats", ["nats-server", "-c", "\(directory)/nats.conf"]),
            ("registry", ["docker-registry", "serve", "\(directory)/registry.yaml"]),
            ("nginx", ["nginx", "-p", directory, "-c", "\(directory)/nginx.conf"]),
        ]
    }

    private func port(_ name: String) -> Int { ports[name] ?? 0 }

    private func writeFiles() throws {
        try write("\(Self.redisPassword)\n", to: "\(directory)/redis.secret")
        try write(Self.natsToken, to: "\(directory)/nats.secret")
        let quoted = Self.redisPassword.replacing("\\", with: "\\\\").replacing("\"", with: "\\\"")
        let redis = """
            bind 127.0.0.1
            save ""
            dir \(directory)
            requirepass "\(quoted)"
            masterauth "\(quoted)"

            """
        try write(redis + "port \(port("redis"))\n", to: "\(directory)/redis.conf")
        let replica = "port \(port("redis-replica"))\ndbfilename replica.rdb\nreplicaof 127.0.0.1 \(port("redis"))\n"
        try write(redis + replica, to: "\(directory)/replica.conf")
        try write(
            """
            bind 127.0.0.1
            port \(port("sentinel"))
            dir \(directory)
            sentinel monitor cache 127.0.0.1 \(port("redis")) 1
            sentinel auth-pass cache "\(quoted)"
            sentinel monitor lonely 127.0.0.1 \(port("redis")) 2
            sentinel auth-pass lonely "\(quoted)"

            """, to: "\(directory)/sentinel.conf")
        let token = Self.natsToken.replacing("\"", with: "\\\"")
        try write(
            "listen: \"127.0.0.1:\(port("nats"))\"\nauthorization { token: \"\(token)\" }\n",
            to: "\(directory)/nats.conf")
        try write(
            """
            version: 0.1
            log: {level: error}
            storage: {filesystem: {rootdirectory: "\(directory)/registry"}}
            http: {addr: "127.0.0.1:\(port("registry"))"}

            """, to: "\(directory)/registry.yaml")
        try write(nginx, to: "\(directory)/nginx.conf")
    }

    private var nginx: String {
        func secure(_ name: String, _ certificate: String, _ locations: String) -> String {
            """
                server {
                    listen 127.0.0.1:\(port(name)) ssl;
                    ssl_certificate \(directory)/\(certificate).pem;
                    ssl_certificate_key \(directory)/\(certificate).key;
                    \(locations)
                }

            """
        }
        let temporary = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"]
        return """
            daemon off;
            master_process off;
            pid \(directory)/nginx.pid;
            error_log \(directory)/nginx-error.log;
            events {}
            http {
                access_log off;
            \(temporary.map { "    \($0)_temp_path \(directory)/nginx-\($0);\n" }.joined())
            \(secure("shop", "server", "location /health { return 200 ok; }"))
            \(secure("expired", "expired", "location / { return 200 ok; }"))
            \(secure("kubernetes", "server", "location /readyz { return 200 ok; } location / { return 403; }"))
            \(secure("broken", "server", "location / { return 500; }"))
                server {
                    listen 127.0.0.1:\(port("web"));
                    location = / { return 302 /login; }
                    location = /api/health { return 200 ok; }
                    location = /-/ready { return 200 ok; }
                    location / { return 404; }
                }
                server { listen 127.0.0.1:\(port("collector")); }
            }

            """
    }

    /// An authority, a server's certificate that ends in 60 days, and one that has ended.
    private func makeCertificates() async throws {
        let script = #"""
            set -eu
            cd "$1"
            key() { openssl ecparam -name prime256v1 -genkey -noout -out "$1.key"; }
            key ca
            openssl req -x509 -new -key ca.key -subj /CN=authority -days 100 -out ca.pem
            printf 'subjectAltName=IP:127.0.0.1' >names
            printf '[ca]\ndefault_ca=own\n[own]\ndatabase=index\nserial=serial\nnew_certs_dir=.\ndefault_md=sha256\npolicy=any\n[any]\ncommonName=supplied\n' >ca.conf
            : >index
            echo 01 >serial
            for name in server expired; do
                key $name
                openssl req -new -key $name.key -subj /CN=$name -out $name.csr
            done
            openssl x509 -req -in server.csr -CA ca.pem -CAkey ca.key -CAcreateserial -days 60 -extfile names -out server.pem
            openssl ca -batch -notext -config ca.conf -cert ca.pem -keyfile ca.key -extfile names -startdate 20200101000000Z \
                -enddate 20200201000000Z -in expired.csr -out expired.pem
            chmod 644 *.key
            """#
        let made = try await Tool.bash(script, [directory])
        try #require(made.status == 0, "\(made.errors)")
    }

    private func awaitAll() async throws {
        let deadline = Deadline.after(.seconds(30))
        for name in Self.names {
            while try await Tool.bash("exec 3<>/dev/tcp/127.0.0.1/$1", ["\(port(name))"]).status != 0 {
                try #require(
                    !deadline.hasPassed, "\(name) does not listen: \((try? read("\(directory)/\(name).log")) ?? "")")
                _ = await ReadinessLoop.shared.sleep(until: .after(.milliseconds(100)))
            }
        }
    }
}

/// Ports that nobody listens on just now, one for each name.
private func freePorts(_ names: [String]) throws -> [String: Int] {
    var sockets: [Int32] = []
    defer { for socket in sockets { _ = close(socket) } }
    var ports: [String: Int] = [:]
    for name in names {
        let (number, port) = try boundSocket()
        sockets.append(number)
        ports[name] = port
    }
    return ports
}

/// A socket at a port of its own, below those that the kernel gives to connections.
func boundSocket() throws -> (number: Int32, port: Int) {
    let number = socket(AF_INET, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_addr.s_addr = in_addr_t(0x7F00_0001).bigEndian
    for _ in 0..<50 {
        let port = Int.random(in: 30_000..<32_768)
        address.sin_port = in_port_t(port).bigEndian
        let result = withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { pointer in
                bind(number, pointer, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
        if result == 0 { return (number, port) }
    }
    throw Failure(.system, "no port is free")
}

extension EstateServers {
    /// The configuration of the example with a lab as its cluster, and these servers in place of those that it names.
    func example(_ lab: Lab, _ bouncer: LabBouncer) throws -> String {
        let file = try read(lab.configurationFile)
        let start = try #require(EstateExample.text.firstRange(of: "\nestate:\n")?.lowerBound)
        var text = String(EstateExample.text[start...])
        let shells = file.split(separator: "\n").filter { $0.hasPrefix("        ssh: ") }.map { $0.dropFirst(8) }
        // Standbys first, which clients that want to write must not stay with.
        let hosts = lab.nodes.map(\.address).reversed().joined(separator: ",")
        let port = String(lab.primary.port)
        let replacements: [(String, String)] = [
            ("ssh: ops@10.0.0.10", String(shells[0])), ("ssh: ops@10.0.0.11", String(shells[1])),
            ("ssh: ops@10.0.0.21", String(shells[0])), ("ssh: ops@10.0.0.22", String(shells[2])),
            ("host=10.0.0.21,10.0.0.11,10.0.0.22", "host=\(hosts)"),
            ("port=5432,5432,5432 dbname=app user=app", "port=\(port),\(port),\(port) dbname=postgres user=pgdr"),
            (
                "host=10.0.0.10 port=6432 dbname=app user=app",
                "host=\(bouncer.address) port=\(bouncer.port) dbname=postgres user=pgdr"
            ),
            ("/etc/pgdr/app.pgpass", lab.passfile), ("10.0.0.21:6379", address("redis")),
            ("10.0.0.22:6379", address("redis-replica")), ("10.0.0.22:26379", address("sentinel")),
            ("10.0.0.21:4222", address("nats")), ("10.0.0.21:5000", address("registry")),
            ("10.0.0.22:5000", "127.0.0.1:1"), ("10.0.0.10:6443", address("kubernetes")),
            ("10.0.0.11:8443", address("shop")), ("10.0.0.11:8080", address("web")),
            ("10.0.0.10:3000", address("web")), ("10.0.0.10:9090", address("web")),
            ("10.0.0.10:4317", address("collector")), ("/etc/pgdr/redis", "\(directory)/redis.secret"),
            ("/etc/pgdr/nats", "\(directory)/nats.secret"), ("/etc/pgdr/kubernetes-ca.pem", "\(directory)/ca.pem"),
            ("/etc/pgdr/ca.pem", "\(directory)/ca.pem"),
        ]
        for (old, new) in replacements {
            try #require(text.contains(old), "\(old)")
            text = text.replacing(old, with: new)
        }
        try #require(!text.contains("10.0.0.") && !text.contains("/etc/pgdr"), "\(text)")
        return file + text
    }
}
