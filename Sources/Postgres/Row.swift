internal import CLibpq
internal import Essentials

/// What a statement returned: copied out of libpq, so it lives on its own.
public struct QueryResult: Sendable {
    /// The names of the columns, in order.
    public let columns: [String]
    /// The rows, in the server's order.
    public let rows: [Row]

    /// Copies a result in libpq's text format.
    init(copying result: OpaquePointer) {
        let columns = (0..<PQnfields(result)).map { String(cString: PQfname(result, $0)) }
        self.columns = columns
        rows = (0..<PQntuples(result)).map { row in
            Row(
                columns: columns,
                values: (0..<Int32(columns.count)).map { column in
                    PQgetisnull(result, row, column) == 1
                        ? nil
                        : String(
                            decoding: UnsafeRawBufferPointer(
                                start: PQgetvalue(result, row, column), count: Int(PQgetlength(result, row, column))),
                            as: UTF8.self)
                })
        }
    }

    /// The only row.
    /// - Throws: `unexpected_answer` when there is none or more than one.
    public func onlyRow() throws(PostgresError) -> Row {
        guard rows.count == 1, let row = rows.first else {
            throw .failure(Failure(.unexpectedAnswer, "expected one row, the server returned \(rows.count)"))
        }
        return row
    }
}

/// One row, its values read by the name of the column.
public struct Row: Sendable {
    private let columns: [String]
    private let values: [String?]

    init(columns: [String], values: [String?]) {
        self.columns = columns
        self.values = values
    }

    /// The text of a value, nil for NULL.
    /// - Throws: `unexpected_answer` when there is no such column.
    public func text(_ column: String) throws(PostgresError) -> String? {
        guard let index = columns.firstIndex(of: column) else {
            throw .failure(Failure(.unexpectedAnswer, "the answer has no column \"\(column)\""))
        }
        return values[index]
    }

    /// A `boolean`, nil for NULL.
    /// - Throws: `unexpected_answer` when it is something else.
    public func bool(_ column: String) throws(PostgresError) -> Bool? {
        try value(column, "boolean") { $0 == "t" ? true : $0 == "f" ? false : nil }
    }

    /// A `smallint`, `integer` or `bigint`, nil for NULL.
    /// - Throws: `unexpected_answer` when it is something else.
    public func integer(_ column: String) throws(PostgresError) -> Int64? {
        try value(column, "integer") { Int64($0) }
    }

    /// A `double precision`, `real` or `numeric`, nil for NULL.
    /// - Throws: `unexpected_answer` when it is something else.
    public func double(_ column: String) throws(PostgresError) -> Double? {
        try value(column, "number") { Double($0) }
    }

    private func value<Value>(
        _ column: String, _ type: String, _ parse: (String) -> Value?
    ) throws(PostgresError) -> Value? {
        guard let text = try text(column) else { return nil }
        guard let value = parse(text) else {
            throw .failure(Failure(.unexpectedAnswer, "column \"\(column)\" is not of type \(type)"))
        }
        return value
    }
}
