import Replication
import Testing

@Suite struct TopologyTests {
    @Test("A standby is recognised by the name its walreceiver bears")
    func healthy() {
        let topology = Cluster.healthy.topology
        #expect(topology.primary == "primary")
        #expect(topology.primaries == ["primary"])
        #expect(topology.links["dr"]?.upstream == "primary")
        #expect(topology.links["dr"]?.matchedBy == .applicationName)
        #expect(topology.links["dr"]?.row?.pid == 200)
        #expect(topology.links["replica"]?.row?.pid == 300)
        #expect(topology.links["primary"] == nil)
    }

    /// Both standbys call themselves the same.
    static func rename(_ cluster: inout Cluster, to name: String) {
        for standby in ["dr", "replica"] {
            cluster.changeRow(of: standby) { $0.applicationName = name }
            cluster.change(standby) { own in
                own.primaryConninfo?.applicationName = nil
                own.settings["cluster_name"] = name == "walreceiver" ? "" : name
            }
        }
    }

    @Test(
        "Field case 34: name, then slot, then address, then the standby's own walreceiver; what several share proves nothing",
        arguments: [
            (Change("PostgreSQL's default name") { rename(&$0, to: "walreceiver") }, Topology.Match.slot),
            (Change("Debian's cluster_name on every node") { rename(&$0, to: "15/main") }, .slot),
            (
                Change("field case 36: no slot") {
                    rename(&$0, to: "walreceiver")
                    $0.change("primary") { $0.slots = [] }
                }, .clientAddress
            ),
            (
                Change("cluster_name and no slot") {
                    rename(&$0, to: "15/main")
                    $0.change("primary") { $0.slots = [] }
                }, .clientAddress
            ),
            (
                Change("no name, no slot, behind one router") {
                    rename(&$0, to: "walreceiver")
                    $0.change("primary") { own in
                        own.slots = []
                        for index in own.standbys.indices { own.standbys[index].clientAddress = "10.0.0.254" }
                    }
                }, .walReceiver
            ),
            (
                Change("rows hidden from the role") {
                    $0.change("primary") { own in
                        own.monitor = false
                        own.slots = []
                        own.standbys = [
                            WALSenderRow(pid: 200, applicationName: nil, state: nil),
                            WALSenderRow(pid: 300, applicationName: nil, state: nil),
                        ]
                    }
                }, .walReceiver
            ),
        ])
    func matches(change: Change, match: Topology.Match) throws {
        let topology = change.cluster.topology
        for (standby, pid) in [("dr", Int32(200)), ("replica", 300)] {
            let link = try #require(topology.links[standby])
            #expect(link.upstream == "primary")
            #expect(link.matchedBy == match)
            #expect(link.row?.pid == (match == .walReceiver ? nil : pid))
        }
    }

    @Test("The configured application_name and that in primary_conninfo both count, before an address")
    func configuredName() {
        var cluster = Cluster.healthy
        cluster.observe("dr") { $0.applicationName = "site_b" }
        cluster.change("dr") { $0.primaryConninfo = nil }
        cluster.changeRow(of: "dr") { $0.applicationName = "site_b" }
        #expect(cluster.topology.links["dr"]?.matchedBy == .applicationName)
        #expect(cluster.report.node("dr")?.matchedBy == .applicationName)
    }

    @Test("A row of one name at another node's address belongs to the name")
    func nameOutweighsAddress() {
        var cluster = Cluster.healthy
        cluster.changeRow(of: "dr") { $0.clientAddress = "10.0.0.3" }
        cluster.change("primary") { own in
            own.standbys.removeAll { $0.applicationName == "replica" }
            own.slots.removeAll { $0.slotName == "replica" }
        }
        #expect(cluster.topology.links["dr"]?.row?.pid == 200)
        #expect(cluster.topology.links["replica"]?.row == nil)
    }

    @Test("Of two rows of one name the newest lives", arguments: [100.0, 9000])
    func newest(secondsAgo: Double) {
        var cluster = Cluster.healthy
        var other = Cluster.row("dr", number: 7)
        other.backendStart = Cluster.ago(secondsAgo)
        cluster.change("primary") { $0.standbys.append(other) }
        #expect(cluster.topology.links["dr"]?.row?.pid == (secondsAgo < 5000 ? 700 : 200))
    }

    static func clients(_ name: String) -> [WALSenderRow] {
        var archiving = Cluster.row(name, number: 2)
        archiving.replayLSN = nil
        var unflushed = archiving
        unflushed.flushLSN = nil
        var catchingUp = archiving
        catchingUp.state = "catchup"
        return [archiving, unflushed, catchingUp, Cluster.row(name, number: 2, state: "backup")]
    }

