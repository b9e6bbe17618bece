package import Essentials
import Yams

/// Reads the text of a YAML file into a `YAMLValue` of bounded size.
package struct YAMLDocument {
    private let path: String
    /// How many more values may be made.
    ///
    /// Aliases cost nothing in Yams but everything to whoever walks the tree, so each time one is used its whole
    /// content counts (the "billion laughs" attack stops here).
    private var remaining = YAMLDocument.maximumValues

    /// Enough for 5,000 nodes with every key set.
    static let maximumValues = 200_000

    private init(path: String) { self.path = path }

    /// The one document in `yaml`; nil when there is nothing but comments.
    package static func read(_ yaml: String, path: String) throws(Failure) -> YAMLValue? {
        var text = yaml
        text.makeContiguousUTF8()
        guard !AliasExpansion.isUnbounded(text) else { throw tooLarge(path) }
        do {
            // `basic`: nothing is made a number or a truth value, every scalar keeps its text. The encoding is named
            // because Yams otherwise asks the environment, and prints when it finds an answer there.
            guard let node = try Yams.compose(yaml: text, .basic, .default, .utf8) else { return nil }
            var document = YAMLDocument(path: path)
            return try document.value(of: node)
        } catch let failure as Failure {
            throw failure
        } catch let error as YamlError {
            throw YAMLSyntax(yaml: text, path: path).failure(error)
        } catch {
            throw Failure(.configuration, "could not read \(path) as YAML")
        }
    }

    private static func tooLarge(_ path: String) -> Failure {
        Failure(
            .configuration, "\(path) holds more than \(maximumValues) values",
            detail: "Each use of a YAML alias counts with all that it stands for.")
    }

    private mutating func value(of node: Node) throws(Failure) -> YAMLValue {
        let location = location(of: node)
        remaining -= 1
        guard remaining >= 0 else { throw Self.tooLarge(path) }
        try refuseTag(of: node, at: location)
        switch node {
        case .scalar(let scalar):
            if scalar.style == .plain, ["", "~", "null", "Null", "NULL"].contains(scalar.string) {
                return YAMLValue(content: .nothing, location: location)
            }
            // It would end every C string it gets into.
            guard !scalar.string.unicodeScalars.contains("\0") else {
                throw .configuration(at: location, "a NUL character is not allowed")
            }
            return YAMLValue(content: .text(scalar.string), location: location)
        case .sequence(let sequence):
            var list: [YAMLValue] = []
            for element in sequence { list.append(try value(of: element)) }
            return YAMLValue(content: .list(list), location: location)
        case .mapping(let mapping):
            return YAMLValue(content: .mapping(try entries(of: mapping)), location: location)
        case .alias:
            throw .configuration(at: location, "an alias is not allowed here")
        }
    }

    /// The entries of a mapping, followed by those that `<<` brings in and that it doesn't have itself.
    private mutating func entries(of mapping: Node.Mapping) throws(Failure) -> [YAMLValue.Entry] {
        var entries: [YAMLValue.Entry] = []
        var merged: [YAMLValue.Entry] = []
        for (keyNode, valueNode) in mapping {
            let key = try value(of: keyNode)
            guard case .text(let name) = key.content else {
                throw .configuration(at: key.location, "expected a name as key, found \(key.kind)")
            }
            let value = try value(of: valueNode)
            if name == "<<", keyNode.scalar?.style == .plain {
                merged += try Self.merged(value)
            } else {
                entries.append(YAMLValue.Entry(key: name, location: key.location, value: value))
            }
        }
        var keys = Set(entries.map(\.key))
        for entry in merged where keys.insert(entry.key).inserted { entries.append(entry) }
        return entries
    }

    /// What a merge key brings in: a mapping's entries, or those of several, the first of which wins.
    private static func merged(_ value: YAMLValue) throws(Failure) -> [YAMLValue.Entry] {
        guard case .list(let list) = value.content else {
            return try value.entries("a mapping", for: "<<")
        }
        var entries: [YAMLValue.Entry] = []
        for element in list { entries += try element.entries("a mapping", for: "<<") }
        return entries
    }

    /// Refuses tags such as `!vault`, whose meaning would silently be lost.
    private func refuseTag(of node: Node, at location: SourceLocation) throws(Failure) {
        let tag =
            switch node {
            case .scalar(let scalar): scalar.tag
            case .mapping(let mapping): mapping.tag
            case .sequence(let sequence): sequence.tag
            case .alias(let alias): alias.tag
            }
        let harmless: [Tag.Name] = [.implicit, .nonSpecific, .str, .map, .seq, .int, .float, .bool, .null, .merge]
        guard harmless.contains(where: { $0.rawValue == tag.rawValue }) else {
            throw .configuration(at: location, "YAML tags are not supported")
        }
    }

    private func location(of node: Node) -> SourceLocation {
        SourceLocation(path: path, line: node.mark?.line ?? 1, column: node.mark?.column ?? 1)
    }
}
