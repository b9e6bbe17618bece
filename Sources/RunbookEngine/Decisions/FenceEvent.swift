/// What a fence command reads: which node is to be cut off, and where it stands.
struct FenceEvent: Sendable, Equatable, Encodable {
    var event = "fence"
    var cluster: String
    var node: String
    /// Where the server is reached by other servers.
    var host: String
    var port: Int
    var site: String?
    var run: String
    var trigger: String?

    enum CodingKeys: String, CodingKey { case event, cluster, node, host, port, site, run, trigger }

    func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode(event, forKey: .event)
        try container.encode(cluster, forKey: .cluster)
        try container.encode(node, forKey: .node)
        try container.encode(host, forKey: .host)
        try container.encode(port, forKey: .port)
        try container.encode(site, forKey: .site)
        try container.encode(run, forKey: .run)
        try container.encode(trigger, forKey: .trigger)
    }

    /// The event as one line of JSON.
    var line: String { jsonLine(self) }
}
