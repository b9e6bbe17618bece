/// The built-in runbooks, embedded from the files beside this one.
package enum RunbookFile {
    /// Their names and texts, in alphabetical order.
    package static let all: [(name: String, text: String)] = [
        ("switchover", text(PackageResources.switchover_yaml))
    ]

    private static func text(_ bytes: [UInt8]) -> String { String(decoding: bytes, as: UTF8.self) }
}
