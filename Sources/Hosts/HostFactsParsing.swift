package import Configuration
package import Essentials

extension HostFacts {
    /// Reads what the script `facts.sh` wrote for the node.
    /// - Throws: `unexpectedAnswer` when it isn't its output.
    package static func parse(_ output: [UInt8], of node: NodeConfiguration) throws(Failure) -> HostFacts {
        let records = RemoteRecords(output)
        guard let user = records.text("user"), let userID = records["uid"].flatMap({ UInt32($0) }) else {
            throw Failure(
                .unexpectedAnswer, "could not read what the host of node \"\(node.name)\" says of itself",
                detail: "It doesn't say who is logged in.", hint: "Its shell must be a POSIX shell.", node: node.name)
        }
        guard records["system"] == "Linux" else {
            throw Failure(
                .refused, "the host of node \"\(node.name)\" runs \(records.text("system") ?? "an unknown system")",
                detail: "pgdr acts on Linux hosts only.", node: node.name)
        }
        let data = records.text("data_directory").map { DataDirectoryFacts($0, records) }
        let container = ContainerFacts(records)
        return HostFacts(
            user: user, userID: userID, home: records["home"] ?? "/", hostName: records["hostname"] ?? "",
            accountTools: records.all("tool"), root: access("root", records), server: access("server", records),
            serverHome: records.text("owner_home"), dataDirectory: data,
            postmaster: PostmasterFacts(records, container),
            programs: ProgramFacts(records), unit: UnitFacts(of: node, records),
            debianCluster: records.text("cluster_directory").map { directory in
                DebianClusterFacts(directory: directory, start: records["cluster_start"].flatMap(startWord))
            },
            container: container)
    }

    private static func access(_ account: String, _ records: RemoteRecords) -> Access {
        if records[account] == "1" { return .allowed }
        return records["\(account)_refusal"].map { .refused($0.trimmingSpaces) } ?? .unknown
    }

    /// The first word that is no comment, as Debian's own programs read the file.
    private static func startWord(_ content: String) -> String? {
        content.split(whereSeparator: \.isNewline).lazy
            .map { line in line.prefix { $0 != "#" }.trimmingSpaces }
            .first { !$0.isEmpty }
    }
}

extension DataDirectoryFacts {
    fileprivate init(_ path: String, _ records: RemoteRecords) {
        self.path = path
        refusal = records.text("data_refusal")
        isLink = records["link_path"] == "1"
        realPath = records.text("real_path")
        let parts = (records["data_owner"] ?? "").split(separator: ":", omittingEmptySubsequences: false).map(
            String.init)
        if parts.count == 5 {
            ownerID = UInt32(parts[1])
            owner = parts[0] == "UNKNOWN" ? "#\(parts[1])" : parts[0]
            group = parts[2]
            mode = UInt32(parts[3], radix: 8)
            isMountPoint = records.text("parent_device").map { $0 != parts[4] }
        }
        isEmpty = records["empty"] == "1"
        majorVersion = records.text("version")
        signals = records.all("signal")
        isFenced = records["fenced"] == "1"
        fencedRestartPolicy = records.text("fenced_restart")
        walLink = records.text("wal_link")
        isWALParentWritable = records["wal_parent_writable"] == "1"
        links = records.groups("link", "link_target").map { Link(name: $0.value, target: $0.others[0] ?? "") }
        readOnlyFiles = records.all("read_only")
        tablespaces = records.groups("tablespace", "tablespace_target", "tablespace_free").map { group in
            Tablespace(
                identifier: group.value, path: group.others[0] ?? "", freeBytes: group.others[1].flatMap(Self.bytes))
        }
        freeBytes = records["free_kilobytes"].flatMap(Self.bytes)
        parentFreeBytes = records["parent_free_kilobytes"].flatMap(Self.bytes)
        isParentWritable = records["parent_writable"] == "1"
        startWords = ShellQuoting.postmasterOptions(records["options"] ?? "")
    }

    private static func bytes(_ kilobytes: String) -> UInt64? {
        UInt64(kilobytes).flatMap { number in
            let (bytes, overflows) = number.multipliedReportingOverflow(by: 1024)
            return overflows ? nil : bytes
        }
    }
}

