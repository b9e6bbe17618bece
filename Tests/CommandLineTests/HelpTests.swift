import Testing

@Suite(.serialized, .timeLimit(.minutes(2)))
struct HelpTests {
    static let commands = [
        "status", "check", "init", "config", "config check", "lab", "lab up", "lab status", "lab load", "lab down",
        "demo", "audit", "audit show", "audit verify", "audit export",
        "runbooks", "runbooks list", "runbooks show", "runbooks export", "runbooks validate", "run", "runs", "resume",
        "abort", "pause", "unpause", "failover", "report", "drill", "drill probe", "drill switchover", "drill snapshot",
        "drill clone", "drill history", "estate", "estate check", "estate report",
        "estate example",
    ]

    private func words(_ text: String) -> [String] { text.split(separator: " ").map(String.init) }

    @Test func version() async throws {
        let outcome = try await Tool.run(["--version"])
        #expect(outcome.status == 0)
        #expect(outcome.output.wholeMatch(of: /\d+\.\d+\.\d+\n/) != nil, "\(outcome.output)")
    }

    @Test(arguments: [""] + commands) func helpHasExamplesAndFitsATerminal(command: String) async throws {
        let outcome = try await Tool.run(words(command) + ["--help"])
        #expect(outcome.status == 0)
        #expect(outcome.errors == "")
        let examples = outcome.lines.filter { $0.contains("pgdr \(command)") && !$0.contains("USAGE") }
        #expect(!examples.isEmpty, "\(outcome.output)")
        for line in outcome.lines where !line.hasPrefix("USAGE: ") { #expect(line.count <= 80, "\(line)") }
        #expect(!outcome.output.contains("TimeSpan"), "\(outcome.output)")
    }

    @Test(arguments: ["check", "config check", "lab status", "audit show", "audit verify", "runbooks list", "runs"])
    func helpNamesTheFormatsThereAre(command: String) async throws {
        let help = try await Tool.run(words(command) + ["--help"]).output
        #expect(help.contains("json") && !help.contains("openmetrics"), "\(help)")
        #expect(try await Tool.run(words(command) + ["--format", "nagios"]).status == 64)
    }

    @Test(arguments: [["pause", "--for", "1h", "--reason", " "], ["unpause", "--reason", ""]])
    func aReasonThatSaysNothing(words: [String]) async throws {
        let outcome = try await Tool.run(words)
        #expect(outcome.status == 64 && outcome.errors.hasPrefix("pgdr: --reason must say why."), "\(outcome)")
    }

    /// A monitor whose command line lost its end must not take help for a healthy cluster.
    @Test(arguments: ["", "lab", "config", "audit", "runbooks", "drill", "estate"])
    func withoutSubcommand(command: String) async throws {
        let outcome = try await Tool.run(words(command))
        #expect(outcome.status == 64)
        #expect(outcome.output == "")
        #expect(outcome.errors.contains("SUBCOMMANDS:"))
    }

    @Test(arguments: [
        "nosuch", "--nosuch", "status --nosuch", "status extra", "status --timeout soon", "status --timeout 0",
        "status --watch 0", "status --sample 0", "status --format yaml", "status --watch --sample 1s",
        "status --all --cluster x", "check a b", "check --timeout 0s", "init", "init x --timeout 0",
        "init x --name a/b", "lab up --nodes 0", "lab up --port 80", "lab load --rate 0",
        "lab load --duration 0", "config check extra",
        "audit show --since soon", "audit verify --anchor 1", "audit verify --timeout 0", "audit export --format json",
        "run", "run switchover --set", "run switchover --set dr", "run switchover --set =dr",
        "run switchover --set target=a --set target=b", "run switchover --format nagios", "runs x", "resume", "abort",
        "abort a b", "resume a --done b --repeat b", "runbooks show", "runbooks export", "runbooks validate",
        "runbooks list --format yaml", "pause", "pause --for 1h", "pause --reason x", "pause --for 31d --reason x",
        "pause --for 0 --reason x", "pause --for soon --reason x", "unpause x", "unpause --timeout 0",
        "estate check x", "estate check --timeout 0", "estate check --format openmetrics",
        "estate report --format json",
        "drill probe x", "drill probe --interval 0", "drill probe --for 0", "drill probe --rto soon",
        "drill probe --rpo -1", "drill snapshot", "drill clone a b", "drill snapshot dr --probe-path app",
        "drill clone dr --probe", "run switchover dr --probe-path app", "failover --probe-path app",
        "report", "report a b", "report a --format table", "run switchover dr --report a.txt",
        "run switchover dr --plan --report a.html", "failover --history --report a.md",
        "drill snapshot dr --plan --report a.md", "drill clone dr --plan --report a.md",
    ]) func whatIsNotUnderstood(commandLine: String) async throws {
        let outcome = try await Tool.run(words(commandLine))
        #expect(outcome.status == 64)
        #expect(outcome.output == "")
        #expect(outcome.errors.hasPrefix("pgdr: "), "\(outcome.errors)")
        #expect(outcome.errors.contains("Usage: pgdr"), "\(outcome.errors)")
    }

    @Test(arguments: ["bash", "zsh", "fish"]) func completion(shell: String) async throws {
        let script = try await Tool.run(["--generate-completion-script", shell])
        #expect(script.status == 0)
        #expect(script.output.contains("status") && script.output.contains("check"))
        guard shell == "bash" else { return }
        try await withDirectory { directory in
            let file = try write(script.output, to: "\(directory)/pgdr.bash")
            let checked = try await Tool.bash("bash -n \"$1\"", [file])
            #expect(checked.status == 0 && checked.errors == "", "\(checked.errors)")
        }
    }
}
