import Replication

extension FindingTests {
    /// The node that was primary came back as a standby of dr's, and nobody is primary.
    private static let demoted = Change("all in recovery") {
        $0.observe("primary") { node in
            var own = Cluster.standby("primary", number: 1)
            own.receiver = nil
            node.answer = .answered(own, Timing(asked: Cluster.asked, answered: Cluster.answered))
        }
    }

    private static let twin = Change("replica's connection leads to dr") {
        $0.observe("replica") {
            $0.answer = .answered(
                Cluster.standby("dr", number: 2), Timing(asked: Cluster.asked, answered: Cluster.answered))
        }
    }

    private static let primaryTwice = Change("replica's connection leads to the primary") {
        $0.observe("replica") {
            $0.answer = .answered(Cluster.primary(), Timing(asked: Cluster.asked, answered: Cluster.answered))
        }
    }

    private static func receivers(_ names: String...) -> [Receiver] {
        names.map { Receiver(standby: $0, silentFor: nil) }
    }

    static let membership: [FindingRow] =
        [
            FindingRow(
                "primary_unreachable", .critical, "primary",
                .primaryUnreachable(silence(), stillStreaming: receivers("dr", "replica")), silent("primary"),
                butNot: silent("dr")),
            FindingRow(
                "primary_unreachable", .critical, "primary",
                .primaryUnreachable(
                    silence(),
                    stillStreaming: [
                        Receiver(standby: "dr", silentFor: 2), Receiver(standby: "replica", silentFor: 0),
                    ]),
                Change("the last messages are 2 s old, and newer than the standby's time") {
                    $0.silence("primary")
                    $0.change("dr") { $0.receiver?.lastMessageReceiptTime = $0.now + -2 }
                    $0.change("replica") { $0.receiver?.lastMessageReceiptTime = $0.now + 1 }
                }, butNot: silent("dr")),
            FindingRow(
                "primary_unreachable", .critical, "primary", .primaryUnreachable(silence(), stillStreaming: []),
                Change("nobody receives from it") {
                    $0.silence("primary")
                    for name in ["dr", "replica"] { $0.change(name) { $0.receiver = nil } }
                }, butNot: demoted),
            FindingRow(
                "primary_unreachable", .critical, "primary",
                .primaryUnreachable(
                    silence("too_many_clients", postmasterAlive: true), stillStreaming: receivers("dr")),
                Change("a cascade at its address, but from another port") {
                    $0.silence("primary", "too_many_clients", postmasterAlive: true)
                    for name in ["primary", "dr", "replica"] { $0.observe(name) { $0.addresses = ["127.0.0.1"] } }
                    $0.set("port", "5433", on: "dr")
                    $0.set("port", "5434", on: "replica")
                    $0.change("dr") { $0.receiver?.senderHost = "127.0.0.1" }
                    $0.change("replica") { own in
                        own.receiver?.senderHost = "127.0.0.1"
                        own.receiver?.senderPort = 5433
                    }
                },
                butNot: Change("another node took over") {
                    $0.silence("primary")
                    $0.promote("dr", to: 2)
                }),
            FindingRow("no_primary", .critical, nil, .noPrimary(silent: []), demoted, butNot: silent("primary")),
            FindingRow(
                "no_primary", .critical, nil, .noPrimary(silent: ["dr"]),
                Change("all that answer are in recovery") {
                    demoted.apply(&$0)
                    $0.silence("dr")
                }, butNot: healthy),
            FindingRow(
                "two_primaries", .critical, nil, .twoPrimaries(["primary", "dr"]),
                Change("dr was promoted, to another timeline") { $0.promote("dr", to: 2) }, butNot: primaryTwice),
            FindingRow(
                "two_primaries", .critical, nil, .twoPrimaries(["primary", "dr"]),
                Change("dr takes writes on the same timeline") { $0.promote("dr", to: 1) },
                butNot: Change("the old primary is gone") {
                    $0.promote("dr", to: 2)
                    $0.silence("primary")
                }),
            FindingRow(
                "node_unreachable", .critical, "dr", .nodeUnreachable(silence()), silent("dr"),
                butNot: silent("primary")),
            FindingRow(
                "node_unreachable", .warning, "replica", .nodeUnreachable(silence()),
                Change("a server for backups only") {
                    $0.observe("replica") { $0.kind = .backup }
                    $0.silence("replica")
                }, butNot: healthy),
            FindingRow(
                "node_unreachable", .critical, "primary", .nodeUnreachable(silence("refused")),
                Change("the old primary, after another took over") {
                    $0.silence("primary", "refused")
                    $0.promote("dr", to: 2)
                }, butNot: silent("primary")),
            FindingRow(
                "role_differs_from_kind", .ok, "dr", .roleDiffersFromKind,
                Change("dr took over") {
                    $0.silence("primary")
                    $0.promote("dr", to: 2)
                }, butNot: healthy),
            FindingRow(
                "same_server", .critical, "replica", .sameServer(other: "dr"), twin,
                butNot: Change("only the start time is the same") {
                    $0.change("replica") { own in
                        own.postmasterStart = Cluster.standby("dr", number: 2).postmasterStart
                        own.systemIdentifier = SystemIdentifier(rawValue: "1")
                    }
                }),
            FindingRow(
                "same_server", .critical, "replica", .sameServer(other: "primary"), primaryTwice,
                butNot: Change("hidden identifiers prove nothing") {
                    primaryTwice.apply(&$0)
                    for name in ["primary", "replica"] { $0.change(name) { $0.systemIdentifier = nil } }
                }),
            FindingRow(
                "version_mismatch", .ok, "dr", .versionMismatch(own: "15.17", primarys: "15.18"),
                Change("another minor version") { $0.change("dr") { version(&$0, 150_017) } }, butNot: healthy),
            FindingRow(
                "version_mismatch", .critical, "dr", .versionMismatch(own: "16.2", primarys: "15.18"),
                Change("another major version") { $0.change("dr") { version(&$0, 160_002) } },
                butNot: Change("no primary to compare with") {
                    $0.change("dr") { version(&$0, 160_002) }
                    $0.silence("primary")
                }),
        ] + systems

    private static let systems: [FindingRow] =
        SystemIdentifier(rawValue: "42").flatMap { own in
            Cluster.system.map { primarys in
                FindingRow(
                    "system_identifier_differs", .critical, "dr",
                    .systemIdentifierDiffers(own: own, primarys: primarys),
                    Change("another cluster") { $0.change("dr") { $0.systemIdentifier = own } },
                    butNot: Change("hidden from the role") { $0.change("dr") { $0.systemIdentifier = nil } })
            }
        }.map { [$0] } ?? []

    private static func version(_ own: inout NodeSnapshot, _ number: Int) {
        own.serverVersionNum = number
        own.serverVersion = "\(number / 10_000).\(number % 10_000)"
    }
}
