/// One SQL statement for one node: its text is fixed, its values travel apart from it.
package struct Statement: Sendable, Equatable, Codable {
    /// The node it is sent to.
    package var node: String
    /// The statement, with `$1`, `$2`, … for the parameters.
    package var sql: String
    /// The values; nil is NULL.
    package var parameters: [String?]
    /// The text of its only value, where another one means that it failed; nil: any answer will do.
    package var expected: String?
    /// SQLSTATEs that mean that what it does was done before.
    package var tolerated: [String]

    /// A statement by its parts.
    package init(
        _ sql: String, on node: String, _ parameters: [String?] = [], expected: String? = nil,
        tolerating tolerated: [String] = []
    ) {
        self.node = node
        self.sql = sql
        self.parameters = parameters
        self.expected = expected
        self.tolerated = tolerated
    }
}
