import Replication
import Testing

@testable import Lab
@testable import pgdr

struct TextTests {
    @Test func aTableAlignsWhatIsWiderThanItsTitle() {
        var table = TextTable([("A", .left), ("NUMBER", .right), ("EMPTY", .left), ("LAST", .left)])
        table.append(["├─ ü", "1", "", "x"])
        table.append(["b", "1234567", "", ""])
        expect(
            table.lines(style: Style(hasColours: false)).joined(separator: "\n"),
            is: """
                  A      NUMBER  LAST
                  ├─ ü        1  x
                  b     1234567
                """)
        #expect(TextTable([("A", .left)]).lines(style: Style(hasColours: false)) == [""])
    }

    @Test(arguments: [
        (0.0, "0 %  x", 0), (0.5, "50 %  x", 15), (1.0, "100 %  x", 30), (-1.0, "0 %  x", 0), (7.0, "100 %  x", 30),
        (Double.nan, "0 %  x", 0),
    ]) func progress(share: Double, line: String, filled: Int) {
        #expect(Progress.line(share, "x") == line)
        let bar = String(repeating: "█", count: filled) + String(repeating: "░", count: 30 - filled)
        #expect(Progress.bar(share, "x") == "\(bar) \(line)")
    }

    @Test(arguments: [
        ("2", "2s"), ("0.2", "200ms"), ("500ms", "500ms"), ("10s", "10s"), ("2min", "120s"), ("1h", "3600s"),
    ]) func spansOfTime(argument: String, description: String) {
        #expect(TimeSpan(argument: argument)?.description == description)
    }

    @Test(arguments: ["", "x", "-1", "1 fortnight", "1..5", ".", "1e9", "٣"])
    func noSpansOfTime(argument: String) { #expect(TimeSpan(argument: argument) == nil) }

    @Test(arguments: [(Severity.ok, Int32(0)), (.warning, 1), (.critical, 2), (.unknown, 3)])
    func exitStatusOfChecks(severity: Severity, status: Int32) { #expect(ExitStatus.check(severity) == status) }

    @Test func aStoppedServerOfALabIsNull() throws {
        let row = LabNodeStatus(
            name: "dr", address: "127.0.86.115", port: 20_000, pid: nil, sshPort: 20_001, sshdPID: 7,
            dataDirectory: "/tmp/lab/dr/data")
        #expect(
            try JSON.text(LabDocument(rows: [row]), .oneLine)
                == #"{"nodes":[{"address":"127.0.86.115","container":null,"data_directory":"/tmp/lab/dr/data","name":"dr","#
                + #""pid":null,"port":20000,"ssh_port":20001,"sshd_pid":7}],"schema":1}"#)
        expect(
            LabTable(rows: [row]).text,
            is: """
                  NODE  ADDRESS             SERVER   SSHD               DATA
                  dr    127.0.86.115:20000  stopped  port 20001, pid 7  /tmp/lab/dr/data
                """)
        var contained = row
        contained.container = "c"
        #expect(LabTable(rows: [contained]).text.contains("stopped, container c  "))
    }
}
