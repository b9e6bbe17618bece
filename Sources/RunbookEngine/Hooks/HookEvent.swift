/// What the configured commands (`failover.routes`, `failover.notify`) read: one line of JSON.
package struct HookEvent: Sendable, Equatable, Codable {
    /// What came about.
    package enum Kind: String, Sendable, Codable {
        /// Another node takes writes: clients are to be led to it.
        case primaryChanged = "primary_changed"
        /// A switchover is over.
        case switchoverDone = "switchover_done"
        /// A promotion by hand is over.
        case promotionDone = "promotion_done"
        /// A failover is over.
        case failoverDone = "failover_done"
        /// A failover that nobody asked for is not done, since rules forbid it.
        case failoverRefused = "failover_refused"
        /// A failover that nobody asked for was begun, or could not be, and is not done.
        case failoverFailed = "failover_failed"
    }

    /// What came about.
    package var event: Kind
    /// The cluster.
    package var cluster: String
    /// The node that takes writes; of a failover that isn't done the one that is lost.
    package var primary: Node
    /// The one that was the primary before; nil: none, or it isn't known.
    package var former: Node?
    /// The timeline that the primary is on, or was last; nil: not known.
    package var timeline: UInt32?
    /// The run or decision that it belongs to.
    package var run: String?
    /// The run's runbook; nil where nothing was run.
    package var runbook: String?
    /// The alert that caused it; nil: none.
    package var trigger: String?
    /// When, RFC 3339; nil as long as it is only planned.
    package var at: String?
    /// Why it is not done; nil of what is done.
    package var reasons: [Reason]?

    /// A node, and where its server is reached by other servers; nil where the configuration doesn't tell.
    package struct Node: Sendable, Equatable, Codable {
        /// Its name.
        package var node: String
        /// The name or address of its host.
        package var host: String?
        /// The server's port.
        package var port: Int?
        /// Where it stands; nil: not said.
        package var site: String?
    }

    /// Why something is not done.
    package struct Reason: Sendable, Equatable, Codable {
        /// A stable word: the rule, or a failure's code.
        package var reason: String
        /// The node it is about; nil: none in particular.
        package var node: String?
        /// What was seen.
        package var detail: String

        /// A reason by its parts.
        package init(_ reason: String, node: String? = nil, _ detail: String) {
            self.reason = reason
            self.node = node
            self.detail = detail
        }
    }

    /// An event of which the rest is set later.
    package init(_ event: Kind, cluster: String, primary: Node) {
        self.event = event
        self.cluster = cluster
        self.primary = primary
    }

    /// The event as one line of JSON.
    package var line: String { jsonLine(Document(event: self)) }

    /// Whether it says something that the one before it did not: the figures in its details aside.
    package func isNews(after last: HookEvent?) -> Bool {
        guard let last else { return true }
        let words = { (event: HookEvent) in event.reasons?.map { [$0.reason, $0.node ?? ""] } ?? [] }
        return event != last.event || primary != last.primary || words(self) != words(last)
    }
}

/// All keys, null where nothing is known; "reasons" only where something is not done.
private struct Document: Encodable {
    var event: HookEvent

    enum Key: String, CodingKey {
        case schema, event, cluster, primary, former, timeline, run, runbook, trigger, at, reasons
    }

    enum PlaceKey: String, CodingKey { case node, host, port, site }

    enum ReasonKey: String, CodingKey { case reason, node, detail }

    func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: Key.self)
        try container.encode(1, forKey: .schema)
        try container.encode(event.event, forKey: .event)
        try container.encode(event.cluster, forKey: .cluster)
        try container.encode(Place(node: event.primary), forKey: .primary)
        try container.encode(event.former.map(Place.init), forKey: .former)
        try container.encode(event.timeline, forKey: .timeline)
        try container.encode(event.run, forKey: .run)
        try container.encode(event.runbook, forKey: .runbook)
        try container.encode(event.trigger, forKey: .trigger)
        try container.encode(event.at, forKey: .at)
        if let reasons = event.reasons { try container.encode(reasons.map(Cause.init), forKey: .reasons) }
    }

    private struct Place: Encodable {
        var node: HookEvent.Node

        func encode(to encoder: any Encoder) throws {
            var container = encoder.container(keyedBy: PlaceKey.self)
            try container.encode(node.node, forKey: .node)
            try container.encode(node.host, forKey: .host)
            try container.encode(node.port, forKey: .port)
            try container.encode(node.site, forKey: .site)
        }
    }

    private struct Cause: Encodable {
        var reason: HookEvent.Reason

        func encode(to encoder: any Encoder) throws {
            var container = encoder.container(keyedBy: ReasonKey.self)
            try container.encode(reason.reason, forKey: .reason)
            try container.encode(reason.node, forKey: .node)
            try container.encode(reason.detail, forKey: .detail)
        }
    }
}
