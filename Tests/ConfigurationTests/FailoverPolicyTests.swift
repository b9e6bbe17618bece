import Configuration
import Testing

@Suite struct FailoverPolicyTests {
    /// A file whose nodes stand at the sites `here`, `there` and none; the policy begins in column 15 of line 3.
    private static func file(_ policy: String) -> String {
        """
        clusters:
          c:
            failover: \(policy)
            nodes:
              a: {connection: host=a, kind: primary, site: here}
              b: {connection: host=b, kind: dr, site: there}
              c: {connection: host=c, kind: replica}

        """
    }

    private func policy(_ text: String) throws -> FailoverPolicy {
        try parsed(Self.file(text)).cluster(named: nil).failover
    }

    @Test func hasDefaults() {
        let policy = FailoverPolicy()
        #expect(policy.mode == .manual)
        #expect(policy.confirmFor == .seconds(5))
        #expect(policy.interval == .seconds(1))
        #expect(!policy.restartFirst)
        #expect(policy.maxLag == .init(bytes: 16_777_216, seconds: nil))
        #expect(policy.fencing == .required)
        #expect(policy.fenceCommand == nil)
        #expect(policy.cooldown == .seconds(600))
        #expect(policy.atMost == .init(failovers: 2, within: .seconds(86_400)))
        #expect(policy.preferSites.isEmpty && policy.avoidSites.isEmpty)
        #expect(policy.routes.isEmpty && policy.notify.isEmpty)
        #expect(policy.hookTimeout == .seconds(10))
        #expect(policy.after == nil)
    }

    @Test func endsWithAnEstateThatThereIs() throws {
        let estate = "estate: {services: {db: {kind: postgres, node: a}}}\n"
        #expect(try parsed(Self.file("{after: estate}") + estate).cluster(named: nil).failover.after == .estate)
        try Refusal(
            Self.file("{after: estate}"), "pgdr.yaml:2:3: cluster \"c\" has \"after: estate\", and there is no estate",
            hint: "Add \"estate:\"; see an example with: pgdr estate example"
        ).check()
        try Refusal(
            Self.file("{after: party}") + estate, "pgdr.yaml:3:23: expected \"estate\" for \"after\", found \"party\""
        ).check()
    }

    @Test func readsEveryKey() throws {
        var expected = FailoverPolicy()
        expected.mode = .automatic
        expected.confirmFor = .milliseconds(1500)
        expected.interval = .milliseconds(200)
        expected.restartFirst = true
        expected.maxLag = .init(bytes: 1_048_576, seconds: 2.5)
        expected.fencing = .bestEffort
        expected.fenceCommand = ["/sbin/fence", "-a", "a b", ""]
        expected.cooldown = .seconds(3600)
        expected.atMost = .init(failovers: 3, within: .seconds(7200))
        expected.preferSites = ["there"]
        expected.avoidSites = ["here"]
        expected.routes = [["/bin/route"], ["/bin/dns", "main"]]
        expected.notify = [["/bin/tell", "dba"]]
        expected.hookTimeout = .seconds(30)
        let text = """
            {mode: automatic, confirm_for: 1.5s, interval: 200ms, restart_first: true, \
            max_lag: {bytes: 1MB, seconds: 2.5s}, fencing: best_effort, fence_command: [/sbin/fence, -a, a b, ""], \
            cooldown: 1h, at_most: {failovers: 3, within: 2h}, prefer_sites: [there], avoid_sites: [here], \
            routes: [[/bin/route], [/bin/dns, main]], notify: [[/bin/tell, dba]], hook_timeout: 30s}
            """
        #expect(try policy(text) == expected)
    }

    /// The defaults with a change.
    private static func changed(_ change: (inout FailoverPolicy) -> Void) -> FailoverPolicy {
        var policy = FailoverPolicy()
        change(&policy)
        return policy
    }

