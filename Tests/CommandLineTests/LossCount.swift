import Lab
import Testing

/// What a failover has cost: what pgdr says of it, and what is really in the data that the old primary left.
struct LossCount {
    /// The commits that clients were told of, and that the new primary doesn't have.
    var acknowledged: Set<Int>
    /// Those that were under way when the old primary died: committed there, and nobody was told.
    var unanswered: Set<Int>
    /// How many commits the rejoin says that it kept.
    var told: Int
}

extension Outage {
    /// Brings an old primary back, and proves that what pgdr says was lost is what was lost: not one commit more, not
    /// one less.
    /// - Parameters:
    ///   - acknowledged: the commits whose writers were told of them, but for those that were lost before.
    ///   - unanswered: what was sent to the old primary, and of which its writers can't tell whether it was committed.
    func countLoss(
        of old: String, to new: String, _ acknowledged: Set<Int>, unanswered: Set<Int>, by observer: Observer,
        sourceLocation: Testing.SourceLocation = #_sourceLocation
    ) async throws -> LossCount {
        let had = try await leftData(of: old)
        let has = try await Clients.numbers(on: node(new))
        let lost = had.subtracting(has)
        let missing = acknowledged.subtracting(has)
        let back = try await observer.run("run", "rejoin", old, "--yes")
        let said = "\(title) \(back.output)\(back.errors)"
        try #require(back.status == 0, "\(said)", sourceLocation: sourceLocation)
        let count = LossCount(
            acknowledged: missing, unanswered: lost.subtracting(missing), told: back.commitsKept ?? 0)
        #expect(count.told == lost.count, "\(said)", sourceLocation: sourceLocation)
        // What was acknowledged is in one of the two.
        let vanished = missing.subtracting(lost)
        #expect(vanished.isEmpty, "\(said)", sourceLocation: sourceLocation)
        let unsent = count.unanswered.subtracting(unanswered)
        #expect(unsent.isEmpty, "\(said)", sourceLocation: sourceLocation)
        return count
    }

    /// What a stopped server's data has of what clients wrote, read from a copy by a server that nobody else reaches.
    func leftData(of name: String) async throws -> Set<Int> {
        try await leftNumbers(of: name, "SELECT number FROM public.client")
    }

    /// The same of any table with a column "number".
    func leftNumbers(of name: String, _ statement: String) async throws -> Set<Int> {
        let node = try node(name)
        let script = """
            copy=$1/../copy
            trap 'rm -rf "$copy"' EXIT
            cp -a "$1" "$copy"
            rm -f "$copy"/*.signal "$copy/postmaster.pid"
            echo "$3" |
                setpriv --reuid "$(stat -c %u "$1")" --regid "$(stat -c %g "$1")" --clear-groups -- \\
                "$2/postgres" --single -D "$copy" -c synchronous_standby_names= -c logging_collector=off postgres |
                sed -n 's/.*: number = "\\([0-9]*\\)".*/\\1/p'
            exit "${PIPESTATUS[1]}"
            """
        let left = try await Tool.bash(script, [node.dataDirectory, lab.postgresBin, statement])
        try #require(left.status == 0, "\(left.errors)")
        return Set(left.output.split(separator: "\n").compactMap { Int($0) })
    }
}
