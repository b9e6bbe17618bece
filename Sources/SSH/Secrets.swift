/// How the passphrases of private keys are got when they are needed.
public struct Secrets: Sendable {
    /// Asks for the passphrase of a key's file; nil when there is none to be had.
    ///
    /// Called only when the server would take the key, and again after a wrong answer.
    public var passphrase: @Sendable (_ keyFile: String) async -> String?

    /// Passphrases from a closure of the caller's.
    public init(passphrase: @escaping @Sendable (_ keyFile: String) async -> String?) {
        self.passphrase = passphrase
    }

    /// No passphrases: encrypted keys are not used.
    public static let none = Secrets { _ in nil }
}
