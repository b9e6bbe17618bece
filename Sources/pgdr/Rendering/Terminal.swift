import Replication

#if canImport(Glibc)
    import Glibc
#else
    import Darwin
#endif

/// What the terminal behind standard output can do, and writing to both streams.
enum Terminal {
    /// Whether results go to a person's terminal.
    static var isInteractive: Bool { isatty(STDOUT_FILENO) == 1 }

    /// Colours only for a person, and not when NO_COLOR asks for none (no-color.org).
    static var hasColours: Bool {
        guard isInteractive, getenv("TERM").map({ String(cString: $0) != "dumb" }) ?? false else { return false }
        return getenv("NO_COLOR").map { $0.pointee == 0 } ?? true
    }

    /// Whether a person sits before standard input and standard error.
    static var canAsk: Bool { isatty(STDIN_FILENO) == 1 && isatty(STDERR_FILENO) == 1 }

    /// Asks a question that is answered by yes or no; anything but a yes is a no.
    static func asks(_ question: String) -> Bool {
        write("\(question) [y/N] ", to: STDERR_FILENO)
        let answer = readLine()?.lowercased() ?? ""
        return ["y", "yes"].contains(answer)
    }

    /// Asks for something that must not be seen, on the terminal itself; nil when there is none or nothing was typed.
    static func askSecretly(_ question: String) -> String? {
        let terminal = open("/dev/tty", O_RDWR | O_CLOEXEC | O_NOCTTY)
        guard terminal >= 0 else { return nil }
        defer { _ = close(terminal) }
        var before = termios()
        guard tcgetattr(terminal, &before) == 0 else { return nil }
        var silent = before
        silent.c_lflag &= ~tcflag_t(ECHO)
        guard tcsetattr(terminal, TCSAFLUSH, &silent) == 0 else { return nil }
        defer {
            tcsetattr(terminal, TCSAFLUSH, &before)
            write("\n", to: terminal)
        }
        write(question, to: terminal)
        var line: [UInt8] = []
        var byte: UInt8 = 0
        while read(terminal, &byte, 1) == 1, byte != UInt8(ascii: "\n") { line.append(byte) }
        return line.isEmpty ? nil : String(decoding: line, as: UTF8.self)
    }

    /// Writes a result, followed by a line break, at once: a pipe's reader sees it when it is complete.
    static func print(_ text: String) { write(text + "\n", to: STDOUT_FILENO) }

    /// Writes progress or an error.
    static func note(_ text: String) { write(text + "\n", to: STDERR_FILENO) }

    /// Goes to the terminal's second screen and back, as full-screen programs do.
    static func useSecondScreen(_ isUsed: Bool) { write("\u{1B}[?1049\(isUsed ? "h" : "l")", to: STDOUT_FILENO) }

    /// Replaces all that the terminal shows, cut to its height, since what scrolls can't be replaced.
    static func show(_ text: String) {
        var lines = text.split(separator: "\n", omittingEmptySubsequences: false)
        var size = winsize()
        if ioctl(STDOUT_FILENO, UInt(TIOCGWINSZ), &size) == 0, size.ws_row > 2, lines.count > Int(size.ws_row) {
            let hidden = lines.count - Int(size.ws_row) + 1
            lines = lines.prefix(Int(size.ws_row) - 1) + ["… \(hidden) more lines"]
        }
        write("\u{1B}[H\u{1B}[J\(lines.joined(separator: "\n"))", to: STDOUT_FILENO)
    }

    /// Writes progress over the line before, without going on to the next one until it is the last.
    static func rewrite(_ text: String, isLast: Bool) {
        write("\r\u{1B}[K\(text)\(isLast ? "\n" : "")", to: STDERR_FILENO)
    }

    private static func write(_ text: String, to descriptor: Int32) {
        var text = text
        text.withUTF8 { bytes in
            var rest = UnsafeRawBufferPointer(bytes)
            while let base = rest.baseAddress, !rest.isEmpty {
                #if canImport(Glibc)
                    let count = Glibc.write(descriptor, base, rest.count)
                #else
                    let count = Darwin.write(descriptor, base, rest.count)
                #endif
                if count < 0, errno == EINTR { continue }
                guard count > 0 else { return descriptor == STDOUT_FILENO ? giveUp(errno) : () }
                rest = UnsafeRawBufferPointer(rebasing: rest[count...])
            }
        }
    }

    /// Ends the program as if it were told to.
    ///
    /// Results that get nowhere are no reason to go on, but what has something to clean up does so. A reader that is
    /// gone knows why; a full disk must be told.
    private static func giveUp(_ reason: Int32) {
        if reason != EPIPE { note("pgdr: could not write to standard output: \(String(cString: strerror(reason)))") }
        kill(getpid(), SIGTERM)
    }
}

/// Text with colour where the terminal has it.
struct Style {
    var hasColours: Bool

    func bold(_ text: String) -> String { wrap(text, "1") }
    func dim(_ text: String) -> String { wrap(text, "2") }
    func green(_ text: String) -> String { wrap(text, "32") }
    func yellow(_ text: String) -> String { wrap(text, "33") }
    func red(_ text: String) -> String { wrap(text, "1;31") }

    /// In the colour of a severity.
    func coloured(_ text: String, _ severity: Severity) -> String {
        switch severity {
        case .ok: green(text)
        case .warning, .unknown: yellow(text)
        case .critical: red(text)
        }
    }

    private func wrap(_ text: String, _ code: String) -> String {
        hasColours ? "\u{1B}[\(code)m\(text)\u{1B}[0m" : text
    }
}
