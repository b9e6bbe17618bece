#if os(Linux)
    import Lab

    /// `pgdr lab status` for people.
    struct LabTable {
        var rows: [LabNodeStatus]

        var text: String {
            var table = TextTable([
                ("NODE", .left), ("ADDRESS", .left), ("SERVER", .left), ("SSHD", .left), ("DATA", .left),
            ])
            for row in rows {
                let state = row.pid.map { "running, pid \($0)" } ?? "stopped"
                let server = state + (row.container.map { ", container \($0)" } ?? "")
                let shell = row.sshdPID.map { "port \(row.sshPort), pid \($0)" } ?? "stopped"
                table.append([row.name, "\(row.address):\(row.port)", server, shell, row.dataDirectory])
            }
            return table.lines(style: Style(hasColours: Terminal.hasColours)).joined(separator: "\n")
        }
    }

    /// The document of `pgdr lab status --format json`; the same promises as `StatusDocument`.
    struct LabDocument: Encodable {
        var schema = 1
        var nodes: [Node]

        init(rows: [LabNodeStatus]) { nodes = rows.map(Node.init) }

        struct Node: Encodable {
            var status: LabNodeStatus

            enum CodingKeys: String, CodingKey {
                case name, address, port, pid, container
                case sshPort = "ssh_port"
                case sshdPID = "sshd_pid"
                case dataDirectory = "data_directory"
            }

            func encode(to encoder: any Encoder) throws {
                var container = encoder.container(keyedBy: CodingKeys.self)
                try container.encode(status.name, forKey: .name)
                try container.encode(status.address, forKey: .address)
                try container.encode(status.port, forKey: .port)
                try container.encode(status.pid, forKey: .pid)
                try container.encode(status.sshPort, forKey: .sshPort)
                try container.encode(status.sshdPID, forKey: .sshdPID)
                try container.encode(status.dataDirectory, forKey: .dataDirectory)
                try container.encode(status.container, forKey: .container)
            }
        }
    }
#endif
