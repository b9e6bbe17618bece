import Testing

@testable import Replication
@testable import pgdr

struct CheckOutputTests {
    private let checks = [
        PromotionCheck(
            node: "nas-2", isPrimary: false,
            conditions: [
                .init(code: "eligible", severity: .ok, title: "Meant to be promoted", evidence: "kind dr"),
                .init(
                    code: "replay_runs", severity: .critical, title: "Replay runs",
                    evidence: "paused; \"SELECT pg_wal_replay_resume()\" goes on"),
                .init(code: "logins", severity: .unknown, title: "Logins both ways", evidence: "not proven"),
                .init(code: "may_promote", severity: .warning, title: "The role may call pg_promote", evidence: "no"),
            ]),
        PromotionCheck(node: "nas-1", isPrimary: true, conditions: []),
    ]

    @Test func forPeople() {
        expect(
            CheckTable(style: Style(hasColours: false)).text(checks),
            is: """
                nas-2 must not be promoted now: replay runs: paused; "SELECT pg_wal_replay_resume()" goes on
                  ok       Meant to be promoted: kind dr
                  NO       Replay runs: paused; "SELECT pg_wal_replay_resume()" goes on
                  OPEN     Logins both ways: not proven
                  LOOK AT  The role may call pg_promote: no

                nas-1 is the primary already
                """)
    }

    @Test func coloursFollowSeverity() {
        let text = CheckTable(style: Style(hasColours: true)).text(checks)
        #expect(text.contains("  \u{1B}[1;31mNO\u{1B}[0m       Replay runs: "))
        #expect(text.contains("  \u{1B}[33mOPEN\u{1B}[0m     Logins both ways: "))
        #expect(text.contains("  \u{1B}[32mok\u{1B}[0m       Meant to be promoted: "))
    }

    @Test func forScripts() throws {
        expect(
            try JSON.text(CheckDocument(cluster: "shop", checks: checks)),
            is: #"""
                {
                  "cluster" : "shop",
                  "failover" : null,
                  "nodes" : [
                    {
                      "conditions" : [
                        {
                          "code" : "eligible",
                          "evidence" : "kind dr",
                          "severity" : "ok",
                          "title" : "Meant to be promoted"
                        },
                        {
                          "code" : "replay_runs",
                          "evidence" : "paused; \"SELECT pg_wal_replay_resume()\" goes on",
                          "severity" : "critical",
                          "title" : "Replay runs"
                        },
                        {
                          "code" : "logins",
                          "evidence" : "not proven",
                          "severity" : "unknown",
                          "title" : "Logins both ways"
                        },
                        {
                          "code" : "may_promote",
                          "evidence" : "no",
                          "severity" : "warning",
                          "title" : "The role may call pg_promote"
                        }
                      ],
                      "name" : "nas-2",
                      "primary" : false,
                      "verdict" : {
                        "severity" : "critical",
                        "text" : "nas-2 must not be promoted now: replay runs: paused; \"SELECT pg_wal_replay_resume()\" goes on"
                      }
                    },
                    {
                      "conditions" : [

                      ],
                      "name" : "nas-1",
                      "primary" : true,
                      "verdict" : {
                        "severity" : "ok",
                        "text" : "nas-1 is the primary already"
                      }
                    }
                  ],
                  "schema" : 1
                }
                """#)
    }
}
