extension SynchronousStandbyNames {
    /// The setting as it should read on a new primary, nil when it can stay as it is.
    ///
    /// A primary can't confirm its own commits, and a standby that is gone never will: with their names left in, every
    /// commit could wait for ever. The former primary takes the place of the new one in the list; what follows nobody
    /// is left out; of what remains no more must confirm than there are.
    /// - Parameters:
    ///   - own: the application name under which the new primary was a standby.
    ///   - former: that of the former primary, nil when it doesn't come back as a standby.
    ///   - followers: those of all standbys that will follow.
    public func corrected(own: String, former: String?, followers: [String]) -> String? {
        func isSame(_ left: String, _ right: String) -> Bool { left.lowercased() == right.lowercased() }
        if names.contains("*") {
            let able = Set((followers + [former].compactMap(\.self)).map { $0.lowercased() }).count
            return count <= able ? nil : able == 0 ? "" : "\(method.rawValue) \(able) (*)"
        }
        var kept: [String] = []
        for name in names {
            let name = isSame(name, own) ? former : followers.first { isSame($0, name) }.map { _ in name }
            guard let name, !kept.contains(where: { isSame($0, name) }) else { continue }
            kept.append(name)
        }
        guard kept != names else { return nil }
        guard !kept.isEmpty else { return "" }
        let list = kept.map(Self.quoted).joined(separator: ", ")
        return "\(method.rawValue) \(min(count, kept.count)) (\(list))"
    }

    /// A name in double quotes; by scalars, since a quote with a combining mark after it is still one to PostgreSQL.
    private static func quoted(_ name: String) -> String {
        let parts = name.unicodeScalars.split(separator: "\"", omittingEmptySubsequences: false).map(String.init)
        return "\"" + parts.joined(separator: "\"\"") + "\""
    }
}
