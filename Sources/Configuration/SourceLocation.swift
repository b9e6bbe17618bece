package import Essentials

/// A place in a configuration file; line and column count from 1, columns in Unicode scalars.
package struct SourceLocation: Sendable, Equatable, CustomStringConvertible {
    /// The file as the user named it.
    package var path: String
    /// The line, from 1.
    package var line: Int
    /// The column, from 1.
    package var column: Int

    /// A place by its parts.
    package init(path: String, line: Int, column: Int) {
        self.path = path
        self.line = line
        self.column = column
    }

    /// Whether it stands behind another place in the same file.
    func isAfter(_ other: SourceLocation) -> Bool { (line, column) > (other.line, other.column) }

    /// The place as compilers write it: `pgdr.yaml:12:9`.
    package var description: String { "\(path):\(line):\(column)" }
}

/// Something in a configuration that works but that a person should change.
package struct ConfigurationWarning: Sendable, Equatable, CustomStringConvertible {
    /// Where it stands.
    package var location: SourceLocation
    /// What is wrong: lower case, no full stop, no secret.
    package var text: String
    /// What to do about it.
    package var hint: String

    /// A warning by its parts.
    package init(location: SourceLocation, text: String, hint: String) {
        self.location = location
        self.text = text
        self.hint = hint
    }

    /// The place and the text on one line.
    package var description: String { "\(location): \(text)" }
}

extension Failure {
    /// A failure that names the place in the file before its message.
    package static func configuration(
        at location: SourceLocation, _ message: String, detail: String? = nil, hint: String? = nil
    ) -> Failure {
        Failure(.configuration, "\(location): \(message)", detail: detail, hint: hint)
    }
}
