/// `pgdr --config F status` is `pgdr status --config F`: options that every command has may stand before it.
enum LeadingOptions {
    private static let names: Set<String> = ["--config", "-c", "--cluster", "-C"]

    /// The arguments with the options before the command moved to the end.
    static func moved(_ arguments: [String]) -> [String] {
        var leading: [String] = []
        var rest = arguments[...]
        while let first = rest.first {
            if names.contains(first), rest.count > 1 {
                leading += rest.prefix(2)
                rest = rest.dropFirst(2)
            } else if names.contains(where: { $0.hasPrefix("--") && first.hasPrefix("\($0)=") }) {
                leading.append(first)
                rest = rest.dropFirst()
            } else {
                break
            }
        }
        return rest + leading
    }
}
