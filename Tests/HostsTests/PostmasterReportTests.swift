import Hosts
import SSH
import Testing

struct PostmasterReportTests {
    @Test(
        arguments: [
            ("gone\n", "", .exited(0), .gone), ("ready 4711\n", "", .exited(0), .ready(takesConnections: true)),
            ("standby 4711\n", "", .exited(0), .ready(takesConnections: false)),
            ("running 4711\n", "", .exited(0), .running(status: nil)),
            ("starting 4711\n", "", .exited(0), .running(status: "starting")),
            ("stopping 4711\n", "", .exited(0), .running(status: "stopping")),
            ("unknown there is no /proc\n", "", .exited(0), .unknown("there is no /proc")),
            ("", "", .exited(0), .unknown("no answer")), ("nonsense\n", "", .exited(0), .unknown("no answer")),
            ("gone\n", "a\nb\n", .exited(1), .unknown("b")), ("gone\n", "", .signalled("KILL"), .unknown("no answer")),
        ] as [(String, String, CommandEnd, PostmasterReport)])
    func readsAnswers(output: String, errors: String, end: CommandEnd, report: PostmasterReport) {
        let result = CommandResult(end: end, output: Array(output.utf8), errors: Array(errors.utf8))
        #expect(PostmasterReport(result) == report)
    }
}
