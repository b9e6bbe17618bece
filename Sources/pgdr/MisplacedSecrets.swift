/// Connection strings where none belongs, which an error must not repeat with the password in them.
struct MisplacedSecrets {
    private let texts: [String]

    /// Those among the arguments of a command line.
    init(_ arguments: [String]) {
        texts = arguments.filter { argument in
            argument.contains("password") || (argument.contains("://") && argument.contains("@"))
        }
    }

    /// A message without them.
    func removed(from message: String) -> String {
        // An option's value is repeated without its name.
        let values = texts + texts.compactMap { $0.split(separator: "=", maxSplits: 1).last.map(String.init) }
        return values.reduce(message) { $0.replacing($1, with: "…") }
    }
}
