import Configuration
import Testing

/// What a role change may cost.
@Suite struct ObjectivesTests {
    @Test(
        arguments: [
            (nil, Objectives()), ("{}", Objectives()), ("{rto: 30s, rpo: 0}", Objectives(rto: .seconds(30), rpo: 0)),
            ("{rto: 1ms}", Objectives(rto: .milliseconds(1))), ("{rto: 7d}", Objectives(rto: .seconds(604_800))),
            ("{rpo: 1000000000}", Objectives(rpo: 1_000_000_000)),
        ] as [(String?, Objectives)])
    func areRead(text: String?, objectives: Objectives) throws {
        let file = try parsed(text.map { cluster("objectives: \($0)") } ?? cluster())
        #expect(try file.cluster(named: nil).objectives == objectives)
    }

    @Test(arguments: [
        Refusal(
            cluster("objectives: {rto: 0s}"),
            "pgdr.yaml:3:23: \"objectives.rto\" must be between 1ms and 7d"),
        Refusal(
            cluster("objectives: {rpo: 5s}"),
            "pgdr.yaml:3:23: expected a whole number from 0 to 1000000000 for \"objectives.rpo\", found \"5s\""),
        Refusal(
            cluster("objectives: {rt: 5s}"), "pgdr.yaml:3:18: unknown key \"rt\"",
            detail: "Known keys here: \"rto\" and \"rpo\"."),
        Refusal(
            cluster("objectives: 30s"),
            "pgdr.yaml:3:17: expected a mapping of \"rto\" and \"rpo\" for \"objectives\", found \"30s\""),
    ]) func areRefused(refusal: Refusal) throws { try refusal.check() }
}
