internal import Essentials

/// The small shell script every command runs under on the other machine, and the command line that starts it.
///
/// It gives what SSH itself doesn't: the end of the command even when a daemon keeps its output open, output without
/// the noise of login scripts, and the end of the command when we are gone.
///
/// - The channel's own standard input stays open as long as the command runs. When it ends before, then pgdr was
///   killed, gave up, or the link broke, and the process group is told to end, then killed. sshd makes every command
///   the leader of a process group of its own, so `kill 0` reaches the command and its children and nobody else, with
///   no process id that could belong to another process by now. What the command puts into a session of its own,
///   such as a server it starts, is out of reach, and so survives both the command's end and ours.
/// - The watcher is ended before the end is reported: what the command left behind is never killed afterwards.
/// - The command's input travels before it starts, encoded and with its length: a broken link never looks to it like
///   the end of its input.
/// - The records begin with a byte that stands in the script only as an escape, so that neither a list of processes
///   nor an echo of the command line can be taken for one.
/// - A home directory that another account may not enter is left: PostgreSQL's programs fail in such a one.
/// - `exec` in a subshell runs programs only, never the shell's own commands of the same name, and keeps the shell's
///   word about a killed command out of the command's standard error.
/// - A shell that takes more commands reads each from the same standard input, one line each, while it runs none. Then
///   no watcher runs either: what the commands left behind isn't killed when that input ends. A watcher that still ran
///   could take the next line away, so its end is waited for.
enum RemoteScript {
    /// The byte each record begins with: ASCII's record separator.
    static let separator: UInt8 = 0x1E

    /// The script, for a POSIX shell such as dash, bash and busybox have.
    ///
    /// Parameters: the records' token, the length of the encoded input, `check` when the process group is still to be
    /// checked, `more` when further commands may follow, the command's words.
    static let text = """
        token=$1 length=$2 check=$3 more=$4 input=
        newline='
        '
        shift 4
        exec 3<&0 4>&2 </dev/null 2>/dev/null
        cd . || cd /
        if [ "$check" = check ]; then
        read -r group group group group group rest </proc/$$/stat || group=$(ps -o pgid= -p $$)
        [ "$group" -eq $$ ] || { printf "\\036%s!\\n" "$token"; exit; }
        fi
        if [ "$length" -gt 0 ]; then
        input=$(head -c "$length" <&3)
        [ "${#input}" -eq "$length" ] || exit
        fi
        while
        printf "\\036%s+\\n" "$token"
        printf "\\036%s+\\n" "$token" >&4
        ( trap : TERM
        while read -r line; do :; done
        kill -s TERM 0
        sleep 5
        kill -s KILL 0 ) <&3 >/dev/null 4>&- &
        watcher=$!
        if [ "$length" -gt 0 ]; then
        printf %s "$input" | base64 -d 2>&4 | ( exec "$@" 2>&4 3<&- 4>&- )
        else
        ( exec "$@" 2>&4 3<&- 4>&- )
        fi
        code=$?
        kill -s KILL "$watcher"
        wait "$watcher"
        printf "\\036%s-\\n" "$token" >&4
        signal=
        [ "$code" -le 128 ] || signal=$(kill -l $((code - 128)))
        printf "\\036%s-%s %s\\n" "$token" "$code" "$signal"
        [ "$more" = more ] && IFS= read -r line <&3
        do
        eval "set -- $line"
        token=$1
        shift
        done
        """

    /// What the script is to do besides running the words.
    struct Setting {
        var token: String
        var inputLength: Int
        /// Whether the process group is still to be checked.
        var checksGroup: Bool
        /// Whether further commands may follow in the same shell; only for one without input.
        var takesMore = false
        /// Words before the script: what it takes to become another account, or to lead a process group.
        var prefix: [String]
    }

    /// The longest command line that libssh2 sends, in bytes.
    static let longestLine = 34000

    /// The command line for the user's login shell, which is replaced by the script's.
    /// - Throws: `refused` when a word can't be passed on as it is.
    static func line(_ words: [String], _ setting: Setting) throws(Failure) -> String {
        let program = try program(of: words)
        try check(setting.prefix)
        let parameters = [
            "sh", setting.token, "\(setting.inputLength)", setting.checksGroup ? "check" : "checked",
            setting.takesMore ? "more" : "once",
        ]
        let all = setting.prefix + ["sh", "-c", text] + parameters + words
        let line = "exec " + all.map(quoted).joined(separator: " ")
        guard line.utf8.count <= longestLine else {
            throw Failure(
                .refused, "the command \"\(program)\" is too long for SSH",
                detail: "With its quotes it takes \(line.utf8.count) bytes, and libssh2 sends \(longestLine) at most.",
                hint: "Pass long values by the command's standard input.")
        }
        return line
    }

    /// The longest line of a further command, in bytes; a shell reads it byte by byte, and would take longer for a
    /// longer one than a shell of its own takes to start.
    private static let longestFurtherLine = 2000

    /// The line for a shell that takes more commands; nil when the words are too long to go this way.
    /// - Throws: `refused` when a word can't be passed on as it is.
    static func furtherLine(_ words: [String], token: String) throws(Failure) -> String? {
        _ = try program(of: words)
        // A line has no newlines; one in a word stands between single quotes. By scalars: after a carriage return it is
        // a part of one character to Swift.
        let parts = words.map { word in
            quoted(word).unicodeScalars.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
                .joined(separator: #"'"$newline"'"#)
        }
        let line = ([token] + parts).joined(separator: " ") + "\n"
        return line.utf8.count <= longestFurtherLine ? line : nil
    }

    /// The program that words name, all of which can be passed on.
    private static func program(of words: [String]) throws(Failure) -> String {
        try check(words)
        guard let program = words.first, !program.isEmpty, !program.hasPrefix("-") else {
            throw Failure(.refused, "a command needs the name of a program", detail: "The words are \(words).")
        }
        return program
    }

    private static func check(_ words: [String]) throws(Failure) {
        for word in words where word.utf8.contains(0) {
            throw Failure(
                .refused, "a word of a command holds a NUL character",
                detail:
                    "It is \"\(word.split(separator: "\0", omittingEmptySubsequences: false).joined(separator: "\\0"))\"."
            )
        }
    }

    /// A word that a POSIX shell takes for exactly these characters.
    static func quoted(_ word: String) -> String {
        let isPlain = word.utf8.allSatisfy { byte in
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "/"), UInt8(ascii: "."), UInt8(ascii: "-"),
                UInt8(ascii: "_"):
                true
            default: false
            }
        }
        if isPlain, !word.isEmpty { return word }
        // By scalars: a quote with a combining mark after it is one character to Swift, and still a quote to a shell.
        let parts = word.unicodeScalars.split(separator: "'", omittingEmptySubsequences: false).map(String.init)
        return "'" + parts.joined(separator: #"'\''"#) + "'"
    }

    /// A new token, which no output holds by chance.
    static func newToken() -> String {
        var generator = SystemRandomNumberGenerator()
        return (0..<4).map { _ in
            let digits = String(generator.next() as UInt32, radix: 16)
            return String(repeating: "0", count: 8 - digits.count) + digits
        }.joined()
    }
}
