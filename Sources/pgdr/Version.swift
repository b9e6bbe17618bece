/// The program's version, semantic.
enum Version {
    static let text = "0.1.0"
}
