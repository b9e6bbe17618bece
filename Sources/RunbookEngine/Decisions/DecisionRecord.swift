package import Essentials
package import Replication

#if canImport(FoundationEssentials)
    internal import FoundationEssentials
#else
    internal import Foundation
#endif

/// What is decided about: who replaces the primary of a cluster's timeline.
package struct DecisionKey: Sendable, Hashable {
    /// The cluster's own number.
    package var system: SystemIdentifier
    /// The timeline that ends with the primary that is replaced.
    package var timeline: Timeline

    /// A key by its parts.
    package init(system: SystemIdentifier, timeline: Timeline) {
        self.system = system
        self.timeline = timeline
    }

    /// The name of the record's file.
    package var fileName: String { "\(system)-\(timeline)" }
}

/// A decision as a voter keeps it: written once, and never changed or taken back.
///
/// Invariant: what a majority of all voters holds is the only decision there can be under its key, since two majorities
/// have a voter in common, and a voter's record never changes.
package struct DecisionRecord: Sendable, Equatable, Codable {
    /// The node that is to be promoted.
    package var nominee: String
    /// The primary that it replaces.
    package var replaces: String
    /// The run that was to do it.
    package var run: String
    /// The alert that caused it; nil: none.
    package var trigger: String?
    /// Whether nobody asked for it but the configuration; nil: not said.
    package var automatic: Bool?
    /// Who decided, as the audit log names its actor.
    package var by: String
    /// When it was written, RFC 3339.
    package var at: String

    /// A record by its parts.
    package init(
        nominee: String, replaces: String, run: String, trigger: String? = nil, automatic: Bool? = nil, by: String,
        at: String
    ) {
        self.nominee = nominee
        self.replaces = replaces
        self.run = run
        self.trigger = trigger
        self.automatic = automatic
        self.by = by
        self.at = at
    }

    enum CodingKeys: String, CodingKey { case nominee, replaces, run, trigger, automatic, by, at }

    /// All keys, null where nothing is known.
    package func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode(nominee, forKey: .nominee)
        try container.encode(replaces, forKey: .replaces)
        try container.encode(run, forKey: .run)
        try container.encode(trigger, forKey: .trigger)
        try container.encode(automatic, forKey: .automatic)
        try container.encode(by, forKey: .by)
        try container.encode(at, forKey: .at)
    }

    /// The record as one line of JSON.
    package var line: String { jsonLine(self) }

    /// The record that a line holds; nil when it holds none.
    package init?(line: String) {
        guard let record = try? JSONDecoder().decode(DecisionRecord.self, from: Data(line.utf8)),
            !record.nominee.isEmpty
        else { return nil }
        self = record
    }
}

/// What a voter says of its record.
package enum DecisionAnswer: Sendable, Equatable {
    /// It has none.
    case none
    /// It has this one.
    case record(DecisionRecord)
    /// It could not be asked, or told, and why.
    case unreached(Failure)
}

extension DecisionAct.Draft {
    /// The record as a plan shows it, without who writes it and when.
    func line(for nominee: String) -> String {
        jsonLine(
            DraftLine(automatic: automatic, nominee: nominee, replaces: replaces, run: run, trigger: trigger))
    }
}

private struct DraftLine: Encodable {
    var automatic: Bool?
    var nominee: String
    var replaces: String
    var run: String
    var trigger: String?

    enum CodingKeys: String, CodingKey { case automatic, nominee, replaces, run, trigger }

    func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode(automatic, forKey: .automatic)
        try container.encode(nominee, forKey: .nominee)
        try container.encode(replaces, forKey: .replaces)
        try container.encode(run, forKey: .run)
        try container.encode(trigger, forKey: .trigger)
    }
}

/// A value of texts, numbers and nulls as one line of JSON, its keys in alphabetical order.
func jsonLine(_ value: some Encodable) -> String {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    // Nothing of it can't be encoded.
    return (try? encoder.encode(value)).map { String(decoding: $0, as: UTF8.self) } ?? ""
}
