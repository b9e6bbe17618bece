/// A timeline of WAL: each promotion starts one with a higher number.
public struct Timeline: RawRepresentable, Hashable, Comparable, Sendable, Codable, CustomStringConvertible {
    /// The number, 1 for a new cluster; written in hexadecimal only in file names.
    public let rawValue: UInt32

    /// The timeline of that number.
    public init(rawValue: UInt32) { self.rawValue = rawValue }

    /// The decimal number, as PostgreSQL's functions and messages show it.
    public var description: String { String(rawValue) }

    /// Later timelines are greater; greater doesn't mean descended from (see `TimelineHistory`).
    public static func < (left: Timeline, right: Timeline) -> Bool { left.rawValue < right.rawValue }
}

/// Where a timeline came from: the content of its history file, such as `00000003.history`.
///
/// The format is that of `readTimeLineHistory` in PostgreSQL's `timeline.c`: one line for each ancestor with its
/// number and the position at which it was left, in ascending order; `#` starts a comment.
public struct TimelineHistory: Sendable, Equatable {
    /// An ancestor and where it was left.
    public struct Entry: Sendable, Equatable {
        /// The ancestor.
        public var timeline: Timeline
        /// The first position that is not on the ancestor any more.
        public var switchPoint: LSN

        /// An ancestor and the position at which it was left.
        public init(timeline: Timeline, switchPoint: LSN) {
            self.timeline = timeline
            self.switchPoint = switchPoint
        }
    }

    /// The timeline this is the history of.
    public let timeline: Timeline
    /// Its ancestors, the oldest first; empty for timeline 1.
    public let ancestors: [Entry]

    /// The history of a timeline with these ancestors, the oldest first.
    public init(timeline: Timeline, ancestors: [Entry]) {
        self.timeline = timeline
        self.ancestors = ancestors
    }

    /// Why a text is no history file.
    public struct Malformed: Error, Sendable, Equatable, CustomStringConvertible {
        /// The line, counted from 1.
        public let line: Int
        /// What is wrong with it.
        public let description: String
    }

    /// Parses the content of the history file of `timeline`.
    /// - Throws: `Malformed` for a line that isn't a number and an LSN, and for numbers that don't ascend to
    ///   `timeline`.
    public init(parsing content: String, of timeline: Timeline) throws(Malformed) {
        var ancestors: [Entry] = []
        let lines = content.split(omittingEmptySubsequences: false, whereSeparator: \.isNewline)
        for (index, line) in lines.enumerated() {
            let fields = line.split(whereSeparator: \.isWhitespace)
            guard let first = fields.first, !first.hasPrefix("#") else { continue }
            guard fields.count >= 2, let number = UInt32(first) else {
                throw Malformed(line: index + 1, description: "expected a timeline and an LSN")
            }
            let switchPoint: LSN
            do { switchPoint = try LSN(parsing: String(fields[1])) } catch {
                throw Malformed(line: index + 1, description: error.description)
            }
            let parent = Timeline(rawValue: number)
            guard parent > (ancestors.last?.timeline ?? Timeline(rawValue: 0)), parent < timeline else {
                throw Malformed(line: index + 1, description: "timelines must ascend and be less than \(timeline)")
            }
            ancestors.append(Entry(timeline: parent, switchPoint: switchPoint))
        }
        self.init(timeline: timeline, ancestors: ancestors)
    }

    /// Where this timeline's line of descent left `ancestor`; nil when that is no ancestor.
    public func forkPoint(from ancestor: Timeline) -> LSN? {
        ancestors.first { $0.timeline == ancestor }?.switchPoint
    }

    /// Whether a server that holds WAL up to `position` on `other` can go on along this timeline: it has nothing
    /// that isn't part of this history.
    public func contains(_ position: LSN, on other: Timeline) -> Bool {
        if other == timeline { return true }
        guard let fork = forkPoint(from: other) else { return false }
        return position <= fork
    }

    /// How another history relates to this one.
    package enum Relation: Equatable {
        /// It is this one, or that of an ancestor.
        case same
        /// It is another line, which has WAL in common with this one up to `fork`; nil for none at all.
        case elsewhere(fork: LSN?)
    }

    /// Whether `other` is the history of this timeline or of one of its ancestors, rather than of a timeline that
    /// only bears the same number.
    package func ancestry(of other: TimelineHistory) -> Relation {
        for (index, entry) in other.ancestors.enumerated() {
            let left = index > 0 ? other.ancestors[index - 1].switchPoint : nil
            guard index < ancestors.count, ancestors[index].timeline == entry.timeline else {
                return .elsewhere(fork: left)
            }
            let mine = ancestors[index].switchPoint
            if mine != entry.switchPoint { return .elsewhere(fork: min(mine, entry.switchPoint)) }
        }
        let next = other.ancestors.count < ancestors.count ? ancestors[other.ancestors.count].timeline : timeline
        return next == other.timeline ? .same : .elsewhere(fork: other.ancestors.last?.switchPoint)
    }
}
