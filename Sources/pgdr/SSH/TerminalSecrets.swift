import SSH

extension Secrets {
    /// Passphrases that a person types, where one sits there.
    static let fromTerminal = Secrets { file in
        guard Terminal.canAsk else { return nil }
        return await TerminalPassphrases.shared.passphrase(of: file, askedFor: .now)
    }
}

/// Asks for one passphrase at a time, and once for all hosts that wait for the same one.
private actor TerminalPassphrases {
    static let shared = TerminalPassphrases()

    private var answers: [String: (text: String, at: ContinuousClock.Instant)] = [:]

    /// The passphrase of a key's file.
    ///
    /// An answer from before the question was a wrong one, or it would not be asked.
    func passphrase(of file: String, askedFor moment: ContinuousClock.Instant) -> String? {
        if let answer = answers[file], answer.at > moment { return answer.text }
        let text = Terminal.askSecretly("Passphrase of \"\(file)\": ")
        answers[file] = text.map { ($0, .now) }
        return text
    }
}