extension PostmasterFacts {
    /// nil when there is no pid file: what runs without one is nobody's postmaster.
    ///
    /// The number in the pid file of a server in a container counts only in there; its first process is the server.
    fileprivate init?(_ records: RemoteRecords, _ container: ContainerFacts?) {
        let lines = (records["pid_file"] ?? "").split(separator: "\n", omittingEmptySubsequences: false)
        // A single-user server writes its number negated.
        guard let first = lines.first.flatMap({ Int32($0.trimmingSpaces) }), first != 0, first != .min else {
            return nil
        }
        func line(_ index: Int) -> String? {
            guard lines.indices.contains(index) else { return nil }
            let text = lines[index].trimmingSpaces
            return text.isEmpty ? nil : text
        }
        processID = container?.processID ?? abs(first)
        startedAt = line(2).flatMap { Int64($0) }
        port = line(3).flatMap { Int($0) }
        status = line(7)
        let process = ProcessStatus(records[container == nil ? "process" : "container_process"] ?? "")
        let isServer = container == nil ? records["is_server"] == "1" : container?.status != "exited"
        switch process?.state {
        case nil: state = .gone
        case "Z", "X", "x": state = .zombie
        case "T", "t": state = isServer ? .frozen : .gone
        default: state = isServer ? .running : .gone
        }
        executable = records.text("executable")
        standardErrorFile = records.text("standard_error").flatMap { $0.hasPrefix("/") && $0 != "/dev/null" ? $0 : nil }
        controlGroup = records.text("cgroup")
        parent = records.text("parent")
    }
}

extension ProgramFacts {
    fileprivate init?(_ records: RemoteRecords) {
        guard let directory = records.text("programs") else { return nil }
        self.directory = directory
        versions = [:]
        for group in records.groups("program", "program_version") {
            // Such as "pg_ctl (PostgreSQL) 15.18 (Debian 15.18-0+deb12u1)".
            let words = (group.others[0] ?? "").split(separator: " ")
            let version = words.first { $0.first?.isNumber ?? false }
            versions[group.value] = version.map(String.init) ?? ""
        }
    }
}

extension UnitFacts {
    fileprivate init?(of node: NodeConfiguration, _ records: RemoteRecords) {
        guard let text = records.text("unit") else { return nil }
        switch node.service {
        case .systemd(let unit): name = unit
        case .pgCtlCluster(let version, let cluster): name = "postgresql@\(version)-\(cluster)"
        case .pgCtl, .container, .custom, nil: return nil
        }
        var properties: [Substring: String] = [:]
        for line in text.split(whereSeparator: \.isNewline) {
            let parts = line.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            if parts.count == 2 { properties[parts[0]] = String(parts[1]) }
        }
        loadState = properties["LoadState"] ?? ""
        activeState = properties["ActiveState"] ?? ""
        fileState = properties["UnitFileState"] ?? ""
        fragmentPath = properties["FragmentPath"] ?? ""
        mainProcessID = properties["MainPID"].flatMap { Int32($0) } ?? 0
        restart = properties["Restart"] ?? ""
    }
}

extension ContainerFacts {
    fileprivate init?(_ records: RemoteRecords) {
        account = records.text("container_account").flatMap { HostCommand.Account(rawValue: $0) }
        refusal = records.text("container_refusal")
        guard account != nil || refusal != nil else { return nil }
        let lines = (records["container"] ?? "").split(separator: "\n", omittingEmptySubsequences: false).map(
            String.init)
        func line(_ index: Int) -> String { lines.indices.contains(index) ? lines[index].trimmingSpaces : "" }
        identifier = line(0)
        status = line(1)
        processID = Int32(line(2)) ?? 0
        processStart = records.text("container_process").flatMap { ProcessStatus($0)?.startTicks }
        stopSignal = Self.signal(line(3))
        restartPolicy = line(4).isEmpty ? "no" : line(4)
        image = line(5)
        mounts = stride(from: 6, to: lines.count - 1, by: 2).map { index in
            Mount(source: lines[index], destination: lines[index + 1])
        }
        unit = records.text("container_unit")
        runtimeVersion = records.text("container_runtime").flatMap { text in
            text.split { $0 == " " || $0 == "," }.first { $0.first?.isNumber ?? false }.map(String.init)
        }
    }

    /// A stop signal's name without `SIG`; podman gave its number until version 5, and nothing means SIGTERM.
    private static func signal(_ text: String) -> String {
        let numbers = ["2": "INT", "3": "QUIT", "15": "TERM", "": "TERM", "0": "TERM"]
        return numbers[text] ?? (text.hasPrefix("SIG") ? String(text.dropFirst(3)) : text)
    }
}

/// A line of `/proc/PID/stat`; the name in it may hold blanks and brackets.
struct ProcessStatus {
    /// The letter of its state.
    var state: String
    /// When it started, in clock ticks since the host did.
    var startTicks: UInt64?

    init?(_ line: String) {
        guard let end = line.lastIndex(of: ")") else { return nil }
        let fields = line[end...].dropFirst().split(separator: " ")
        guard let first = fields.first else { return nil }
        state = String(first)
        // The 22nd field of the line, of which the state is the third.
        startTicks = fields.count > 19 ? UInt64(fields[19]) : nil
    }
}
