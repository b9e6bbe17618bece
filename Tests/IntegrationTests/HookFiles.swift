import Foundation
import Lab

/// Files that hooks append to what they read.
struct HookFiles {
    let directory: String

    init(_ stage: Stage) { directory = stage.lab.directory }

    /// A command that appends what it reads to a file.
    func append(_ name: String) -> [String] { ["/bin/sh", "-c", "cat >>\"$1\"", "sh", "\(directory)/\(name)"] }

    /// What was appended.
    func events(_ name: String) throws -> [HeardEvent] {
        guard let bytes = try? read("\(directory)/\(name)") else { return [] }
        return try bytes.split(separator: UInt8(ascii: "\n")).map {
            try JSONDecoder().decode(HeardEvent.self, from: Data($0))
        }
    }
}

/// An event as a hook reads it; decoding fails without the keys that are always there.
struct HeardEvent: Decodable, Equatable {
    var schema: Int
    var event: String
    var cluster: String
    var primary: Node
    var former: Node?
    var timeline: Int?
    var run: String?
    var runbook: String?
    var trigger: String?
    var at: String?
    var reasons: [Reason]?

    struct Node: Decodable, Equatable {
        var node: String
        var host: String?
        var port: Int?
        var site: String?
    }

    struct Reason: Decodable, Equatable {
        var reason: String
        var node: String?
        var detail: String
    }
}
