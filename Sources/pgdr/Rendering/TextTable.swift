/// Columns of text, aligned; cells may carry colour, which takes no room.
struct TextTable {
    /// Which side of its column a cell stands on.
    enum Alignment {
        case left
        case right
    }

    private let columns: [(title: String, alignment: Alignment)]
    private var rows: [[String]] = []

    init(_ columns: [(title: String, alignment: Alignment)]) { self.columns = columns }

    mutating func append(_ cells: [String]) { rows.append(cells) }

    /// The lines, the titles first; a column in which every cell is empty is left out.
    func lines(indent: Int = 2, style: Style) -> [String] {
        let shown = columns.indices.filter { column in rows.contains { !$0[column].isEmpty } }
        let widths = columns.indices.map { column in
            ([columns[column].title] + rows.map { $0[column] }).map(Self.width).max() ?? 0
        }
        func line(_ cells: [String]) -> String {
            let padded = shown.map { column in
                let space = String(repeating: " ", count: widths[column] - Self.width(cells[column]))
                return columns[column].alignment == .left ? cells[column] + space : space + cells[column]
            }
            let text = String(repeating: " ", count: indent) + padded.joined(separator: "  ")
            return String(text.reversed().drop { $0 == " " }.reversed())
        }
        return [style.dim(line(columns.map(\.title)))] + rows.map(line)
    }

    /// The characters that a cell takes on a terminal.
    private static func width(_ cell: String) -> Int {
        var width = 0
        var isColour = false
        for character in cell {
            if character == "\u{1B}" { isColour = true }
            if !isColour { width += 1 }
            if character == "m" { isColour = false }
        }
        return width
    }
}
