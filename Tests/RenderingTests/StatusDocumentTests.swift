import Replication
import Testing

@testable import pgdr

struct StatusDocumentTests {
    @Test func whatIsUnknownIsNull() throws {
        var report = Scene.primaryLost.report(clock: Scene.lastSeen)
        report.nodes.removeLast()
        expect(
            try JSON.text(StatusDocument([report])),
            is: #"""
                {
                  "at" : "2023-11-14T22:13:20.012Z",
                  "clusters" : [
                    {
                      "findings" : [
                        {
                          "code" : "primary_unreachable",
                          "detail" : "no connection to nas-1, port 5432 within 3 s.",
                          "hint" : "Either packets are dropped, or the server accepts and hangs: try psql from its own host. Promote another node only when it is proven to be stopped.",
                          "message" : "primary \"nas-1\" gives no answer (connect_timeout)",
                          "node" : "nas-1",
                          "severity" : "critical"
                        }
                      ],
                      "name" : "shop",
                      "nodes" : [
                        {
                          "kind" : "primary",
                          "lag" : {
                            "flush" : {
                              "bytes" : null,
                              "seconds" : null,
                              "source" : null,
                              "upstream_bytes" : null
                            },
                            "receive" : {
                              "bytes" : null,
                              "seconds" : null,
                              "source" : null,
                              "upstream_bytes" : null
                            },
                            "replay" : {
                              "bytes" : null,
                              "seconds" : null,
                              "source" : null,
                              "upstream_bytes" : null
                            },
                            "sent" : {
                              "bytes" : null,
                              "seconds" : null,
                              "source" : null,
                              "upstream_bytes" : null
                            },
                            "write" : {
                              "bytes" : null,
                              "seconds" : null,
                              "source" : null,
                              "upstream_bytes" : null
                            }
                          },
                          "lsn" : null,
                          "matched_by" : null,
                          "name" : "nas-1",
                          "rates" : null,
                          "reachable" : false,
                          "role" : null,
                          "sampled_after_primary_ms" : null,
                          "server_version" : null,
                          "silence" : {
                            "detail" : "no connection to nas-1, port 5432 within 3 s",
                            "reason" : "connect_timeout"
                          },
                          "state" : null,
                          "sync_state" : null,
                          "system_identifier" : null,
                          "timeline" : null,
                          "upstream" : null
                        },
                        {
                          "kind" : "dr",
                          "lag" : {
                            "flush" : {
                              "bytes" : null,
                              "seconds" : null,
                              "source" : null,
                              "upstream_bytes" : null
                            },
                            "receive" : {
                              "bytes" : 4096,
                              "seconds" : 4.04501,
                              "source" : "last_known_primary",
                              "upstream_bytes" : null
                            },
                            "replay" : {
                              "bytes" : 4096,
                              "seconds" : 4.04501,
                              "source" : "last_known_primary",
                              "upstream_bytes" : null
                            },
                            "sent" : {
                              "bytes" : null,
                              "seconds" : null,
                              "source" : null,
                              "upstream_bytes" : null
                            },
                            "write" : {
                              "bytes" : null,
                              "seconds" : null,
                              "source" : null,
                              "upstream_bytes" : null
                            }
                          },
                          "lsn" : "1/50000000",
                          "matched_by" : null,
                          "name" : "nas-2",
                          "rates" : null,
                          "reachable" : true,
                          "role" : "standby",
                          "sampled_after_primary_ms" : null,
                          "server_version" : "15.18",
                          "silence" : null,
                          "state" : "not streaming",
                          "sync_state" : null,
                          "system_identifier" : "7298471023847561029",
                          "timeline" : 1,
                          "upstream" : null
                        }
                      ],
                      "primary" : null,
                      "rpo" : {
                        "bytes" : 4096,
                        "node" : "nas-2",
                        "seconds" : 4.04501,
                        "source" : "last_known_primary"
                      },
                      "skew_ms" : 0.6,
                      "verdict" : {
                        "severity" : "critical",
                        "text" : "NO PRIMARY: primary \"nas-1\" gives no answer (connect_timeout); \"nas-2\" has most WAL of the standbys that answered"
                      }
                    }
                  ],
                  "round_ms" : 12.5,
                  "schema" : 1
                }
                """#)
    }

    @Test func aClusterAtWork() throws {
        let report = assess(Scene.pair.delayed(by: 10).snapshot(later: 10), after: Scene.pair.snapshot())
        expect(
            try JSON.text(StatusDocument([report])),
            is: #"""
                {
                  "at" : "2023-11-14T22:13:30.012Z",
                  "clusters" : [
                    {
                      "findings" : [
                        {
                          "code" : "hot_standby_off",
                          "detail" : null,
                          "hint" : "Set hot_standby = on.",
                          "message" : "hot_standby is off on \"nas-2\": as a standby it could not be asked anything",
                          "node" : "nas-2",
                          "severity" : "warning"
                        }
                      ],
                      "name" : "shop",
                      "nodes" : [
                        {
                          "kind" : "primary",
                          "lag" : null,
                          "lsn" : "1/50000000",
                          "matched_by" : null,
                          "name" : "nas-1",
                          "rates" : {
                            "catch_up_seconds" : null,
                            "replay_bytes_per_second" : null,
                            "wal_bytes_per_second" : 0
                          },
                          "reachable" : true,
                          "role" : "primary",
                          "sampled_after_primary_ms" : null,
                          "server_version" : "15.18",
                          "silence" : null,
                          "state" : "in production",
                          "sync_state" : null,
                          "system_identifier" : "7298471023847561029",
                          "timeline" : 1,
                          "upstream" : null
                        },
                        {
                          "kind" : "dr",
                          "lag" : {
                            "flush" : {
                              "bytes" : 0,
                              "seconds" : 0,
                              "source" : "caught_up",
                              "upstream_bytes" : null
                            },
                            "receive" : {
                              "bytes" : 0,
                              "seconds" : 0,
                              "source" : "caught_up",
                              "upstream_bytes" : null
                            },
                            "replay" : {
                              "bytes" : 65536,
                              "seconds" : 0.125,
                              "source" : "pg_stat_replication",
                              "upstream_bytes" : null
                            },
                            "sent" : {
                              "bytes" : 0,
                              "seconds" : 0,
                              "source" : "caught_up",
                              "upstream_bytes" : null
                            },
                            "write" : {
                              "bytes" : 0,
                              "seconds" : 0,
                              "source" : "caught_up",
                              "upstream_bytes" : null
                            }
                          },
                          "lsn" : "1/50000000",
                          "matched_by" : "application_name",
                          "name" : "nas-2",
                          "rates" : {
                            "catch_up_seconds" : null,
                            "replay_bytes_per_second" : 0,
                            "wal_bytes_per_second" : 0
                          },
                          "reachable" : true,
                          "role" : "standby",
                          "sampled_after_primary_ms" : 2.099991,
                          "server_version" : "15.18",
                          "silence" : null,
                          "state" : "streaming",
                          "sync_state" : "async",
                          "system_identifier" : "7298471023847561029",
                          "timeline" : 1,
                          "upstream" : "nas-1"
                        }
                      ],
                      "primary" : "nas-1",
                      "rpo" : {
                        "bytes" : 0,
                        "node" : "nas-2",
                        "seconds" : 0,
                        "source" : "primary_position"
                      },
                      "skew_ms" : 2.1,
                      "verdict" : {
                        "severity" : "warning",
                        "text" : "DR ready: nas-2 is 64.0 kB, 0.1 s behind; losing the primary now would lose 0 B; 1 warning below"
                      }
                    }
                  ],
                  "round_ms" : 12.5,
                  "schema" : 1
                }
                """#)
    }

    @Test func aStreamHasOneDocumentALine() throws {
        expect(
            try JSON.text(StatusDocument([Scene.alone.report()]), .oneLine),
            is: #"""
                {"at":"2023-11-14T22:13:20.012Z","clusters":[{"findings":[],"name":"till","nodes":[{"kind":"primary","lag":null,"lsn":"2A/28","matched_by":null,"name":"till-1","rates":null,"reachable":true,"role":"primary","sampled_after_primary_ms":null,"server_version":"15.18","silence":null,"state":"in production","sync_state":null,"system_identifier":"7298471023847561029","timeline":1,"upstream":null}],"primary":"till-1","rpo":{"bytes":null,"node":null,"seconds":null,"source":null},"skew_ms":0,"verdict":{"severity":"ok","text":"primary \"till-1\" has no standby"}}],"round_ms":12.5,"schema":1}
                """#)
    }

    @Test func noClusterIsADocumentToo() throws {
        #expect(
            try JSON.text(StatusDocument([]), .oneLine)
                == #"{"at":"1970-01-01T00:00:00.000Z","clusters":[],"round_ms":0,"schema":1}"#)
    }

    /// In the indented layout the keys of an object stand at a depth of their own.
    @Test(arguments: Scene.all) func everyKeyIsAlwaysThere(name: String, scene: Scene) throws {
        let report = scene.report()
        let text = try JSON.text(StatusDocument([report]))
        #expect(keys(text, depth: 1) == [["at", "clusters", "round_ms", "schema"]])
        #expect(keys(text, depth: 3) == [["findings", "name", "nodes", "primary", "rpo", "skew_ms", "verdict"]])
        let node = [
            "kind", "lag", "lsn", "matched_by", "name", "rates", "reachable", "role", "sampled_after_primary_ms",
            "server_version", "silence", "state", "sync_state", "system_identifier", "timeline", "upstream",
        ]
        let finding = ["code", "detail", "hint", "message", "node", "severity"]
        let objects = keys(text, depth: 5)
        #expect(objects.filter { $0 == node }.count == report.nodes.count)
        #expect(objects.filter { $0 == finding }.count == report.findings.count)
        #expect(objects.count == report.nodes.count + report.findings.count)
        let stages = keys(text, depth: 7)
        #expect(stages.allSatisfy { $0 == ["bytes", "seconds", "source", "upstream_bytes"] })
        #expect(stages.count == report.nodes.count { $0.role != .primary } * 5)
    }

    /// The keys of each object at a depth, in the order of the text.
    private func keys(_ text: String, depth: Int) -> [[String]] {
        var objects: [[String]] = []
        let indent = String(repeating: "  ", count: depth) + "\""
        var isOpen = false
        for line in text.split(separator: "\n") {
            if line.hasPrefix(indent), line.contains("\" : ") {
                if !isOpen { objects.append([]) }
                isOpen = true
                objects[objects.count - 1].append(String(line.dropFirst(indent.count).prefix { $0 != "\"" }))
            } else if line.prefix(while: { $0 == " " }).count < depth * 2 {
                isOpen = false
            }
        }
        // Objects at this depth that aren't of a list: verdict and rpo, silence and rates.
        let others = [["severity", "text"], ["bytes", "node", "seconds", "source"]]
        return objects.filter { !others.contains($0) }
    }

    @Test func numbersCarryNoArtefactsOfFloatingPoint() {
        #expect(StatusDocument.rounded(0.1 + 0.2) == 0.3)
        #expect(StatusDocument.rounded(Double.nan) == nil)
        #expect(StatusDocument.rounded(Double.infinity, to: 3) == 0)
        #expect(StatusDocument.timestamp(Moment(rawValue: 1_700_000_000.25)) == "2023-11-14T22:13:20.250Z")
    }
}
