// swift-tools-version: 6.2
import PackageDescription

let strict: [SwiftSetting] = [
    .treatAllWarnings(as: .error),
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("InternalImportsByDefault"),
    .enableUpcomingFeature("MemberImportVisibility"),
]

let package = Package(
    name: "pgdr",
    platforms: [.macOS(.v15)],
    products: [
        .executable(name: "pgdr", targets: ["pgdr"]),
        .library(name: "Replication", targets: ["Replication"]),
    ],
    dependencies: [
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
        .package(url: "https://github.com/apple/swift-system", from: "1.8.1"),
        .package(url: "https://github.com/jpsim/Yams", from: "6.2.2"),
        .package(url: "https://github.com/swiftlang/swift-subprocess", from: "1.0.2", traits: []),
    ],
    targets: [
        .systemLibrary(name: "CLibpq", pkgConfig: "libpq", providers: [.apt(["libpq-dev"]), .brew(["libpq"])]),
        .systemLibrary(
            name: "CLibssh2", pkgConfig: "libssh2", providers: [.apt(["libssh2-1-dev"]), .brew(["libssh2"])]),
        .systemLibrary(
            name: "CLibcrypto", pkgConfig: "libcrypto", providers: [.apt(["libssl-dev"]), .brew(["openssl@3"])]),
        .target(name: "Essentials", swiftSettings: strict),
        .target(name: "Postgres", dependencies: ["CLibpq", "Essentials"], swiftSettings: strict),
        .target(
            name: "SSH", dependencies: ["CLibcrypto", "CLibssh2", "Essentials"], swiftSettings: strict),
        .target(name: "Replication", swiftSettings: strict),
        .target(name: "Pages", swiftSettings: strict),
        .target(
            name: "SQLFiles", path: "sql",
            resources: [
                .embedInCode("observe.sql"),
                .embedInCode("monitoring_role.sql"),
                .embedInCode("admin_role.sql"),
                .embedInCode("replication_role.sql"),
                .embedInCode("timeline_history.sql"),
                .embedInCode("validate.sql"),
                .embedInCode("database_collations.sql"),
                .embedInCode("replication_access.sql"),
                .embedInCode("schema.sql"),
                .embedInCode("audit_anchor_write.sql"),
                .embedInCode("audit_anchors.sql"),
                .embedInCode("control_read.sql"),
                .embedInCode("control_pause.sql"),
                .embedInCode("control_unpause.sql"),
                .embedInCode("failover_record.sql"),
                .embedInCode("drill_record.sql"),
                .embedInCode("drill_ages.sql"),
                .embedInCode("arrival.sql"),
                .embedInCode("heartbeat_write.sql"),
                .embedInCode("heartbeat_read.sql"),
                .embedInCode("heartbeat_kept.sql"),
                .embedInCode("heartbeat_sweep.sql"),
            ],
            swiftSettings: strict),
        .target(
            name: "Configuration",
            dependencies: ["Essentials", "Postgres", "Replication", .product(name: "Yams", package: "Yams")],
            swiftSettings: strict),
        .target(
            name: "Observation",
            dependencies: ["Configuration", "Essentials", "Postgres", "Replication", "SQLFiles"],
            swiftSettings: strict),
        .target(
            name: "Audit",
            dependencies: ["CLibcrypto", "Essentials", .product(name: "SystemPackage", package: "swift-system")],
            swiftSettings: strict),
        .target(
            name: "Hosts",
            dependencies: [
                "Configuration", "Essentials", "Postgres", "Replication", "SSH",
                .product(name: "Subprocess", package: "swift-subprocess"),
                .product(name: "SystemPackage", package: "swift-system"),
            ],
            resources: [
                .embedInCode("Scripts/facts.sh"),
                .embedInCode("Scripts/owner_facts.sh"),
                .embedInCode("Scripts/await_stopped.sh"),
                .embedInCode("Scripts/await_running.sh"),
                .embedInCode("Scripts/await_container_stopped.sh"),
                .embedInCode("Scripts/begin_container.sh"),
                .embedInCode("Scripts/end_container.sh"),
                .embedInCode("Scripts/forbid_start.sh"),
                .embedInCode("Scripts/allow_start.sh"),
                .embedInCode("Scripts/certificate.sh"),
            ],
            swiftSettings: strict),
        .target(
            name: "RunbookFiles", path: "Runbooks",
            resources: [
                .embedInCode("complete-failover.yaml"),
                .embedInCode("drill-clone.yaml"),
                .embedInCode("drill-snapshot.yaml"),
                .embedInCode("failover.yaml"),
                .embedInCode("fence.yaml"),
                .embedInCode("promote.yaml"),
                .embedInCode("rebuild.yaml"),
                .embedInCode("rejoin.yaml"),
                .embedInCode("repoint.yaml"),
                .embedInCode("start.yaml"),
                .embedInCode("switchover.yaml"),
                .embedInCode("unfence.yaml"),
            ],
            swiftSettings: strict),
        .target(
            name: "RunbookEngine",
            dependencies: [
                "Audit", "Configuration", "Essentials", "Estate", "Hosts", "Observation", "Postgres", "Replication",
                "RunbookFiles", "SQLFiles", "SSH", .product(name: "Subprocess", package: "swift-subprocess"),
                .product(name: "SystemPackage", package: "swift-system"),
            ],
            resources: [
                .embedInCode("Scripts/check_stopping.sh"),
                .embedInCode("Scripts/drop_aside.sh"),
                .embedInCode("Scripts/drop_later_wal.sh"),
                .embedInCode("Scripts/drop_signals.sh"),
                .embedInCode("Scripts/end_copies.sh"),
                .embedInCode("Scripts/end_stopping.sh"),
                .embedInCode("Scripts/forget_apart.sh"),
                .embedInCode("Scripts/forget_fence.sh"),
                .embedInCode("Scripts/forget_wal.sh"),
                .embedInCode("Scripts/hold_lock.sh"),
                .embedInCode("Scripts/inspect_apart.sh"),
                .embedInCode("Scripts/is_apart.sh"),
                .embedInCode("Scripts/is_aside.sh"),
                .embedInCode("Scripts/is_fenced.sh"),
                .embedInCode("Scripts/is_marked.sh"),
                .embedInCode("Scripts/is_opened.sh"),
                .embedInCode("Scripts/is_rewound.sh"),
                .embedInCode("Scripts/is_standby.sh"),
                .embedInCode("Scripts/keep_own.sh"),
                .embedInCode("Scripts/kill.sh"),
                .embedInCode("Scripts/leave_fence.sh"),
                .embedInCode("Scripts/list_unarchived.sh"),
                .embedInCode("Scripts/look_into_data.sh"),
                .embedInCode("Scripts/make_fresh.sh"),
                .embedInCode("Scripts/mark_standby.sh"),
                .embedInCode("Scripts/note_opening.sh"),
                .embedInCode("Scripts/prepare_fresh.sh"),
                .embedInCode("Scripts/promote_apart.sh"),
                .embedInCode("Scripts/put_own_back.sh"),
                .embedInCode("Scripts/queue_for_archive.sh"),
                .embedInCode("Scripts/read_decision.sh"),
                .embedInCode("Scripts/recover.sh"),
                .embedInCode("Scripts/remove.sh"),
                .embedInCode("Scripts/remove_fence.sh"),
                .embedInCode("Scripts/remove_fresh.sh"),
                .embedInCode("Scripts/rewind.sh"),
                .embedInCode("Scripts/run_apart.sh"),
                .embedInCode("Scripts/save_wal.sh"),
                .embedInCode("Scripts/settle.sh"),
                .embedInCode("Scripts/shutdown_state.sh"),
                .embedInCode("Scripts/start_apart.sh"),
                .embedInCode("Scripts/stop_apart.sh"),
                .embedInCode("Scripts/swap_back.sh"),
                .embedInCode("Scripts/swap_in.sh"),
                .embedInCode("Scripts/unmark_standby.sh"),
                .embedInCode("Scripts/would_be_standby.sh"),
                .embedInCode("Scripts/write_decision.sh"),
            ],
            swiftSettings: strict),
        .target(
            name: "Failover",
            dependencies: [
                "Audit", "Configuration", "Essentials", "Hosts", "Observation", "Postgres", "Replication",
                "RunbookEngine",
                "SQLFiles", "SSH",
            ],
            swiftSettings: strict),
        .target(
            name: "Drills",
            dependencies: [
                "Audit", "Configuration", "Essentials", "Failover", "Observation", "Pages", "Postgres", "Replication",
                "RunbookEngine", "SQLFiles",
            ],
            swiftSettings: strict),
        .target(
            name: "Estate",
            dependencies: [
                "Audit", "Configuration", "Essentials", "Hosts", "Pages", "Postgres", "Replication", "SQLFiles", "SSH",
                .product(name: "Subprocess", package: "swift-subprocess"),
                .product(name: "SystemPackage", package: "swift-system"),
            ],
            resources: [.embedInCode("Example/estate.yaml")],
            swiftSettings: strict),
        .target(
            name: "Lab",
            dependencies: [
                "Essentials", "Postgres", "SQLFiles",
                .product(name: "Subprocess", package: "swift-subprocess"),
                .product(name: "SystemPackage", package: "swift-system"),
            ],
            swiftSettings: strict),
        .executableTarget(
            name: "pgdr",
            dependencies: [
                "Audit", "Configuration", "Drills", "Essentials", "Estate", "Failover", "Hosts", "Observation",
                "Postgres", "Replication", "RunbookEngine", "SSH",
                // It looks into /proc.
                .target(name: "Lab", condition: .when(platforms: [.linux])),
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
            ],
            exclude: ["Startup.order"], swiftSettings: strict,
            linkerSettings: [
                // Less to read and to keep in memory at each start: relative relocations packed, and functions that
                // each status calls side by side (see Tests/Benchmarks/order).
                .unsafeFlags(
                    [
                        "-use-ld=lld", "-Xlinker", "-z", "-Xlinker", "pack-relative-relocs", "-Xlinker",
                        "--symbol-ordering-file=\(Context.packageDirectory)/Sources/pgdr/Startup.order", "-Xlinker",
                        "--no-warn-symbol-ordering",
                    ],
                    .when(platforms: [.linux], configuration: .release))
            ]),
        .testTarget(
            name: "EssentialsTests", dependencies: ["Essentials"], swiftSettings: strict),
        .testTarget(
            name: "PostgresTests", dependencies: ["Essentials", "Postgres"], swiftSettings: strict),
        .testTarget(
            name: "ConfigurationTests",
            dependencies: ["Configuration", "Essentials", "Postgres", "Replication"],
            swiftSettings: strict),
        .testTarget(
            name: "SSHTests", dependencies: ["Essentials", "SSH"], swiftSettings: strict),
        .testTarget(
            name: "AuditTests",
            dependencies: ["Audit", "Essentials", .product(name: "SystemPackage", package: "swift-system")],
            swiftSettings: strict),
        .testTarget(
            name: "HostsTests",
            dependencies: ["Configuration", "Essentials", "Hosts", "Postgres", "Replication", "SSH"],
            swiftSettings: strict),
        .testTarget(
            name: "RunbookEngineTests",
            dependencies: [
                "Audit", "Configuration", "Essentials", "Hosts", "Postgres", "Replication", "RunbookEngine", "pgdr",
            ],
            swiftSettings: strict),
        .testTarget(
            name: "FailoverTests",
            dependencies: ["Audit", "Configuration", "Essentials", "Failover", "Postgres", "Replication"],
            swiftSettings: strict),
        .testTarget(
            name: "DrillsTests",
            dependencies: [
                "Audit", "Configuration", "Drills", "Essentials", "Failover", "Replication", "RunbookEngine",
            ],
            swiftSettings: strict),
        .testTarget(
            name: "EstateTests",
            dependencies: [
                "Audit", "Configuration", "Essentials", "Estate", "Pages", "Postgres", "Replication", "SSH",
                .product(name: "Subprocess", package: "swift-subprocess"),
                .product(name: "SystemPackage", package: "swift-system"),
            ],
            swiftSettings: strict),
        .testTarget(
            name: "RenderingTests",
            dependencies: [
                "Audit", "Configuration", "Drills", "Essentials", "Estate", "Failover", "Hosts", "Lab", "Observation",
                "Postgres",
                "Replication",
                "RunbookEngine", "pgdr",
            ],
            swiftSettings: strict),
        .testTarget(
            name: "CommandLineTests",
            dependencies: [
                "Audit", "Configuration", "Drills", "Essentials", "Estate", "Lab", "Postgres", "RunbookEngine", "pgdr",
                .product(name: "Subprocess", package: "swift-subprocess"),
                .product(name: "SystemPackage", package: "swift-system"),
            ],
            exclude: ["crash.c"], swiftSettings: strict),
        .testTarget(
            name: "IntegrationTests",
            dependencies: [
                "Audit", "Configuration", "Drills", "Essentials", "Estate", "Failover", "Hosts", "Lab", "Observation",
                "Postgres", "Replication", "RunbookEngine", "SQLFiles", "SSH",
                .product(name: "Subprocess", package: "swift-subprocess"),
            ],
            swiftSettings: strict),
        .testTarget(
            name: "LabTests",
            dependencies: ["Essentials", "Lab", .product(name: "Subprocess", package: "swift-subprocess")],
            swiftSettings: strict),
        .testTarget(
            name: "ReplicationTests", dependencies: ["Replication"], path: "Tests/ReplicationTests",
            swiftSettings: strict),
    ],
    swiftLanguageModes: [.v6]
)
