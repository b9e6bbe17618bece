/// Names with values, as the scripts write them: each ended by a NUL, because a file name may hold anything else.
struct RemoteRecords {
    /// The pairs in the order in which they came.
    let pairs: [(name: String, value: String)]

    /// Splits a script's output; a torn last record is left out.
    init(_ output: [UInt8]) {
        let fields = output.split(separator: 0, omittingEmptySubsequences: false).dropLast()
            .map { String(decoding: $0, as: UTF8.self) }
        pairs = stride(from: 0, to: fields.count - fields.count % 2, by: 2).map { (fields[$0], fields[$0 + 1]) }
    }

    /// The first value of that name.
    subscript(name: String) -> String? { pairs.first { $0.name == name }?.value }

    /// The first value of that name unless it is empty.
    func text(_ name: String) -> String? { self[name].flatMap { $0.isEmpty ? nil : $0 } }

    /// All values of that name.
    func all(_ name: String) -> [String] { pairs.filter { $0.name == name }.map(\.value) }

    /// The values of `name`, each with those values of `others` that follow it before the next one of `name`.
    func groups(_ name: String, _ others: String...) -> [(value: String, others: [String?])] {
        var groups: [(value: String, others: [String?])] = []
        for pair in pairs {
            if pair.name == name {
                groups.append((pair.value, others.map { _ in nil }))
            } else if let index = others.firstIndex(of: pair.name), !groups.isEmpty {
                groups[groups.count - 1].others[index] = pair.value
            }
        }
        return groups
    }
}
