import Audit
import Essentials

/// Prints events as they are read, some at a time.
struct AuditPrinter {
    private let format: DocumentFormat
    private var table: AuditTable

    init(format: DocumentFormat, style: Style) {
        self.format = format
        table = AuditTable(style: style)
    }

    /// Prints all that there is now.
    mutating func printRest(of reader: inout AuditReader) throws(Failure) {
        while !Task.isCancelled {
            var lines: [AuditLine] = []
            while lines.count < Self.portion, let line = try reader.next() { lines.append(line) }
            guard !lines.isEmpty else { return }
            switch format {
            case .json: Terminal.print(lines.map(\.text).joined(separator: "\n"))
            case .table: Terminal.print(table.text(lines))
            }
        }
    }

    /// The columns of as many events are aligned at once.
    private static let portion = 500
}