    @Test(
        "Field case 21: base backups, pg_receivewal and barman are no standbys",
        arguments: clients("dr") + clients("pg_receivewal"))
    func backupStreams(row: WALSenderRow) {
        #expect(row.isBackupStream)
        var cluster = Cluster.healthy
        cluster.disconnect("dr")
        cluster.change("primary") { $0.standbys.append(row) }
        #expect(cluster.topology.links["dr"] == nil)
        #expect(cluster.findings.map(\.code).contains("not_streaming"))
        #expect(cluster.report.node("dr")?.lag?.replay.source == .caughtUp, "its own position still counts")
    }

    @Test("Field case 20: a standby that has not replied yet, or whose row is hidden, is no backup")
    func noReplyYet() {
        #expect(!WALSenderRow(pid: 1, applicationName: "dr", state: "streaming").isBackupStream)
        #expect(!WALSenderRow(pid: 1, applicationName: "dr", state: nil).isBackupStream)
        #expect(!Cluster.row("dr", number: 2).isBackupStream)
    }

    @Test("A logical subscriber at a standby's address is no standby")
    func subscriber() {
        var cluster = Cluster.healthy
        cluster.disconnect("dr")
        cluster.change("primary") { own in
            own.standbys.append(Cluster.row("my_subscription", number: 2))
            var slot = SlotRow(slotName: "my_subscription", slotType: "logical", active: true)
            slot.activePID = 200
            own.slots.append(slot)
        }
        #expect(cluster.topology.links["dr"] == nil)
    }

    @Test("An unknown standby leaves the known ones alone")
    func stranger() {
        var cluster = Cluster.healthy
        cluster.change("primary") { $0.standbys.append(Cluster.row("elsewhere", number: 9)) }
        #expect(cluster.topology.links.count == 2)
        #expect(cluster.findings == [])
    }

    @Test("Field case 22: a standby with standbys of its own is asked as a standby")
    func cascade() throws {
        let cluster = LagTests.cascade.cluster
        #expect(cluster.topology.links["replica"]?.upstream == "dr")
        #expect(cluster.topology.upstreams(of: "replica") == ["dr", "primary"])
        #expect(cluster.report.node("dr")?.role == .standby)
    }

    @Test("The walreceiver's host and port tell servers apart that share an address")
    func ports() {
        var cluster = Cluster.healthy
        for (name, port) in [("primary", 5432), ("dr", 5433), ("replica", 5434)] {
            cluster.observe(name) { $0.addresses = ["127.0.0.1"] }
            cluster.set("port", "\(port)", on: name)
        }
        cluster.change("primary") { $0.standbys = [] }
        cluster.change("dr") { $0.receiver?.senderHost = "127.0.0.1" }
        cluster.change("replica") { own in
            own.receiver?.senderHost = "127.0.0.1"
            own.receiver?.senderPort = 5433
        }
        #expect(cluster.topology.links["dr"]?.upstream == "primary")
        #expect(cluster.topology.links["replica"]?.upstream == "dr")
    }

    @Test(
        "Of several primaries the one that counts",
        arguments: [
            (Change("the higher timeline") { $0.promote("replica", to: 2) }, "replica"),
            (Change("the same timeline: the one with standbys") { $0.promote("replica", to: 1) }, "primary"),
            (
                Change("the same timeline, no standby") {
                    $0.promote("replica", to: 1)
                    $0.disconnect("dr")
                }, nil
            ),
            (
                Change("a foreign one with a higher timeline") {
                    $0.promote("replica", to: 9)
                    $0.change("replica") { $0.systemIdentifier = SystemIdentifier(rawValue: "1") }
                }, "primary"
            ),
        ] as [(Change, String?)])
    func severalPrimaries(change: Change, expected: String?) {
        let topology = change.cluster.topology
        #expect(topology.primaries == ["primary", "replica"])
        #expect(topology.primary == expected)
    }

    @Test("A server that is configured twice is one primary, not two")
    func twin() {
        var cluster = Cluster.healthy
        cluster.observe("replica") {
            $0.answer = .answered(Cluster.primary(), Timing(asked: Cluster.asked, answered: Cluster.answered))
        }
        #expect(cluster.topology.primaries == ["primary"])
        #expect(cluster.topology.primary == "primary")
    }

    @Test("A circle of standbys ends the chain")
    func circle() {
        let cluster = FindingTests.circle.cluster
        #expect(cluster.topology.upstreams(of: "dr") == ["replica"])
        #expect(cluster.topology.upstreams(of: "replica") == ["dr"])
    }
}
