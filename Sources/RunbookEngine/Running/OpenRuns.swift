/// The runs that lines of an audit log leave open, told from their beginnings alone.
///
/// They are asked for before each run, while clients may be waiting, and to decode a long log takes long.
struct OpenRuns {
    /// The runs that were begun and haven't ended, in the order in which they began.
    private(set) var ids: [String] = []

    private static let ends = [RunEvent.done, .undone, .left].map(\.rawValue)

    /// Takes the next line of the log into account.
    mutating func note(_ line: String) {
        // The first of each name is the event's own: what stands before it are texts, in which quotes are escaped.
        guard let event = Self.value(of: "\"event\":\"", in: line), event.hasPrefix("run."),
            let run = Self.value(of: "\"run\":\"", in: line)
        else { return }
        if event == RunEvent.planned.rawValue {
            ids.append(run)
        } else if Self.ends.contains(event) {
            ids.removeAll { $0 == run }
        }
    }

    private static func value(of name: String, in line: String) -> String? {
        guard let place = line.utf8.firstRange(of: name.utf8) else { return nil }
        return String(line[place.upperBound...].prefix { $0 != "\"" })
    }
}
