import Essentials

/// What became of each runbook that was killed after each of its entries, and then resumed or aborted.
struct CrashMatrix {
    /// What is done with the run that was left.
    enum Remedy: String, CaseIterable {
        case resume
        case abort
    }

    /// When pgdr is killed, of what its last entry announces.
    enum Instant: String, CaseIterable {
        /// Nothing of it has been done.
        case announced
        /// All of it has been done.
        case acted
    }

    /// What came of one kill.
    struct Cell {
        var word: String
        var problems: [String] = []
        /// Whether it could not be aborted any more.
        var isBeyondReturn = false
    }

    private struct Row {
        var runbook: String
        var count: Int
        var entry: String
        var cells: [String: Cell] = [:]
    }

    private static let columns = Remedy.allCases.flatMap { remedy in Instant.allCases.map { title(remedy, $0) } }

    private static func title(_ remedy: Remedy, _ instant: Instant) -> String { "\(instant), \(remedy)" }

    private var rows: [Row] = []

    /// Notes what came of a kill after the `count`th entry.
    mutating func note(
        _ cell: Cell, _ runbook: String, _ count: Int, entry: String, _ instant: Instant, _ remedy: Remedy
    ) {
        let remedy = Self.title(remedy, instant)
        if let place = rows.firstIndex(where: { $0.runbook == runbook && $0.count == count }) {
            rows[place].cells[remedy] = cell
        } else {
            rows.append(Row(runbook: runbook, count: count, entry: entry, cells: [remedy: cell]))
        }
    }

    /// The cells with problems, in words.
    var bad: [String] {
        rows.flatMap { row in
            row.cells.sorted { $0.key < $1.key }.filter { !$0.value.problems.isEmpty }.map {
                "\(row.runbook) \(row.count) (\(row.entry)) \($0.key): \($0.value.word); "
                    + $0.value.problems.joined(separator: "; ")
            }
        }
    }

    /// How many kills there were.
    var count: Int { rows.reduce(0) { $0 + $1.cells.count } }

    /// A line for each entry.
    var text: String {
        let lines = rows.map { row in
            [row.runbook, "\(row.count)", row.entry]
                + Self.columns.map { column in
                    row.cells[column].map { $0.problems.isEmpty ? $0.word : "BAD: \($0.word)" } ?? "-"
                }
        }
        let all = [["RUNBOOK", "", "LAST ENTRY"] + Self.columns.map { $0.uppercased() }] + lines
        let widths = all[0].indices.map { column in all.map { $0[column].count }.max() ?? 0 }
        return all.map { line in
            zip(line, widths).map { $0 + String(repeating: " ", count: $1 - $0.count) }.joined(separator: "  ")
        }.joined(separator: "\n")
    }
}
