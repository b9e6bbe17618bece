import Configuration
import Estate
import Replication
import Testing

@testable import pgdr

struct EstateOutputTests {
    private static func check(_ results: [EstateResult]) -> CheckedEstate {
        CheckedEstate(
            at: "2026-01-02T03:04:05.678901Z", took: 1.2345678, only: [], estate: EstateConfiguration(),
            results: results)
    }

    private static let check = check([
        EstateResult(
            name: "nas", subject: .server, kind: "ssh", category: "servers", server: "nas", place: "ops@nas",
            finding: .pass("lets us in"), latency: 0.036),
        EstateResult(
            name: "db", subject: .service, kind: "postgres", category: "databases", place: "db:5432",
            finding: .fail("arrives at a standby|x, expected a primary", hint: "Lead its clients there."),
            latency: 0.004),
        EstateResult(
            name: "shop", subject: .service, kind: "https", category: "applications", server: "nas",
            place: "https://shop/",
            finding: .fail("status 200, certificate valid for 3 more days, expected 14", severity: .warning),
            latency: 0.12),
        EstateResult(
            name: "bus", subject: .service, kind: "nats", category: "databases", finding: .skip("declared so")),
        EstateResult(
            name: "ingest", subject: .pipeline, kind: "pipeline", category: "pipelines", server: "nas", target: "db",
            place: "db:5432", finding: .fail("no answer in time")),
    ])

    @Test func forPeople() {
        expect(
            EstateTable(style: Style(hasColours: false)).text(Self.check),
            is: """
                3 of 4 fail, 1 skipped: db, shop, ingest

                  RESULT  CATEGORY      NAME    KIND      SERVER  LATENCY  FOUND
                  PASS    servers       nas     ssh       nas     36.0 ms  lets us in
                  FAIL    databases     db      postgres           4.0 ms  arrives at a standby|x, expected a primary
                  SKIP    databases     bus     nats                       declared so
                  FAIL    applications  shop    https     nas      120 ms  status 200, certificate valid for 3 more days, expected 14
                  FAIL    pipelines     ingest  pipeline  nas              no answer in time

                db: → Lead its clients there.

                  CATEGORY      TOTAL  PASSED  FAILED  SKIPPED   RATE
                  servers           1       1       0        0  100 %
                  databases         2       0       1        1    0 %
                  applications      1       0       1        0    0 %
                  pipelines         1       0       1        0    0 %
                  total             5       1       3        1   25 %
                """)
    }

    /// Colour takes no room.
    @Test func inColour() {
        let plain = EstateTable(style: Style(hasColours: false)).text(Self.check)
        let coloured = EstateTable(style: Style(hasColours: true)).text(Self.check)
        #expect(coloured != plain && coloured.contains("\u{1B}[1;31mFAIL\u{1B}[0m    databases"))
        #expect(coloured.replacing(/\u{1B}\[[0-9;]*m/, with: "") == plain)
    }

    @Test func forMonitors() {
        expect(
            NagiosOutput.text(Self.check),
            is: """
                PGDR CRITICAL - estate: 3 of 4 fail, 1 skipped: db, shop, ingest | 'total'=5;;;0 'passed'=1;;;0 'failed'=3;;;0 'skipped'=1;;;0 'took'=1.235s;;;0 'nas'=0.036s;;;0 'db'=0.004s;;;0 'shop'=0.120s;;;0 'ingest'=U;;;0
                [CRITICAL] db: arrives at a standby/x, expected a primary - Lead its clients there.
                [WARNING] shop: status 200, certificate valid for 3 more days, expected 14
                [CRITICAL] ingest: no answer in time
                """)
    }

    @Test(
        arguments: [
            (EstateFinding.pass(""), "OK"), (.skip(""), "OK"), (.fail("", severity: .warning), "WARNING"),
            (.fail(""), "CRITICAL"), (.fail("", severity: .unknown), "UNKNOWN"),
        ])
    func theWorstComesFirst(finding: EstateFinding, word: String) {
        let result = EstateResult(name: "a", subject: .service, kind: "tcp", category: "c", finding: finding)
        let calm = EstateResult(name: "b", subject: .service, kind: "tcp", category: "c", finding: .pass(""))
        #expect(NagiosOutput.text(Self.check([calm, result])).hasPrefix("PGDR \(word) - estate: "))
    }

    @Test func forScripts() throws {
        expect(
            try JSON.text(EstateDocument(Self.check(Array(Self.check.results.dropFirst(3)))), .oneLine),
            is: #"{"at":"2026-01-02T03:04:05.678901Z","categories":[{"failed":0,"name":"databases","passed":0,"#
                + #""rate":null,"skipped":1,"total":1},{"failed":1,"name":"pipelines","passed":0,"rate":0,"skipped":0,"#
                + #""total":1}],"checks":[{"address":null,"category":"databases","hint":null,"kind":"nats","#
                + #""latency_ms":null,"name":"bus","reason":"declared so","result":"skip","server":null,"#
                + #""severity":"ok","subject":"service","target":null},{"address":"db:5432","category":"pipelines","#
                + #""hint":null,"kind":"pipeline","latency_ms":null,"name":"ingest","reason":"no answer in time","#
                + #""result":"fail","server":"nas","severity":"critical","subject":"pipeline","target":"db"}],"only":[],"#
                + #""schema":1,"severity":"critical","took_ms":1234.568,"total":{"failed":1,"passed":0,"rate":0,"#
                + #""skipped":1,"total":2}}"#)
    }
}
