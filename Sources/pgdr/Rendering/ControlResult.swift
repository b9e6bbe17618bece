import Configuration
import Failover
import Replication

/// What `pgdr pause` or `pgdr unpause` did.
struct ControlResult {
    var cluster: ClusterConfiguration
    var change: ControlChange

    /// For people.
    var text: String {
        guard case .done(let now, let before) = change else {
            return "Nothing to do: failover of \(cluster.name) is not paused."
        }
        let earlier = before.map { "It was paused \($0.text)." }
        let mode = cluster.failover.mode
        let idle = now == nil || mode == .automatic ? nil : "Its mode is \(mode.rawValue) anyway."
        let said = now.map { "paused until \(StatusDocument.timestamp($0.until))" } ?? "no longer paused"
        return (["Failover of \(cluster.name) is \(said)."] + [earlier, idle].compactMap(\.self)).joined(separator: " ")
    }
}

extension ControlReading.Pause {
    /// Until when, by whom and why, as a sentence goes on.
    var text: String {
        let time = isEndless ? "without an end" : "until \(StatusDocument.timestamp(until))"
        return printable("\(time) by \(actor)" + (reason.map { ": \($0)" } ?? ""))
    }
}

/// The document of `pgdr pause` and `pgdr unpause`; the same promises as `StatusDocument`.
struct ControlResultDocument: Encodable {
    private let result: ControlResult

    init(_ result: ControlResult) { self.result = result }

    enum CodingKeys: String, CodingKey { case schema, cluster, changed, paused, before }

    func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode(1, forKey: .schema)
        try container.encode(result.cluster.name, forKey: .cluster)
        let (now, before, isChanged): (ControlReading.Pause?, ControlReading.Pause?, Bool) =
            if case .done(let now, let before) = result.change { (now, before, true) } else { (nil, nil, false) }
        try container.encode(isChanged, forKey: .changed)
        try container.encode(now.map(PauseDocument.init), forKey: .paused)
        try container.encode(before.map(PauseDocument.init), forKey: .before)
    }
}

/// A pause as JSON; `until` is null for one without an end.
struct PauseDocument: Encodable {
    private let pause: ControlReading.Pause

    init(_ pause: ControlReading.Pause) { self.pause = pause }

    enum CodingKeys: String, CodingKey { case until, reason, actor }

    func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode(pause.isEndless ? nil : StatusDocument.timestamp(pause.until), forKey: .until)
        try container.encode(pause.reason, forKey: .reason)
        try container.encode(pause.actor, forKey: .actor)
    }
}