    @Test(
        arguments: [
            ("{}", FailoverPolicy()),
            ("{mode: manual}", changed { $0.mode = .manual }),
            ("{mode: observe}", changed { $0.mode = .observe }),
            ("{fencing: required}", changed { $0.fencing = .required }),
            ("{restart_first: false}", changed { $0.restartFirst = false }),
            ("{confirm_for: 0s}", changed { $0.confirmFor = .zero }),
            ("{confirm_for: 10min}", changed { $0.confirmFor = .seconds(600) }),
            ("{interval: 100ms}", changed { $0.interval = .milliseconds(100) }),
            ("{interval: 1min}", changed { $0.interval = .seconds(60) }),
            ("{cooldown: 0s}", changed { $0.cooldown = .zero }),
            ("{cooldown: 7d}", changed { $0.cooldown = .seconds(604_800) }),
            ("{hook_timeout: 100ms}", changed { $0.hookTimeout = .milliseconds(100) }),
            ("{hook_timeout: 10min}", changed { $0.hookTimeout = .seconds(600) }),
            ("{max_lag: off}", changed { $0.maxLag = .init(bytes: nil, seconds: nil) }),
            ("{max_lag: {}}", changed { $0.maxLag = .init(bytes: 16 << 20, seconds: nil) }),
            ("{max_lag: {bytes: OFF}}", changed { $0.maxLag = .init(bytes: nil, seconds: nil) }),
            ("{max_lag: {bytes: 0B}}", changed { $0.maxLag = .init(bytes: 0, seconds: nil) }),
            ("{max_lag: {seconds: 1min}}", changed { $0.maxLag = .init(bytes: 16 << 20, seconds: 60) }),
            ("{max_lag: {bytes: 1GB, seconds: off}}", changed { $0.maxLag = .init(bytes: 1 << 30, seconds: nil) }),
            ("{at_most: {failovers: 1}}", changed { $0.atMost = .init(failovers: 1, within: .seconds(86_400)) }),
            ("{at_most: {failovers: 100}}", changed { $0.atMost = .init(failovers: 100, within: .seconds(86_400)) }),
            ("{at_most: {within: 1min}}", changed { $0.atMost = .init(failovers: 2, within: .seconds(60)) }),
            ("{at_most: {within: 30d}}", changed { $0.atMost = .init(failovers: 2, within: .seconds(2_592_000)) }),
            ("{prefer_sites: [there, here]}", changed { $0.preferSites = ["there", "here"] }),
            ("{prefer_sites: [], routes: []}", FailoverPolicy()),
            ("{fence_command: [/x]}", changed { $0.fenceCommand = ["/x"] }),
        ])
    func readsWhatIsGiven(text: String, expected: FailoverPolicy) throws {
        #expect(try policy(text) == expected)
    }

    private static func refusal(
        _ policy: String, _ column: Int, _ message: String, detail: String? = nil, hint: String? = nil
    ) -> Refusal {
        Refusal(file(policy), "pgdr.yaml:3:\(column): \(message)", detail: detail, hint: hint)
    }

    @Test(arguments: [
        refusal("automatic", 15, "expected a mapping for \"failover\", found \"automatic\""),
        refusal(
            "{mode: auto}", 22, "expected \"manual\", \"observe\" or \"automatic\" for \"mode\", found \"auto\""),
        refusal("{mode: }", 22, "expected \"manual\", \"observe\" or \"automatic\" for \"mode\", found nothing"),
        refusal("{restart_first: yes}", 31, "expected true or false for \"restart_first\", found \"yes\""),
        refusal("{fencing: off}", 25, "expected \"required\" or \"best_effort\" for \"fencing\", found \"off\""),
        refusal("{confirm_for: 601s}", 29, "\"confirm_for\" must be between 0s and 10min"),
        refusal("{interval: 99ms}", 26, "\"interval\" must be between 100ms and 1min"),
        refusal("{interval: 61s}", 26, "\"interval\" must be between 100ms and 1min"),
        refusal("{cooldown: 169h}", 26, "\"cooldown\" must be between 0s and 7d"),
        refusal("{hook_timeout: 99ms}", 30, "\"hook_timeout\" must be between 100ms and 10min"),
        refusal("{hook_timeout: 11min}", 30, "\"hook_timeout\" must be between 100ms and 10min"),
        refusal(
            "{cooldown: off}", 26, "invalid value for \"cooldown\": \"off\"",
            detail: "It must be a number and a unit.",
            hint: "Valid units are \"us\", \"ms\", \"s\", \"min\", \"h\" and \"d\"."),
        refusal(
            "{max_lag: 16MB}", 25,
            "expected \"off\" or a mapping of \"bytes\" and \"seconds\" for \"max_lag\", found \"16MB\""),
        refusal(
            "{max_lag: {seconds: 5}}", 35, "invalid value for \"max_lag.seconds\": \"5\"",
            detail: "It has no unit.",
            hint: "Valid units are \"us\", \"ms\", \"s\", \"min\", \"h\" and \"d\"; write \"5s\", for example."),
        refusal(
            "{at_most: 2}", 25, "expected a mapping of \"failovers\" and \"within\" for \"at_most\", found \"2\""),
        refusal(
            "{at_most: {failovers: 0}}", 37,
            "expected a whole number from 1 to 100 for \"at_most.failovers\", found \"0\""),
        refusal(
            "{at_most: {failovers: 101}}", 37,
            "expected a whole number from 1 to 100 for \"at_most.failovers\", found \"101\""),
        refusal("{at_most: {within: 59s}}", 34, "\"at_most.within\" must be between 1min and 30d"),
        refusal("{at_most: {within: 31d}}", 34, "\"at_most.within\" must be between 1min and 30d"),
    ])
    func refusesValues(_ refusal: Refusal) throws { try refusal.check() }

