import Essentials

/// What became of each runbook that was killed after each of its entries, and then resumed or aborted.
struct CrashMatrix {
    /// What is done with the run that was left.
    enum Remedy: String, CaseIterable {
        case resume
        case abort
    }

    /// What came of one kill.
    struct Cell {
        var word: String
        var problems: [String] = []
    }

    private struct Row {
        var runbook: String
        var count: Int
        var entry: String
        var cells: [Remedy: Cell] = [:]
    }

    private var rows: [Row] = []

    /// Notes what came of a kill after the `count`th entry.
    mutating func note(_ cell: Cell, _ runbook: String, _ count: Int, entry: String, _ remedy: Remedy) {
        if let place = rows.firstIndex(where: { $0.runbook == runbook && $0.count == count }) {
            rows[place].cells[remedy] = cell
        } else {
            rows.append(Row(runbook: runbook, count: count, entry: entry, cells: [remedy: cell]))
        }
    }

    /// The cells with problems, in words.
    var bad: [String] {
        rows.flatMap { row in
            row.cells.sorted { $0.key.rawValue < $1.key.rawValue }.filter { !$0.value.problems.isEmpty }.map {
                "\(row.runbook) \(row.count) (\(row.entry)), then \($0.key.rawValue): \($0.value.word); "
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
                + Remedy.allCases.map { remedy in
                    row.cells[remedy].map { $0.problems.isEmpty ? $0.word : "BAD: \($0.word)" } ?? "-"
                }
        }
        let all = [["RUNBOOK", "ENTRY", "", "RESUME", "ABORT"]] + lines
        let widths = (0..<5).map { column in all.map { $0[column].count }.max() ?? 0 }
        return all.map { line in
            zip(line, widths).map { $0 + String(repeating: " ", count: $1 - $0.count) }.joined(separator: "  ")
        }.joined(separator: "\n")
    }
}