    @Test(arguments: [
        refusal(
            "{fence_command: /sbin/fence}", 31,
            "expected a list of words such as [/usr/local/bin/tell, dba] for \"fence_command\", found text"),
        refusal(
            "{fence_command: []}", 31,
            "expected a list of words such as [/usr/local/bin/tell, dba] for \"fence_command\", found a list"),
        refusal(
            "{fence_command: [fence, /x]}", 32,
            "expected an absolute path as the command's first word for \"fence_command\", found \"fence\""),
        refusal(
            "{fence_command: [~/fence]}", 32,
            "expected an absolute path as the command's first word for \"fence_command\", found \"~/fence\""),
        refusal(
            "{fence_command: [/x, [y]]}", 36,
            "expected a word of the command for \"fence_command\", found a list"),
        refusal(
            "{routes: /bin/route}", 24,
            "expected a list of commands such as [[/usr/local/bin/tell, dba]] for \"routes\", found text"),
        refusal(
            "{routes: [/bin/route, main]}", 25,
            "expected a list of words such as [/usr/local/bin/tell, dba] for \"routes\", found text"),
        refusal(
            "{notify: [[/bin/tell], []]}", 38,
            "expected a list of words such as [/usr/local/bin/tell, dba] for \"notify\", found a list"),
        refusal(
            "{notify: [[tell]]}", 26,
            "expected an absolute path as the command's first word for \"notify\", found \"tell\""),
    ])
    func refusesCommands(_ refusal: Refusal) throws { try refusal.check() }

    @Test(arguments: [
        refusal("{prefer_sites: here}", 30, "expected a list of sites for \"prefer_sites\", found \"here\""),
        refusal(
            "{prefer_sites: [elsewhere]}", 31, "no node stands at the site \"elsewhere\"",
            detail: "Sites of nodes: \"here\" and \"there\"."),
        refusal(
            "{avoid_sites: [Here]}", 30, "no node stands at the site \"Here\"", hint: "Did you mean \"here\"?"),
        refusal(
            "{prefer_sites: [here, there, here]}", 44, "the site \"here\" appears twice in \"prefer_sites\""),
        refusal(
            "{prefer_sites: [here], avoid_sites: [there, here]}", 59,
            "the site \"here\" is both preferred and avoided"),
        refusal(
            "{avoid_sites: [here], prefer_sites: [there, here]}", 59,
            "the site \"here\" is both preferred and avoided"),
        Refusal(
            cluster("failover: {avoid_sites: [here]}"), "pgdr.yaml:3:30: no node stands at the site \"here\"",
            detail: "No node has a \"site\"."),
        Refusal(
            cluster("witnesses: {w: {ssh: w, site: away}}", "failover: {prefer_sites: [away]}"),
            "pgdr.yaml:4:31: no node stands at the site \"away\"", detail: "No node has a \"site\"."),
    ])
    func refusesSites(_ refusal: Refusal) throws { try refusal.check() }
}
